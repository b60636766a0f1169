/* Large memory that nobody touches, and flags that change again and again: neither costs an execution anything that lasts. Must
 * exit with 0. */
#define _GNU_SOURCE
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

int main(void)
{
    size_t size = (size_t)1 << 30;
    char *large = malloc(size), *first = large;
    assert(large != NULL && large[0] == 0 && large[size - 1] == 0);
    large[size / 2] = 'x';
    free(large);
    large = mmap(NULL, size + 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert(large != MAP_FAILED && large <= first && large[size / 2] == 0 && large[size / 2 + 4096] == 0);
    for (int i = 0; i < 100; i++) {
        assert(madvise(large, size, MADV_DONTDUMP) == 0);
        assert(madvise(large, size, MADV_DODUMP) == 0);
    }
    assert(munmap(large, size) == 0);
    return 0;
}
