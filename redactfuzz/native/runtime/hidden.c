#include "hidden.h"

#include <sys/mman.h>

#include "run.h"

void *rfn_hidden(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        rfn_internal("cannot reserve %zu bytes of memory", size);
    }
    madvise(memory, size, MADV_DONTDUMP);
    madvise(memory, size, MADV_NOHUGEPAGE);
    return memory;
}
