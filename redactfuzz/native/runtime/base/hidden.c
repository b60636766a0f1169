#include "base/hidden.h"

#include <string.h>
#include <sys/mman.h>

#include "base/addresses.h"
#include "base/os.h"

static void *mapped(void *at, size_t size, int rights, int flags)
{
    void *memory = mmap(at, size, rights, flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        rfn_internal("cannot reserve %zu bytes of memory", size);
    }
    return memory;
}

void *rfn_guarded(size_t size)
{
    size_t pages = (size + RFN_PAGE - 1) & ~(size_t)(RFN_PAGE - 1);
    return (uint8_t *)mapped(NULL, pages + 2 * (size_t)RFN_PAGE, PROT_NONE, MAP_PRIVATE) + RFN_PAGE;
}

static void *reserve(void *at, size_t size, int flags)
{
    void *memory = mapped(at, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED);
    madvise(memory, size, MADV_DONTDUMP);
    madvise(memory, size, MADV_NOHUGEPAGE);
    return memory;
}

void *rfn_hidden(size_t size) { return reserve(rfn_guarded(size), size, MAP_PRIVATE); }

void *rfn_hidden_shared(size_t size) { return reserve(rfn_guarded(size), size, MAP_SHARED); }

void rfn_hidden_apart(void *shared, size_t size)
{
    size_t pages = (size + RFN_PAGE - 1) & ~(size_t)(RFN_PAGE - 1);
    void *copy = mapped(NULL, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memcpy(copy, shared, size);
    reserve(shared, pages, MAP_PRIVATE);
    memcpy(shared, copy, size);
    munmap(copy, pages);
}
