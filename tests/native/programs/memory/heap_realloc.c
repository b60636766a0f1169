/* realloc grows in place where it can, and else leaves the old copy behind; large blocks move with their pages. Must exit
 * with 0. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LARGE = 200000 };

static int is_mapped(const void *address)
{
    return madvise((void *)((uintptr_t)address & ~(uintptr_t)4095), 4096, MADV_NORMAL) == 0;
}

/* Of what is free, which is an error elsewhere. */
__attribute__((noinline, no_sanitize("thread"))) static char left(const char *address) { return *(const volatile char *)address; }

int main(void)
{
    char *a = malloc(20), *b, *old;
    assert(realloc(a, 24) == a);
    b = malloc(100);
    memset(b, 'b', 100);
    assert(realloc(b, 500) == b);               /* nothing lies behind it */
    memset(b, 'b', 500);
    malloc(16);                                 /* now something does */
    old = b;
    b = realloc(b, 2000);
    assert(b != old && b[0] == 'b' && b[499] == 'b');
    assert(left(old + 15) != 'b' && left(old + 16) == 'b' && left(old + 499) == 'b'); /* the copy stays, but for its links */
    assert(malloc(500) == old);
    assert(realloc(b, 0) == NULL);

    a = malloc(LARGE);                          /* a mapping of its own */
    memset(a, 'a', LARGE);
    malloc(LARGE);
    old = a;
    a = realloc(a, 3 * LARGE);
    assert(a != old && a[0] == 'a' && a[LARGE - 1] == 'a' && a[LARGE] == 0);
    assert(!is_mapped(old) && is_mapped(a));    /* nothing is left */
    free(a);
    assert(!is_mapped(a));
    b = malloc(LARGE);                          /* glibc learns from the first free, and takes the heap from now on */
    assert((uintptr_t)b < (uintptr_t)old);
    memset(b, 'b', LARGE);
    free(b);
    assert(is_mapped(b) && left(b + 16) == 'b' && left(b + LARGE - 1) == 'b');
    return 0;
}
