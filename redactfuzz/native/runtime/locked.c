#define _GNU_SOURCE
#include "locked.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "memory.h"
#include "objects.h"
#include "point.h"

static uint8_t others; /* mlockall: all that is no mapping, as the heap and the stacks */
static uint8_t later;  /* and mappings to come */

void rfn_locks_reset(void)
{
    others = 0;
    later = 0;
}

int rfn_is_locked(const void *page)
{
    uint8_t flags = rfn_page(page);
    return (flags & (RFN_LOCKED | RFN_SECRET)) != 0 || (others && (uintptr_t)page - RFN_MAPPINGS >= RFN_MAPPINGS_SIZE);
}

void rfn_lock_new(void *start, size_t size, int asked)
{
    if (asked || later) {
        rfn_pages(start, size, RFN_LOCKED, 0);
    }
}

static void unlock_all(void)
{
    const uint8_t *page;
    for (size_t i = 0; (page = rfn_page_changed(i)) != NULL; i++) {
        if (rfn_page(page) & RFN_LOCKED) {
            rfn_pages(page, RFN_PAGE, 0, RFN_LOCKED);
        }
    }
    rfn_locks_reset();
}

void rfn_locks_not_inherited(void) { unlock_all(); }

static int fails(int error)
{
    errno = error;
    return -1;
}

static int locked(const void *start, size_t size, int lock, uintptr_t site)
{
    uintptr_t page = (uintptr_t)start & ~(uintptr_t)(RFN_PAGE - 1), end = (uintptr_t)start + size;
    rfn_at(RF_RMW, RFN_OBJECT(RFN_ADDRESSES), site);
    for (uintptr_t at = page; at < end; at += RFN_PAGE) {
        if (!(rfn_page((const void *)at) & RFN_MAPPED)) {
            return fails(ENOMEM);
        }
    }
    rfn_pages((const void *)page, end - page, lock ? RFN_LOCKED : 0, lock ? 0 : RFN_LOCKED);
    return 0;
}

int model_mlock(const void *start, size_t size) { return locked(start, size, 1, SITE()); }
int model_munlock(const void *start, size_t size) { return locked(start, size, 0, SITE()); }

int model_mlock2(const void *start, size_t size, unsigned flags)
{
    return flags > 1 ? fails(EINVAL) : locked(start, size, 1, SITE());
}

int model_mlockall(int flags)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_ADDRESSES), SITE());
    if (flags == 0 || flags > (MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT) {
        return fails(EINVAL);
    }
    if (flags & MCL_CURRENT) {
        others = 1;
        for (uintptr_t at = RFN_FIRST_MAPPING; at < rfn_mappings_end; at += RFN_PAGE) {
            if (rfn_page((const void *)at) & RFN_MAPPED) {
                rfn_pages((const void *)at, RFN_PAGE, RFN_LOCKED, 0);
            }
        }
    }
    later = (flags & MCL_FUTURE) != 0;
    return 0;
}

int model_munlockall(void)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_ADDRESSES), SITE());
    unlock_all();
    return 0;
}
