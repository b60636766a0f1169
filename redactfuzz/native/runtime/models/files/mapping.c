/* mmap, munmap, mremap, mprotect, madvise: each call is one event, on the map of the process as one object. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "choices/event.h"
#include "mappings/areas.h"
#include "mappings/maps.h"
#include "mappings/pages.h"
#include "memory/memory.h"
#include "memory/origins.h"
#include "memory/touched.h"
#include "models/files/descriptors.h"
#include "models/memory/locked.h"
#include "schedule/point.h"
#include "state/control.h"
#include "state/objects.h"
#include "state/outcome.h"
#include "state/program.h"
#include "state/run.h"

/* Newer than some headers. */
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static size_t whole(size_t size)
{
    return (size + RFN_PAGE - 1) & ~(size_t)(RFN_PAGE - 1);
}

static int is_aligned(const void *start)
{
    return (uintptr_t)start % RFN_PAGE == 0;
}

static void at_map(uintptr_t site)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_ADDRESSES), site);
}

/* 0: some of the pages are not there. */
static int all_mapped(const uint8_t *start, size_t size)
{
    for (size_t at = 0; at < whole(size); at += RFN_PAGE) {
        if (!(rfn_page(start + at) & RFN_MAPPED)) {
            return 0;
        }
    }
    return 1;
}

static int fails(int error)
{
    errno = error;
    return -1;
}

/* More address space than the window has: another machine would give it. */
static void report_when_full(size_t size, uintptr_t site)
{
    if (errno == ENOMEM && size < (size_t)1 << 46) {
        rfn_problem(RFN_PROBLEM_OUTSIDE, site, "mappings take more than %zu GiB of addresses together, and no further one is made",
                    RFN_MAPPINGS_SIZE >> 30);
    }
}

static void *of_descriptor(uintptr_t hint, size_t size, int protection, int flags, int fd, off_t offset)
{
    const rfn_open *open = rfn_open_of(fd);
    if (open == NULL || open->file == NULL) {
        return MAP_FAILED;
    }
    return rfn_map_file(hint, size, protection, flags, open->file, open->flags, offset);
}

void *model_mmap(void *hint, size_t size, int protection, int flags, int fd, off_t offset)
{
    void *start;
    int type = flags & MAP_TYPE;
    at_map(SITE());
    if (size == 0 || offset % RFN_PAGE != 0 || (type != MAP_PRIVATE && type != MAP_SHARED && type != MAP_SHARED_VALIDATE) ||
        ((flags & MAP_FIXED) && !is_aligned(hint))) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    if (flags & MAP_HUGETLB) { /* no machine has them unless it is set up for it */
        errno = ENOMEM;
        return MAP_FAILED;
    }
    if ((flags & MAP_FIXED_NOREPLACE) == MAP_FIXED_NOREPLACE && (rfn_page(hint) & RFN_MAPPED)) {
        errno = EEXIST;
        return MAP_FAILED;
    }
    start = flags & MAP_ANONYMOUS ? rfn_map_anonymous((uintptr_t)hint, size, flags)
                                  : of_descriptor((uintptr_t)hint, size, protection, flags, fd, offset);
    if (start == MAP_FAILED) {
        report_when_full(size, SITE());
    }
    if (start != MAP_FAILED) {
        rfn_origin_note(RFN_ORIGIN_MAPPING, start, whole(size), rfn_self(), rfn_site(SITE()));
        rfn_lock_new(start, whole(size), (flags & MAP_LOCKED) != 0);
    }
    if (start != MAP_FAILED && (protection & (PROT_READ | PROT_WRITE | PROT_EXEC)) != (PROT_READ | PROT_WRITE)) {
        rfn_pages_protect(start, whole(size), protection);
    }
    return start;
}

int model_munmap(void *start, size_t size)
{
    uint8_t *from = start;
    uint8_t *end = from + whole(size);
    at_map(SITE());
    if (!is_aligned(start) || size == 0) {
        return fails(EINVAL);
    }
    while (from < end) { /* what is not there is passed over */
        uint8_t *to = from;
        while (to < end && (rfn_page(to) & RFN_MAPPED)) {
            to += RFN_PAGE;
        }
        if (to > from) {
            rfn_unmap(from, (size_t)(to - from));
        }
        from = to + RFN_PAGE;
    }
    return 0;
}

/* `wanted` counts with MREMAP_FIXED alone. */
void *model_mremap(void *start, size_t before, size_t after, int flags, void *wanted)
{
    int fixed = (flags & MREMAP_FIXED) != 0;
    void *to;
    at_map(SITE());
    if (flags & MREMAP_DONTUNMAP) {
        rfn_problem(RFN_PROBLEM_REFUSED, SITE(), "mremap with MREMAP_DONTUNMAP, which is not carried out: it fails");
    }
    if (!is_aligned(start) || after == 0 || (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)) != 0
        || (fixed && (!(flags & MREMAP_MAYMOVE) || !is_aligned(wanted)
                      || ((uintptr_t)wanted < (uintptr_t)start + whole(before)
                          && (uintptr_t)start < (uintptr_t)wanted + whole(after))))) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    if (!all_mapped(start, before)) {
        errno = EFAULT;
        return MAP_FAILED;
    }
    to = fixed ? rfn_remap_at(start, before, after, (uintptr_t)wanted)
               : rfn_remap(start, before, after, (flags & MREMAP_MAYMOVE) != 0);
    if (to == NULL) {
        errno = ENOMEM;
        report_when_full(flags & MREMAP_MAYMOVE ? after : SIZE_MAX, SITE());
        return MAP_FAILED;
    }
    rfn_origin_note(RFN_ORIGIN_MAPPING, to, whole(after), rfn_self(), rfn_site(SITE()));
    return to;
}

