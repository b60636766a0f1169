#include "memory/memory.h"

#include <string.h>
#include <sys/mman.h>

#include "base/hidden.h"
#include "base/parts.h"
#include "memory/alternate.h"
#include "memory/moves.h"
#include "memory/touched.h"
#include "state/fibers.h"

#define TRACKED (RFN_STACKS - RFN_WINDOW) /* lines are tracked below the stacks */

enum { LINE_SHIFT = 6, PAGE_SHIFT = 12, AROUND = 4, /* pages beside a line that a fragment is followed into */
       HEAP_PAD = 128 << 10 /* M_TOP_PAD: what glibc's heap has behind its last block */ };

/* Lines written in this execution. Reserved as a whole, touched as far as it is used. */
static uint64_t *window_bits;
static uint32_t *window_lines; /* numbers, in the order of the first write */
static RFN_STATE size_t window_count;
static uint64_t *known_bits;   /* lines of window_lines whose bit in window_bits was taken away by rfn_unwritten */
static RFN_STATE uint8_t has_known;      /* there are some */
static uint16_t *page_flags;   /* by page of the window */
static uint32_t *page_list;    /* those that differ from how an execution starts */
static RFN_STATE size_t page_count;

static RFN_STATE struct {
    uint8_t *start, *end;
    uint8_t *copy;  /* their content at the start of an execution */
    uint64_t *bits;
    uint32_t *lines;
    size_t count;
    uint16_t *flags;
    uint8_t flagged;
} globals;

static uintptr_t start_end = RFN_START;
static uint8_t *start_copy;

