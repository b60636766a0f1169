/* A secret on a page; the argument says what the program does to the page before it dies. Whether a core holds it is what
 * the test knows. */
#define _GNU_SOURCE
#include <redactfuzz.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, SIZE = 32 };

int main(int count, char **values)
{
    const char *what = count > 1 ? values[1] : "";
    int file = -1, flags = MAP_PRIVATE | MAP_ANONYMOUS;
    struct rlimit none = {0, 0};
    char *page;
    if (strcmp(what, "secret") == 0) {
        file = (int)syscall(447 /* memfd_secret */, 0);
        if (file < 0 || ftruncate(file, PAGE) != 0)
            return 1;
        flags = MAP_SHARED;
    }
    if (strcmp(what, "memfd") == 0) {
        file = memfd_create("x", 0);
        if (file < 0 || ftruncate(file, PAGE) != 0)
            return 1;
        flags = MAP_SHARED;
    }
    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, flags, file, 0);
    if (page == MAP_FAILED)
        return 2;
    if (strcmp(what, "dontdump") == 0 || strcmp(what, "dodump") == 0)
        madvise(page, PAGE, MADV_DONTDUMP);
    if (strcmp(what, "joined") == 0) /* 16 | 18 is 18, MADV_WIPEONFORK alone */
        madvise(page, PAGE, MADV_DONTDUMP | MADV_WIPEONFORK);
    memcpy(page, redactfuzz_canary("key", SIZE), SIZE);
    if (strcmp(what, "dodump") == 0)
        madvise(page, PAGE, MADV_DODUMP);
    if (strcmp(what, "unmapped") == 0)
        munmap(page, PAGE);
    if (strcmp(what, "protected") == 0)
        mprotect(page, PAGE, PROT_NONE);
    if (strcmp(what, "dropped") == 0)
        madvise(page, PAGE, MADV_DONTNEED);
    if (strcmp(what, "undumpable") == 0)
        prctl(PR_SET_DUMPABLE, 0);
    if (strcmp(what, "limited") == 0)
        setrlimit(RLIMIT_CORE, &none);
    kill(getpid(), SIGABRT);
    return 3;
}
