/* mmap, munmap, mremap, mprotect, madvise and mlock answer as the kernel does. Must exit with 0. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

#define FAILS(call, error)                                                                                           \
    do {                                                                                                             \
        errno = 0;                                                                                                   \
        assert((intptr_t)(call) == -1);                                                                              \
        assert(errno == (error));                                                                                    \
    } while (0)

static char *map(size_t size)
{
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert(memory != MAP_FAILED);
    return memory;
}

int main(void)
{
    char *a = map(3 * PAGE), *b, *c;
    for (int i = 0; i < 3 * PAGE; i++)
        assert(a[i] == 0);
    assert(((uintptr_t)a & (PAGE - 1)) == 0);
    FAILS(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EINVAL);
    FAILS(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
    FAILS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0), EBADF);
    FAILS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 7), EINVAL);

    assert(madvise(a, 3 * PAGE, MADV_DONTDUMP) == 0 && madvise(a, PAGE, MADV_DODUMP) == 0);
    assert(madvise(a, 100, MADV_WIPEONFORK) == 0 && madvise(a, 100, MADV_KEEPONFORK) == 0);
    assert(madvise(a, PAGE, MADV_DONTFORK) == 0 && madvise(a, PAGE, MADV_DOFORK) == 0);
    FAILS(madvise(a, PAGE, 12345), EINVAL);
    FAILS(madvise(a, PAGE, MADV_DONTDUMP | MADV_DONTFORK), EINVAL); /* 26: no advice at all */
    FAILS(madvise(a + 1, PAGE, MADV_DONTDUMP), EINVAL);
    FAILS(madvise((void *)0x10000, PAGE, MADV_DONTDUMP), ENOMEM);
    b = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    FAILS(madvise(b, PAGE, MADV_WIPEONFORK), EINVAL);

    a[0] = 'a';
    a[PAGE] = 'b';
    assert(madvise(a, PAGE, MADV_DONTNEED) == 0 && a[0] == 0 && a[PAGE] == 'b');
    assert(madvise(a + PAGE, PAGE, MADV_FREE) == 0 && a[PAGE] == 'b');

    assert(mlock(a, 3 * PAGE) == 0 && munlock(a + 5, 10) == 0 && mlockall(MCL_CURRENT) == 0 && munlockall() == 0);
    FAILS(mlockall(0), EINVAL);

    assert(munmap(a + PAGE, PAGE) == 0); /* a hole */
    FAILS(madvise(a, 3 * PAGE, MADV_DONTDUMP), ENOMEM);
    FAILS(mlock(a, 3 * PAGE), ENOMEM);
    FAILS(mprotect(a, 3 * PAGE, PROT_READ), ENOMEM);
    FAILS(munmap(a + 1, PAGE), EINVAL);
    FAILS(munmap(a, 0), EINVAL);
    assert(munmap(a, 3 * PAGE) == 0 && munmap(a, 3 * PAGE) == 0);
    c = map(PAGE); /* given out again, and zero */
    assert(c[0] == 0 && (c == a || c == a + PAGE || c == a + 2 * PAGE));
    assert(map(PAGE) != c);

    a = map(2 * PAGE);
    map(7 * PAGE);
    strcpy(a + PAGE, "moved");
    FAILS(mremap(a, 2 * PAGE, 5 * PAGE, 0), ENOMEM);
    b = mremap(a, 2 * PAGE, 5 * PAGE, MREMAP_MAYMOVE);
    assert(b != a && strcmp(b + PAGE, "moved") == 0 && b[4 * PAGE] == 0);
    FAILS(madvise(a, PAGE, MADV_NORMAL), ENOMEM);
    assert(mremap(b, 5 * PAGE, PAGE, 0) == b);
    FAILS(madvise(b + PAGE, PAGE, MADV_NORMAL), ENOMEM);

    assert(mprotect(b, PAGE, PROT_READ) == 0 && b[0] == 0);
    assert(mprotect(b, PAGE, PROT_READ | PROT_WRITE) == 0);
    b[0] = 1;
    assert(mmap(b, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == b && b[0] == 0);
    return 0;
}