int rfn_memory_init(void)
{
    size_t lines = TRACKED >> LINE_SHIFT;
    size_t pages = RFN_WINDOW_SIZE >> PAGE_SHIFT;
    void *window = mmap((void *)RFN_WINDOW, RFN_WINDOW_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (window != (void *)RFN_WINDOW
        || mmap((void *)RFN_OUTSIDE, RFN_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)RFN_OUTSIDE) {
        return -1;
    }
    /* A huge page would make a core hold 2 MB of zeros for one byte. */
    madvise((void *)RFN_WINDOW, RFN_WINDOW_SIZE, MADV_NOHUGEPAGE);
    window_bits = rfn_hidden(lines / 8);
    known_bits = rfn_hidden(lines / 8);
    window_lines = rfn_hidden(lines * sizeof *window_lines);
    page_flags = rfn_hidden(pages * sizeof *page_flags);
    page_list = rfn_hidden(pages * sizeof *page_list);
    return 0;
}

void rfn_globals(void *start, void *end)
{
    size_t size;
    globals.start = (uint8_t *)((uintptr_t)start & ~(uintptr_t)(RFN_PAGE - 1));
    globals.end = (uint8_t *)(((uintptr_t)end + RFN_PAGE - 1) & ~(uintptr_t)(RFN_PAGE - 1));
    size = (size_t)(globals.end - globals.start);
    globals.copy = rfn_hidden(size + RFN_PAGE);
    globals.bits = rfn_hidden(size / RFN_LINE / 8 + RFN_PAGE);
    globals.lines = rfn_hidden(size / RFN_LINE * sizeof *globals.lines + RFN_PAGE);
    globals.flags = rfn_hidden(size / RFN_PAGE * sizeof *globals.flags + RFN_PAGE);
    memcpy(globals.copy, globals.start, size);
    globals.count = 0;
}

void rfn_start_is(uintptr_t end)
{
    start_end = (end + RFN_LINE - 1) & ~(uintptr_t)(RFN_LINE - 1);
    if (start_copy == NULL) {
        start_copy = rfn_hidden(RFN_START_SIZE);
    }
    memcpy(start_copy, (const void *)RFN_START, start_end - RFN_START);
}

/* -- writes */

/* `known`: of lines that are among `lines` already, though they have no bit; NULL: there are none. */
static inline void mark(uint64_t *bits, uint32_t *lines, size_t *count, const uint64_t *known, uintptr_t first, uintptr_t last)
{
    for (uintptr_t line = first; line <= last; line++) {
        uint64_t bit = UINT64_C(1) << (line & 63);
        if (!(bits[line >> 6] & bit)) {
            bits[line >> 6] |= bit;
            if (known == NULL || !(known[line >> 6] & bit)) {
                lines[(*count)++] = (uint32_t)line;
            }
        }
    }
}

int rfn_marked(uintptr_t at, size_t size)
{
    size_t tracked = TRACKED - (at - RFN_WINDOW), own = (size_t)((uintptr_t)globals.end - at);
    if (at - RFN_WINDOW < TRACKED) {
        at -= RFN_WINDOW;
        size = size < tracked ? size : tracked;
        mark(window_bits, window_lines, &window_count, has_known ? known_bits : NULL, at >> LINE_SHIFT, (at + size - 1) >> LINE_SHIFT);
        return 1;
    }
    if (at - (uintptr_t)globals.start < (uintptr_t)(globals.end - globals.start)) {
        at -= (uintptr_t)globals.start;
        size = size < own ? size : own;
        mark(globals.bits, globals.lines, &globals.count, NULL, at >> LINE_SHIFT, (at + size - 1) >> LINE_SHIFT);
        return 1;
    }
    return 0;
}

void rfn_will_write(const void *address, size_t size)
{
    uintptr_t at = (uintptr_t)address;
    if (size == 0) {
        return;
    }
    if (rfn_noting) {
        rfn_write_noted(at, size);
    }
    if (rfn_current != NULL && at - RFN_STACKS >= RFN_WINDOW_SIZE - TRACKED) {
        rfn_current->spins = 0; /* it does something; what is on stacks is its own, or its thread's */
    }
    if (!rfn_marked(at, size) && at - RFN_STACKS < RFN_WINDOW_SIZE - TRACKED && rfn_current != NULL) {
        /* A stack other than its own, or its own deeper than it has been: how deep it goes says what to put back. */
        for (uint32_t i = 0; i < rfn_fiber_count; i++) {
            rfn_fiber *fiber = &rfn_fibers[i];
            if (fiber->life != RFN_UNUSED && at - fiber->base < fiber->top - fiber->base && at < fiber->low) {
                fiber->low = at;
            }
        }
    }
}

/* A page has 64 lines, whose bits are one word. */
_Static_assert(RFN_PAGE / RFN_LINE == 64, "lines of a page");

void rfn_unwritten(uintptr_t start, size_t size)
{
    for (uintptr_t at = start - RFN_WINDOW; at < start - RFN_WINDOW + size; at += RFN_PAGE) {
        known_bits[at >> PAGE_SHIFT] |= window_bits[at >> PAGE_SHIFT];
        window_bits[at >> PAGE_SHIFT] = 0;
        has_known = 1;
    }
}

int rfn_is_written(uintptr_t start, size_t size)
{
    for (uintptr_t at = start - RFN_WINDOW; at < start - RFN_WINDOW + size; at += RFN_PAGE) {
        if (window_bits[at >> PAGE_SHIFT] != 0) {
            return 1;
        }
    }
    return 0;
}

/* -- pages */

enum {
    LISTED = 128, /* beside the flags of a page: it is in page_list, once */
    DUMPED = RFN_MAPPED | RFN_DONTDUMP | RFN_SECRET /* whether a dump holds it; the filter of files is for exposure/points.c */
};

RFN_STATE uintptr_t rfn_mappings_end = RFN_FIRST_MAPPING;
RFN_STATE uintptr_t rfn_heap_end;

static uint16_t page_at_start(size_t page)
{
    uintptr_t address = RFN_WINDOW + (page << PAGE_SHIFT);
    if (address - RFN_MAPPINGS >= RFN_MAPPINGS_SIZE) {
        return RFN_MAPPED;
    }
    return address >= RFN_FIRST_MAPPING && address < rfn_mappings_end ? RFN_MAPPED : 0;
}

/* Flags are kept XORed with what they are at the start, so that untouched memory is right. */
static uint16_t flags_of(const uint8_t *address)
{
    uintptr_t at = (uintptr_t)address;
    if (at - RFN_WINDOW < RFN_WINDOW_SIZE) {
        size_t page = (at - RFN_WINDOW) >> PAGE_SHIFT;
        return (uint16_t)((page_flags[page] & ~LISTED) ^ page_at_start(page));
    }
    if (address >= globals.start && address < globals.end) {
        return globals.flags[(size_t)(address - globals.start) >> PAGE_SHIFT] ^ RFN_MAPPED;
    }
    return 0;
}

uint16_t rfn_page(const void *address)
{
    return flags_of(address);
}

const uint8_t *rfn_page_changed(size_t index)
{
    return index < page_count ? (const uint8_t *)(RFN_WINDOW + ((size_t)page_list[index] << PAGE_SHIFT)) : NULL;
}

void rfn_pages(const void *start, size_t size, uint16_t set, uint16_t clear)
{
    uintptr_t first = (uintptr_t)start & ~(uintptr_t)(RFN_PAGE - 1);
    uintptr_t end = ((uintptr_t)start + size + RFN_PAGE - 1) & ~(uintptr_t)(RFN_PAGE - 1);
    int changed = 0;
    for (uintptr_t at = first; at < end; at += RFN_PAGE) {
        const uint8_t *address = (const uint8_t *)at;
        uint16_t after = (uint16_t)((flags_of(address) & ~clear) | set);
        changed |= flags_of(address) ^ after;
        if (at - RFN_WINDOW < RFN_WINDOW_SIZE) {
            size_t page = (at - RFN_WINDOW) >> PAGE_SHIFT;
            uint16_t kept = after ^ page_at_start(page);
            if (kept != (page_flags[page] & ~LISTED)) {
                if (!(page_flags[page] & LISTED)) {
                    page_list[page_count++] = (uint32_t)page;
                }
                page_flags[page] = kept | LISTED;
            }
        } else if (address >= globals.start && address < globals.end) {
            globals.flags[(size_t)(address - globals.start) >> PAGE_SHIFT] = after ^ RFN_MAPPED;
            globals.flagged = 1;
        }
    }
    if (changed & DUMPED) {
        rfn_touched_phase();
        rfn_touched_crash();
    }
}

int rfn_is_program(const void *address)
{
    const uint8_t *at = address;
    if ((uintptr_t)at - RFN_WINDOW < RFN_WINDOW_SIZE) {
        return 1;
    }
    return at >= globals.start && at < globals.end ? 2 : 0;
}

/* Where the memory of the program ends in which `at` lies; 0: that is none of ours to say. */
static uintptr_t end_of(uintptr_t at, uintptr_t end)
{
    if (at - (uintptr_t)globals.start < (uintptr_t)(globals.end - globals.start)) {
        return (uintptr_t)globals.end;
    }
    if (at - RFN_WINDOW >= RFN_WINDOW_SIZE) {
        return 0;
    }
    if (at < RFN_MAPPINGS) {
        return (rfn_heap_top() + HEAP_PAD + RFN_PAGE - 1) & ~(uintptr_t)(RFN_PAGE - 1);
    }
    if (at < RFN_START) {
        uintptr_t page = at & ~(uintptr_t)(RFN_PAGE - 1);
        while (page < end && page < RFN_START && (rfn_page((const void *)page) & RFN_MAPPED)) {
            page += RFN_PAGE;
        }
        return page;
    }
    if (at < RFN_STACKS) {
        return at < RFN_LIBRARY ? RFN_LIBRARY : RFN_STACKS;
    }
    for (uint32_t i = 0; end - at > RFN_PAGE && i < rfn_fiber_count; i++) { /* less meets the guard page of the next */
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life != RFN_UNUSED && at - fiber->base < fiber->top - fiber->base) {
            return fiber->top;
        }
    }
    return 0;
}

