#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "memory/memory.h"
#include "processor/machine.h"
#include "state/run.h"

void rfn_write_code(void *at, const void *bytes, size_t size)
{
    uintptr_t page = (uintptr_t)at & ~(uintptr_t)(RFN_PAGE - 1);
    size_t whole = ((uintptr_t)at + size - page + RFN_PAGE - 1) & ~(size_t)(RFN_PAGE - 1);
    if (mprotect((void *)page, whole, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
        rfn_internal("the program's code cannot be changed: %s", strerror(errno));
    }
    memcpy(at, bytes, size);
    __builtin___clear_cache((char *)at, (char *)at + size);
    mprotect((void *)page, whole, PROT_READ | PROT_EXEC);
}
