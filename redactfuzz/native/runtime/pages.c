#include "pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "bytes.h"
#include "maps.h"
#include "memory.h"
#include "outcome.h"

enum {
    GAPS = 256,            /* ranges that were given back and wait for a mapping of their size */
    CLOSED = 1024,         /* ranges that the program may not touch */
    BY_HAND = 64 << 10,    /* bytes that are cleared one by one; more are given back to the kernel */
};

typedef struct range {
    uintptr_t start;
    size_t size;
} range;

static struct {
    uintptr_t next; /* 0: nothing was mapped in this execution */
    uint32_t gaps;
    range gap[GAPS];
} space;
static range closed[CLOSED];
static uint32_t closed_count;

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
    closed_count = 0;
}

void rfn_pages_reset(void)
{
    rfn_pages_open();
    space.next = 0;
    space.gaps = 0;
    rfn_maps_forget();
}

void rfn_pages_protect(void *start, size_t size, int protection)
{
    enum { BOTH = PROT_READ | PROT_WRITE };
    if ((protection & BOTH) == BOTH) {
        open_to_program((uintptr_t)start, size);
        rfn_pages(start, size, 0, RFN_PROTECTED);
    } else {
        close_to_program((uintptr_t)start, size, protection);
        rfn_pages(start, size, RFN_PROTECTED, 0);
    }
}

/* -- addresses */

static uintptr_t end_of_space(void)
{
    return RFN_MAPPINGS + RFN_MAPPINGS_SIZE;
}

/* What lay there is gone. */
void rfn_pages_clear(void *start, size_t size)
{
    if (size <= BY_HAND || rfn_is_program(start) != 1 || madvise(start, size, MADV_DONTNEED) != 0) {
        rfn_wrote(start, size);
        rfn_fill(start, 0, size);
    }
}

/* The last range of this size that was given back, as kernels do, or a new one. 0: none left. */
static uintptr_t find_room(size_t size)
{
    uintptr_t start;
    for (uint32_t i = space.gaps; i > 0; i--) {
        if (space.gap[i - 1].size == size) {
            start = space.gap[i - 1].start;
            memmove(&space.gap[i - 1], &space.gap[i], (space.gaps - i) * sizeof space.gap[0]);
            space.gaps--;
            open_to_program(start, size);
            rfn_pages_clear((void *)start, size);
            return start;
        }
    }
    if (space.next == 0) {
        space.next = RFN_MAPPINGS + RFN_PAGE; /* the first page is that of objects.h */
    }
    start = space.next;
    if (size > end_of_space() - start) {
        return 0;
    }
    space.next = start + size;
    return start;
}

void *rfn_map(size_t size)
{
    uintptr_t start = size == 0 || size > RFN_MAPPINGS_SIZE ? 0 : find_room(whole(size));
    if (start != 0) {
        rfn_pages((void *)start, whole(size), RFN_MAPPED, (uint8_t)~RFN_MAPPED);
    }
    return (void *)start;
}

/* At an address that the program names, over whatever is there. NULL: not in the window's mappings. */
void *rfn_map_at(uintptr_t start, size_t size)
{
    if (start < RFN_MAPPINGS + RFN_PAGE || size > RFN_MAPPINGS_SIZE || start + whole(size) > end_of_space()) {
        return NULL;
    }
    if (space.next < start + whole(size)) {
        space.next = start + whole(size);
    }
    for (uint32_t i = 0; i < space.gaps;) { /* not given out a second time */
        if (space.gap[i].start < start + size && start < space.gap[i].start + space.gap[i].size) {
            space.gap[i] = space.gap[--space.gaps];
        } else {
            i++;
        }
    }
    rfn_maps_cut(start, whole(size));
    open_to_program(start, whole(size));
    rfn_pages_clear((void *)start, whole(size));
    rfn_pages((void *)start, whole(size), RFN_MAPPED, (uint8_t)~RFN_MAPPED);
    return (void *)start;
}

void rfn_unmap(void *start, size_t size)
{
    rfn_maps_cut((uintptr_t)start, whole(size));
    rfn_pages(start, whole(size), 0, 0xff);
    close_to_program((uintptr_t)start, whole(size), PROT_NONE);
    if ((uintptr_t)start - RFN_MAPPINGS < RFN_MAPPINGS_SIZE && space.gaps < GAPS) {
        space.gap[space.gaps++] = (range){(uintptr_t)start, whole(size)};
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
    if (from + before == space.next && after - before <= end_of_space() - space.next) {
        space.next = from + after;
        rfn_pages((void *)(from + before), after - before, rfn_page(start), (uint8_t)~RFN_MAPPED);
        return start;
    }
    to = may_move ? find_room(after) : 0;
    if (to == 0) {
        return NULL;
    }
    rfn_pages((void *)to, after, rfn_page(start), 0xff);
    open_to_program(from, before);
    for (size_t at = 0; at < before; at += RFN_PAGE) {
        if (!is_zero((const uint64_t *)(from + at))) {
            rfn_wrote((void *)(to + at), RFN_PAGE);
            rfn_copy((void *)(to + at), (const void *)(from + at), RFN_PAGE);
        }
    }
    rfn_maps_move(from, to);
    rfn_unmap(start, before);
    return (void *)to;
}
