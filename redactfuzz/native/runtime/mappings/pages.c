#include "mappings/pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/os.h"
#include "base/parts.h"
#include "mappings/areas.h"
#include "mappings/maps.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"

enum {
    GAPS = 256,            /* ranges that were given back and wait for a mapping of their size */
    CLOSED = 1024,         /* ranges that the program may not touch */
    BY_HAND = 64 << 10,    /* bytes that are cleared one by one; more are given back to the kernel */
};

typedef struct range {
    uintptr_t start;
    size_t size;
} range;

static RFN_STATE struct {
    uintptr_t used; /* what lies below was given out before, and may hold something */
    uint32_t gaps;
    range gap[GAPS];
} space = {.used = RFN_FIRST_MAPPING};
static RFN_STATE range closed[CLOSED];
static RFN_STATE uint32_t closed_count;

static size_t whole(size_t size)
{
    return (size + RFN_PAGE - 1) & ~(size_t)(RFN_PAGE - 1);
}

/* -- what the program may not touch: a real fault in it must be one here */

static void close_to_program(uintptr_t start, size_t size, int protection)
{
    if (closed_count < CLOSED && mprotect((void *)start, size, protection) == 0) {
        closed[closed_count++] = (range){start, size};
    }
}

static void open_to_program(uintptr_t start, size_t size)
{
    if (closed_count > 0) {
        mprotect((void *)start, size, PROT_READ | PROT_WRITE);
    }
}

void rfn_pages_open(void)
{
    for (uint32_t i = 0; i < closed_count; i++) {
        mprotect((void *)closed[i].start, closed[i].size, PROT_READ | PROT_WRITE);
    }
    while (closed_count > 0) {
        closed[--closed_count] = (range){0};
    }
}

int rfn_pages_are_closed(void) { return closed_count > 0; }

int rfn_pages_lift(uintptr_t start, size_t size)
{
    return closed_count > 0 && mprotect((void *)start, size, PROT_READ | PROT_WRITE) == 0;
}

void rfn_pages_lower(uintptr_t start, size_t size, int protection) { mprotect((void *)start, size, protection); }

/* What constructors of the program did to pages cannot be put back. */
static int loaded(void *handle)
{
    size_t left = rfn_mappings_end - RFN_FIRST_MAPPING;
    (void)handle;
    for (uint32_t i = 0; i < space.gaps; i++) {
        left -= space.gap[i].size;
    }
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        left += rfn_areas[i].size;
    }
    for (uint32_t i = 0; i < closed_count; i++) { /* what lies among mappings is one, or was given back */
        left += closed[i].start - RFN_MAPPINGS < RFN_MAPPINGS_SIZE ? 0 : closed[i].size;
    }
    if (left > 0) {
        rfn_internal("a constructor of the program maps, protects or advises pages before main(): do it from main() on");
    }
    return 1;
}

static void reset(void)
{
    rfn_pages_open();
    rfn_mappings_end = RFN_FIRST_MAPPING;
    space.used = RFN_FIRST_MAPPING;
    while (space.gaps > 0) {
        space.gap[--space.gaps] = (range){0};
    }
    rfn_maps_forget();
}

void rfn_pages_protect(void *start, size_t size, int protection)
{
    enum { BOTH = PROT_READ | PROT_WRITE };
    int both = (protection & BOTH) == BOTH;
    rfn_areas_divide((uintptr_t)start, size);
    if (both && !(protection & PROT_EXEC)) {
        open_to_program((uintptr_t)start, size);
    } else {
        close_to_program((uintptr_t)start, size, protection);
    }
    rfn_pages(start, size, both ? 0 : RFN_PROTECTED, both ? RFN_PROTECTED : 0);
    rfn_areas_protected((uintptr_t)start, size, protection);
    rfn_areas_join((uintptr_t)start, size);
}

/* -- addresses */

static uintptr_t end_of_space(void)
{
    return RFN_MAPPINGS + RFN_MAPPINGS_SIZE;
}

static int some_protected(const uint8_t *start, size_t size)
{
    for (size_t at = 0; at < size; at += RFN_PAGE) {
        if (rfn_page(start + at) & RFN_PROTECTED) {
            return 1;
        }
    }
    return 0;
}

/* What lay there is gone. */
void rfn_pages_clear(void *start, size_t size)
{
    if ((size <= BY_HAND && !some_protected(start, size)) || rfn_is_program(start) != 1 || madvise(start, size, MADV_DONTNEED) != 0) {
        rfn_wrote(start, size);
        rfn_fill(start, 0, size);
    }
}

static void give(uintptr_t start, size_t size)
{
    open_to_program(start, size);
    rfn_pages_clear((void *)start, size);
}

/* The last range of this size that was given back, as kernels do, or a new one. 0: none left. */
static uintptr_t find_room(size_t size)
{
    uintptr_t start;
    for (uint32_t i = space.gaps; i > 0; i--) {
        if (space.gap[i - 1].size == size) {
            start = space.gap[i - 1].start;
            memmove(&space.gap[i - 1], &space.gap[i], (space.gaps - i) * sizeof space.gap[0]);
            space.gap[--space.gaps] = (range){0};
            give(start, size);
            rfn_pages((void *)start, size, RFN_MAPPED, RFN_EVERY_FLAG & ~RFN_MAPPED);
            return start;
        }
    }
    start = rfn_mappings_end;
    if (size > end_of_space() - start) {
        return 0;
    }
    rfn_mappings_end = start + size;
    if (start < space.used) {
        give(start, rfn_mappings_end < space.used ? size : space.used - start);
    }
    return start;
}

