#include "memory/alternate.h"

#include "memory/memory.h"

static int can_be_written(uintptr_t at)
{
    return (rfn_page((const void *)at) & (RFN_MAPPED | RFN_PROTECTED)) == RFN_MAPPED;
}

int rfn_can_be_written(uintptr_t start, size_t size)
{
    for (uintptr_t at = start & ~(uintptr_t)(RFN_PAGE - 1); at < start + size; at += RFN_PAGE) {
        if (rfn_is_program((const void *)at) && !can_be_written(at)) {
            return 0;
        }
    }
    return 1;
}

/* Below the lowest word that is not zero there is nothing to see, and nothing to put back. */
void rfn_alternate_left(const rfn_fiber *fiber)
{
    uintptr_t at = ((uintptr_t)fiber->alternate.ss_sp + 7) & ~(uintptr_t)7;
    uintptr_t end = (uintptr_t)fiber->alternate.ss_sp + fiber->alternate.ss_size;
    if (!fiber->alternate_used) {
        return;
    }
    for (uintptr_t page = at; page < end; page = (page | (RFN_PAGE - 1)) + 1) {
        uintptr_t next = (page | (RFN_PAGE - 1)) + 1;
        if (!can_be_written(page)) {
            continue;
        }
        for (at = page; at < next && at < end; at += sizeof(uint64_t)) {
            if (*(const uint64_t *)at != 0) {
                rfn_marked(at, end - at);
                return;
            }
        }
    }
}

void rfn_alternates_left(void)
{
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        if (rfn_fibers[i].life != RFN_UNUSED) {
            rfn_alternate_left(&rfn_fibers[i]);
        }
    }
}