void rfn_come_to_end(const void *range, size_t size)
{
    uintptr_t at = (uintptr_t)range;
    uintptr_t end = end_of(at, size < UINTPTR_MAX - at ? at + size : UINTPTR_MAX);
    if (size != 0 && end != 0 && (end <= at || size > end - at)) {
        *(volatile uint8_t *)RFN_OUTSIDE = 0; /* the fault that the first page outside gives on a real machine */
    }
}

/* -- stacks */

/* A leaf function may have gone deeper than any point saw: down to where nothing but zeros is left. */
static uintptr_t deepest(const rfn_fiber *fiber)
{
    enum { QUIET = 1024 }; /* bytes of zeros that end a stack */
    uintptr_t at = fiber->low & ~(uintptr_t)(RFN_LINE - 1);
    uintptr_t floor = fiber->base + RFN_PAGE, lowest = at;
    while (at > floor && lowest - at < QUIET) {
        const uint64_t *line = (const uint64_t *)(at -= RFN_LINE);
        if ((line[0] | line[1] | line[2] | line[3] | line[4] | line[5] | line[6] | line[7]) != 0) {
            lowest = at;
        }
    }
    return lowest;
}

/* What handlers left on alternate stacks is known now. */
static void reset(void)
{
    rfn_alternates_left();
    for (size_t i = 0; i < window_count; i++) {
        uintptr_t line = window_lines[i];
        uintptr_t at = RFN_WINDOW + (line << LINE_SHIFT);
        if (at - RFN_START < start_end - RFN_START) {
            memcpy((void *)at, start_copy + (at - RFN_START), RFN_LINE);
        } else {
            memset((void *)at, 0, RFN_LINE);
        }
        window_bits[line >> 6] = 0;
        known_bits[line >> 6] = 0;
    }
    window_count = 0;
    has_known = 0;
    for (size_t i = 0; i < globals.count; i++) {
        uintptr_t line = globals.lines[i];
        memcpy(globals.start + (line << LINE_SHIFT), globals.copy + (line << LINE_SHIFT), RFN_LINE);
        globals.bits[line >> 6] = 0;
    }
    globals.count = 0;
    for (size_t i = 0; i < page_count; i++) {
        page_flags[page_list[i]] = 0;
    }
    page_count = 0;
    if (globals.flagged) {
        memset(globals.flags, 0, ((size_t)(globals.end - globals.start) >> PAGE_SHIFT) * sizeof *globals.flags);
        globals.flagged = 0;
    }
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life != RFN_UNUSED) {
            uintptr_t low = deepest(fiber);
            memset((void *)low, 0, fiber->top - low);
        }
    }
}

