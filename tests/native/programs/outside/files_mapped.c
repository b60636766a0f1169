/* Mappings of files: a private one is a copy, a shared one belongs to the file. Must exit with 0, and leave "shared" (8192 bytes). */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

int main(void)
{
    char text[16] = "";
    int file = open("shared", O_RDWR | O_CREAT, 0600), readable;
    char *shared, *copy;
    assert(write(file, "before", 6) == 6 && ftruncate(file, 2 * PAGE) == 0);
    shared = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    copy = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    assert(shared != MAP_FAILED && copy != MAP_FAILED && memcmp(shared, "before", 7) == 0 && memcmp(copy, "before", 7) == 0);
    strcpy(copy, "own");
    strcpy(shared + PAGE, "second page");
    assert(pread(file, text, 6, 0) == 6 && memcmp(text, "before", 6) == 0);
    assert(pread(file, text, 11, PAGE) == 11 && memcmp(text, "second page", 11) == 0);
    strcpy(shared, "after");
    assert(munmap(shared, 2 * PAGE) == 0);
    assert(pread(file, text, 6, 0) == 6 && memcmp(text, "after", 6) == 0);
    readable = open("shared", O_RDONLY);
    errno = 0;
    assert(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, readable, 0) == MAP_FAILED && errno == EACCES);
    assert(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, readable, 0) != MAP_FAILED);
    return 0;
}