int model_mprotect(void *start, size_t size, int protection)
{
    at_map(SITE());
    if (!is_aligned(start)) {
        return fails(EINVAL);
    }
    if (size == 0) {
        return 0;
    }
    if (!all_mapped(start, size)) {
        return fails(ENOMEM);
    }
    rfn_pages_protect(start, whole(size), protection);
    return 0;
}

/* -- advice: one value, as the kernel sees it. Two of them joined by | are another one, or none at all. */

/* The kernel keeps what is advised otherwise than what lies beside it apart. */
static int flagged(uint8_t *start, size_t size, uint16_t set, uint16_t clear)
{
    rfn_areas_divide((uintptr_t)start, size);
    rfn_pages(start, size, set, clear);
    rfn_areas_join((uintptr_t)start, size);
    return 0;
}

static int advise(uint8_t *start, size_t size, int advice)
{
    switch (advice) {
    case MADV_DONTDUMP:
        if (rfn.control_block->plan.lift & RFN_LIFT_ADVICE) {
            return 0;
        }
        return flagged(start, size, RFN_DONTDUMP, 0);
    case MADV_DODUMP:
        return flagged(start, size, 0, RFN_DONTDUMP);
    case MADV_WIPEONFORK:
        if (rfn_maps_any((uintptr_t)start, size)) {
            return fails(EINVAL);
        }
        rfn_pages(start, size, RFN_WIPEONFORK, 0);
        return 0;
    case MADV_KEEPONFORK:
        rfn_pages(start, size, 0, RFN_WIPEONFORK);
        return 0;
    case MADV_DONTFORK:
        return flagged(start, size, RFN_DONTFORK, 0);
    case MADV_DOFORK:
        return flagged(start, size, 0, RFN_DONTFORK);
    case MADV_DONTNEED:
        if (rfn_is_locked(start)) {
            return fails(EINVAL);
        }
        /* fall through */
    case MADV_DONTNEED_LOCKED:
        rfn_maps_discard((uintptr_t)start, size);
        return 0;
    case MADV_REMOVE:
        return rfn_is_locked(start) || !rfn_maps_remove((uintptr_t)start, size) ? fails(EINVAL) : 0;
    case MADV_FREE: /* the kernel may take the content away, and may not: it stays */
    case MADV_COLD:
    case MADV_PAGEOUT:
        return rfn_is_locked(start) ? fails(EINVAL) : 0;
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
        rfn_areas_divide((uintptr_t)start, size);
        rfn_areas_advised((uintptr_t)start, size, advice);
        rfn_areas_join((uintptr_t)start, size);
        return 0;
    case MADV_WILLNEED:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_POPULATE_READ:
    case MADV_COLLAPSE:
        return 0;
    case MADV_POPULATE_WRITE:
        rfn_areas_populated((uintptr_t)start, size);
        return 0;
    default:
        return fails(EINVAL);
    }
}

static int advised(uint8_t *start, size_t size, int advice, uintptr_t site)
{
    uint8_t *end = start + whole(size);
    int missing = 0;
    if (advice == MADV_DONTDUMP || advice == MADV_DODUMP) { /* which memory a dump holds, and nothing else */
        rfn_at_known(RFN_OBJECT(RFN_ADDRESSES), site);
        rfn_touched_crash();
        rfn_touched_phase();
    } else {
        at_map(site);
    }
    if (!is_aligned(start)) {
        return fails(EINVAL);
    }
    if (size == 0) {
        return advise(start, 0, advice);
    }
    while (start < end) { /* what is not there is passed over, and reported at the end */
        uint8_t *to = start;
        while (to < end && (rfn_page(to) & RFN_MAPPED) && rfn_is_locked(to) == rfn_is_locked(start)) {
            to += RFN_PAGE;
        }
        if (to > start && advise(start, (size_t)(to - start), advice) != 0) {
            return -1;
        }
        if (to < end && !(rfn_page(to) & RFN_MAPPED)) {
            missing = 1;
            to += RFN_PAGE;
        }
        start = to;
    }
    return missing ? fails(ENOMEM) : 0;
}

int model_madvise(void *start, size_t size, int advice)
{
    return advised(start, size, advice, SITE());
}

int model_posix_madvise(void *start, size_t size, int advice)
{
    int before = errno;
    int error = advice == POSIX_MADV_DONTNEED ? 0 : advised(start, size, advice, SITE()) == 0 ? 0 : errno;
    errno = before; /* glibc ignores POSIX_MADV_DONTNEED, because it would destroy what is there */
    return error;
}

int model_msync(void *start, size_t size, int flags)
{
    (void)flags;
    at_map(SITE());
    if (!is_aligned(start)) {
        return fails(EINVAL);
    }
    if (!all_mapped(start, size)) {
        return fails(ENOMEM);
    }
    rfn_maps_write_back();
    return 0;
}