void *rfn_map(size_t size)
{
    return (void *)(size == 0 || size > RFN_MAPPINGS_SIZE ? 0 : find_room(whole(size)));
}

/* At an address that the program names, over whatever is there. NULL: not in the window's mappings. */
void *rfn_map_at(uintptr_t start, size_t size)
{
    if (start < RFN_FIRST_MAPPING || size > RFN_MAPPINGS_SIZE || start + whole(size) > end_of_space()) {
        return NULL;
    }
    if (rfn_mappings_end < start + whole(size)) {
        uintptr_t before = rfn_mappings_end;
        rfn_mappings_end = start + whole(size);
        if (before < start) { /* nothing lies between */
            rfn_pages((void *)before, start - before, 0, RFN_MAPPED);
        }
    }
    for (uint32_t i = 0; i < space.gaps;) { /* not given out a second time */
        if (space.gap[i].start < start + size && start < space.gap[i].start + space.gap[i].size) {
            space.gap[i] = space.gap[--space.gaps];
            space.gap[space.gaps] = (range){0};
        } else {
            i++;
        }
    }
    rfn_maps_cut(start, whole(size));
    open_to_program(start, whole(size));
    rfn_pages_clear((void *)start, whole(size));
    rfn_pages((void *)start, whole(size), RFN_MAPPED, RFN_EVERY_FLAG & ~RFN_MAPPED);
    return (void *)start;
}

void rfn_unmap(void *start, size_t size)
{
    rfn_maps_cut((uintptr_t)start, whole(size));
    close_to_program((uintptr_t)start, whole(size), PROT_NONE);
    if ((uintptr_t)start >= RFN_FIRST_MAPPING && (uintptr_t)start + whole(size) == rfn_mappings_end &&
        rfn_page_changed(0) == NULL) {
        space.used = space.used < rfn_mappings_end ? rfn_mappings_end : space.used;
        rfn_mappings_end = (uintptr_t)start;
        rfn_touched_phase();
        rfn_touched_crash();
        return;
    }
    rfn_pages(start, whole(size), 0, RFN_EVERY_FLAG);
    if ((uintptr_t)start - RFN_MAPPINGS < RFN_MAPPINGS_SIZE && space.gaps < GAPS) {
        space.gap[space.gaps++] = (range){(uintptr_t)start, whole(size)};
    }
}

/* Memory that was just given out is treated as its owner's first page is. */
static void copy_flags(uintptr_t from, uintptr_t to, size_t size)
{
    uint16_t flags = rfn_page((void *)from);
    if (flags != RFN_MAPPED) {
        rfn_pages((void *)to, size, flags, RFN_EVERY_FLAG);
    }
}

static int is_zero(const uint64_t *page)
{
    for (size_t i = 0; i < RFN_PAGE / sizeof *page; i++) {
        if (page[i] != 0) {
            return 0;
        }
    }
    return 1;
}

/* What lies at `from` lies at `to`, which was just given out, from now on. */
static void *move_to(uintptr_t from, size_t before, uintptr_t to, size_t after)
{
    size_t size = before < after ? before : after;
    copy_flags(from, to, after);
    open_to_program(from, before);
    for (size_t at = 0; at < size; at += RFN_PAGE) {
        if (!is_zero((const uint64_t *)(from + at))) {
            rfn_kernel_wrote((void *)(to + at), RFN_PAGE);
            rfn_copy((void *)(to + at), (const void *)(from + at), RFN_PAGE);
        }
    }
    rfn_maps_move(from, size, to);
    if (after > before) {
        rfn_maps_grow(to, before, after);
    }
    rfn_unmap((void *)from, before);
    return (void *)to;
}

void *rfn_remap_at(void *start, size_t before, size_t after, uintptr_t to)
{
    void *given = rfn_map_at(to, after);
    return given == NULL ? NULL : move_to((uintptr_t)start, whole(before), to, whole(after));
}

void *rfn_remap(void *start, size_t before, size_t after, int may_move)
{
    uintptr_t from = (uintptr_t)start, to;
    before = whole(before);
    if (after > RFN_MAPPINGS_SIZE) {
        return NULL;
    }
    after = whole(after);
    if (after <= before) {
        if (after < before) {
            rfn_unmap((void *)(from + after), before - after);
        }
        return start;
    }
    if (from + before == rfn_mappings_end && from + before >= space.used && after - before <= end_of_space() - rfn_mappings_end) {
        rfn_mappings_end = from + after;
        copy_flags(from, from + before, after - before);
        rfn_maps_grow(from, before, after);
        return start;
    }
    to = may_move ? find_room(after) : 0;
    if (to == 0) {
        return NULL;
    }
    return move_to(from, before, to, after);
}

RFN_PART(RFN_ON_MAPPINGS, pages, .loaded = loaded, .reset = reset);
