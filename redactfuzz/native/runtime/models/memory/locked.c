#define _GNU_SOURCE
#include "models/memory/locked.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/parts.h"
#include "mappings/areas.h"
#include "memory/memory.h"
#include "schedule/point.h"
#include "state/objects.h"

static RFN_STATE uint8_t others; /* mlockall: all that is no mapping, as the heap and the stacks */
static RFN_STATE uint8_t later;  /* and mappings to come */
static RFN_STATE uint8_t waits;  /* these, once they are touched: MCL_ONFAULT */

static void reset(void)
{
    others = 0;
    later = 0;
    waits = 0;
}

int rfn_is_locked(const void *page)
{
    uint16_t flags = rfn_page(page);
    return (flags & (RFN_LOCKED | RFN_SECRET)) != 0 || (others && (uintptr_t)page - RFN_MAPPINGS >= RFN_MAPPINGS_SIZE);
}

static void lock(uintptr_t start, size_t size, int touches)
{
    rfn_areas_divide(start, size);
    rfn_pages((const void *)start, size, RFN_LOCKED, 0);
    if (touches) {
        rfn_areas_populated(start, size);
    }
    rfn_areas_join(start, size);
}

void rfn_lock_new(void *start, size_t size, int asked)
{
    if (asked || later) {
        lock((uintptr_t)start, size, asked || !waits);
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
    rfn_areas_join(RFN_MAPPINGS, RFN_MAPPINGS_SIZE);
    reset();
}

void rfn_locks_not_inherited(void) { unlock_all(); }

static int fails(int error)
{
    errno = error;
    return -1;
}

/* 0: some of it is not there. */
static int is_there(uintptr_t page, uintptr_t end)
{
    for (uintptr_t at = page; at < end; at += RFN_PAGE) {
        if (!(rfn_page((const void *)at) & RFN_MAPPED)) {
            return 0;
        }
    }
    return 1;
}

static uintptr_t first_page(const void *start) { return (uintptr_t)start & ~(uintptr_t)(RFN_PAGE - 1); }

/* Of the last page it may be a part. */
static size_t pages_of(const void *start, size_t size)
{
    return ((uintptr_t)start + size - first_page(start) + RFN_PAGE - 1) & ~(size_t)(RFN_PAGE - 1);
}

static int locked(const void *start, size_t size, int touches, uintptr_t site)
{
    uintptr_t page = first_page(start);
    rfn_at(RF_RMW, RFN_OBJECT(RFN_ADDRESSES), site);
    if (!is_there(page, page + pages_of(start, size))) {
        return fails(ENOMEM);
    }
    lock(page, pages_of(start, size), touches);
    return 0;
}

int model_mlock(const void *start, size_t size) { return locked(start, size, 1, SITE()); }

int model_munlock(const void *start, size_t size)
{
    uintptr_t page = first_page(start);
    rfn_at(RF_RMW, RFN_OBJECT(RFN_ADDRESSES), SITE());
    if (!is_there(page, page + pages_of(start, size))) {
        return fails(ENOMEM);
    }
    rfn_areas_divide(page, pages_of(start, size));
    rfn_pages((const void *)page, pages_of(start, size), 0, RFN_LOCKED);
    rfn_areas_join(page, pages_of(start, size));
    return 0;
}

int model_mlock2(const void *start, size_t size, unsigned flags)
{
    return flags > MLOCK_ONFAULT ? fails(EINVAL) : locked(start, size, !flags, SITE());
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
        if (!(flags & MCL_ONFAULT)) {
            rfn_areas_populated(RFN_MAPPINGS, RFN_MAPPINGS_SIZE);
        }
        rfn_areas_join(RFN_MAPPINGS, RFN_MAPPINGS_SIZE);
    }
    later = (flags & MCL_FUTURE) != 0;
    waits = (flags & MCL_ONFAULT) != 0;
    return 0;
}

int model_munlockall(void)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_ADDRESSES), SITE());
    unlock_all();
    return 0;
}

RFN_PART(RFN_ON_MODELS_MEMORY, locked, .reset = reset);