/* -- what a core would hold */

void rfn_globals_of(const uint8_t **start, const uint8_t **end)
{
    *start = globals.start;
    *end = globals.end;
}

int rfn_shown(const uint8_t *address)
{
    uint16_t flags = flags_of(address);
    return (flags & RFN_MAPPED) && !(flags & (RFN_DONTDUMP | RFN_SECRET | RFN_FILTERED));
}

/* The lines [first, last) of [start, end), in a dump as far as their pages are; followed into the pages beside them. */
void rfn_visit(const uint8_t *first, const uint8_t *last, const uint8_t *start, const uint8_t *end, rfn_visitor *visit,
               void *context)
{
    while (first < last) {
        const uint8_t *page = (const uint8_t *)((uintptr_t)first & ~(uintptr_t)(RFN_PAGE - 1));
        const uint8_t *from = page, *to = page + RFN_PAGE, *stop;
        if (!rfn_shown(first)) {
            first = to;
            continue;
        }
        while (to < last && rfn_shown(to)) {
            to += RFN_PAGE;
        }
        stop = to < last ? to : last;
        for (int i = 0; i < AROUND && from > start && rfn_shown(from - RFN_PAGE); i++) {
            from -= RFN_PAGE;
        }
        for (int i = 0; i < AROUND && to < end && rfn_shown(to); i++) {
            to += RFN_PAGE;
        }
        visit(first, stop, from < start ? start : from, to > end ? end : to, context);
        first = stop;
    }
}

static void visit_lines(const uint32_t *lines, size_t count, const uint8_t *base, const uint8_t *end,
                        rfn_visitor *visit, void *context)
{
    for (size_t i = 0; i < count;) {
        size_t next = i + 1;
        while (next < count && lines[next] == lines[next - 1] + 1) {
            next++;
        }
        rfn_visit(base + ((size_t)lines[i] << LINE_SHIFT), base + ((size_t)(lines[next - 1] + 1) << LINE_SHIFT), base,
                  end, visit, context);
        i = next;
    }
}

void rfn_visible(rfn_visitor *visit, void *context)
{
    rfn_visit((const uint8_t *)RFN_START, (const uint8_t *)start_end, (const uint8_t *)RFN_START,
              (const uint8_t *)RFN_LIBRARY, visit, context);
    visit_lines(window_lines, window_count, (const uint8_t *)RFN_WINDOW, (const uint8_t *)RFN_STACKS, visit, context);
    visit_lines(globals.lines, globals.count, globals.start, globals.end, visit, context);
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life != RFN_UNUSED) {
            rfn_visit((const uint8_t *)deepest(fiber), (const uint8_t *)fiber->top, (const uint8_t *)fiber->base + RFN_PAGE,
                      (const uint8_t *)fiber->top, visit, context);
        }
    }
}

RFN_PART(RFN_ON_MEMORY, memory, .reset = reset);
