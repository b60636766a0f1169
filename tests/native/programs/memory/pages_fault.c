/* The program touches what it must not: a real fault, whatever the argument. */
#include <string.h>
#include <sys/mman.h>

int main(int count, char **values)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[0] = 1;
    if (count > 1 && strcmp(values[1], "unmapped") == 0)
        munmap(page, 4096);
    if (count > 1 && strcmp(values[1], "unreadable") == 0)
        mprotect(page, 4096, PROT_NONE);
    if (count > 1 && strcmp(values[1], "read-only") == 0) {
        mprotect(page, 4096, PROT_READ);
        if (page[0] != 1)
            return 1;
    }
    page[4096] = 1;
    page[1] = 1;
    return 0;
}
