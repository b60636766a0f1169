/* Freed blocks: the last one of a size is given out again, with what it held behind its first 16 bytes. Must exit with 0. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int holds(const unsigned char *at, int value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (at[i] != value)
            return 0;
    return 1;
}

int main(void)
{
    unsigned char *a = malloc(40), *b = malloc(40), *c;
    void *aligned = NULL;
    assert(a != NULL && b != NULL && (uintptr_t)a % 16 == 0 && b - a == 48);
    assert(holds(a, 0, 40));
    assert(malloc_usable_size(a) == 40 && malloc_usable_size(malloc(1)) == 24 && malloc_usable_size(malloc(25)) == 40);
    assert(malloc(0) != NULL && malloc_usable_size(NULL) == 0);

    memset(a, 'a', 40);
    memset(b, 'b', 40);
    free(a);
    free(b);
    assert(!holds(b, 'b', 8) && !holds(b + 8, 'b', 8) && holds(b + 16, 'b', 24));
    assert((void *)malloc(60) != (void *)b);      /* another size */
    c = malloc(33);                               /* the same size */
    assert(c == b && holds(c + 16, 'b', 24) && holds(c + 8, 0, 8));
    assert(malloc(40) == a);
    c = malloc(40);
    assert(c != a && c != b && holds(c, 0, 40));

    free(a);
    a = calloc(4, 10);
    assert(holds(a, 0, 40));
    errno = 0;
    assert(calloc(SIZE_MAX / 2, 3) == NULL && errno == ENOMEM);
    errno = 0;
    assert(malloc(SIZE_MAX - 100) == NULL && errno == ENOMEM);

    assert((uintptr_t)aligned_alloc(256, 100) % 256 == 0);
    errno = 0;
    assert(aligned_alloc(48, 96) == NULL && errno == EINVAL);
    assert(posix_memalign(&aligned, 4096, 5000) == 0 && (uintptr_t)aligned % 4096 == 0);
    assert(posix_memalign(&aligned, 4, 5000) == EINVAL && posix_memalign(&aligned, 24, 10) == EINVAL);
    assert((uintptr_t)memalign(64, 10) % 64 == 0 && (uintptr_t)valloc(10) % 4096 == 0);
    free(aligned);
    free(NULL);

    a = (unsigned char *)strdup("a key");
    assert(strcmp((char *)a, "a key") == 0);
    assert(strcmp(strndup("a key", 3), "a k") == 0);
    assert(reallocarray(NULL, SIZE_MAX / 2, 4) == NULL);
    assert(reallocarray(a, 2, 10) != NULL);
    return 0;
}
