#include "mappings/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/parts.h"
#include "mappings/areas.h"
#include "mappings/filter.h"
#include "mappings/pages.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "state/outcome.h"
#include "state/run.h"

enum { BOTH = PROT_READ | PROT_WRITE };

static RFN_STATE uint32_t calls; /* that mapped something which is kept here */

void rfn_maps_forget(void)
{
    rfn_areas_forget();
    calls = 0;
}

static int is_shared(const rfn_area *m) { return m->size > 0 && (m->file == NULL || m->shared); }

int rfn_maps_shares(uintptr_t address)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        if (is_shared(&rfn_areas[i]) && address - rfn_areas[i].start < rfn_areas[i].size) {
            return 1;
        }
    }
    return 0;
}

/* In front of the pages: where they lie. */
typedef struct common {
    uint32_t count;
    struct {
        uintptr_t start;
        size_t size;
    } range[RFN_AREAS];
    _Alignas(RFN_PAGE) uint8_t pages[];
} common;

size_t rfn_maps_shared(void)
{
    size_t size = 0;
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        size += is_shared(&rfn_areas[i]) ? rfn_areas[i].size : 0;
    }
    return size > 0 ? size + sizeof(common) : 0;
}

void rfn_maps_share(void *memory)
{
    common *all = memory;
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        if (is_shared(&rfn_areas[i])) {
            all->range[all->count].start = rfn_areas[i].start;
            all->range[all->count++].size = rfn_areas[i].size;
        }
    }
}

static int same(const uint8_t *one, const uint8_t *other)
{
    const uint64_t *left = (const uint64_t *)(const void *)one, *right = (const uint64_t *)(const void *)other;
    for (size_t i = 0; i < RFN_PAGE / sizeof *left; i++) {
        if (left[i] != right[i]) {
            return 0;
        }
    }
    return 1;
}

/* Page by page: most of a large mapping was never touched. Pages that the program has closed to itself, or given back, stay as
 * they are. */
static void exchange(common *all, int leave)
{
    uint8_t *page = all->pages;
    for (uint32_t i = 0; i < all->count; i++) {
        for (size_t done = 0; done < all->range[i].size; done += RFN_PAGE, page += RFN_PAGE) {
            uint8_t *own = (uint8_t *)(all->range[i].start + done);
            if ((rfn_page(own) & RFN_PROTECTED) || !rfn_maps_shares((uintptr_t)own) || same(own, page)) {
                continue;
            }
            if (leave) {
                rfn_copy(page, own, RFN_PAGE);
            } else {
                rfn_wrote(own, RFN_PAGE);
                rfn_copy(own, page, RFN_PAGE);
            }
        }
    }
}

void rfn_maps_reload(void)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        const rfn_area *m = &rfn_areas[i];
        for (size_t done = 0; m->shared && m->file->kind == RFN_REGULAR && done < m->size; done += RFN_PAGE) {
            size_t offset = m->offset + done, size = m->size - done < RFN_PAGE ? m->size - done : RFN_PAGE;
            uint8_t *own = (uint8_t *)(m->start + done);
            if (offset >= m->file->size || (rfn_page(own) & RFN_PROTECTED)) {
                continue;
            }
            size = size < m->file->size - offset ? size : m->file->size - offset;
            if (memcmp(own, m->file->bytes + offset, size) != 0) {
                rfn_wrote(own, size);
                rfn_copy(own, m->file->bytes + offset, size);
            }
        }
    }
}

void rfn_maps_leave(void *memory) { exchange(memory, 1); }

void rfn_maps_take(void *memory) { exchange(memory, 0); }

void rfn_maps_names(void (*visit)(const char *name, void *context), void *context)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        if (rfn_areas[i].size > 0 && rfn_areas[i].file != NULL && rfn_areas[i].file->kind == RFN_REGULAR) {
            visit(rfn_areas[i].file->name, context);
        }
    }
}

/* A file does not grow by what is written behind its end. */
static void write_back(const rfn_area *m, uintptr_t from, size_t size)
{
    size_t offset = m->offset + (from - m->start);
    size_t left;
    int lifted;
    if (m->file == NULL || !m->shared || m->file->kind != RFN_REGULAR || offset >= m->file->size) {
        return;
    }
    left = m->file->size - offset;
    lifted = !(m->protection & PROT_READ) && rfn_pages_lift(from, size);
    rfn_file_put(m->file, (const void *)from, size < left ? size : left, offset);
    if (lifted) {
        rfn_pages_lower(from, size, m->protection);
    }
}

void rfn_maps_write_back(void)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        write_back(&rfn_areas[i], rfn_areas[i].start, rfn_areas[i].size);
    }
}

static void too_many(void)
{
    rfn_problem(RFN_PROBLEM_OUTSIDE, 0, "more than %d mappings that are shared, or of files, at the same time, and no further one is made",
                (int)RFN_AREAS);
    errno = ENFILE; /* reported by itself, and not as memory that is full */
}

void rfn_maps_cut(uintptr_t start, size_t size)
{
    rfn_areas_divide(start, size);
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        rfn_area *m = &rfn_areas[i];
        uintptr_t end = m->start + m->size;
        uintptr_t from = start > m->start ? start : m->start;
        uintptr_t to = start + size < end ? start + size : end;
        if (from < to) {
            write_back(m, from, to - from);
            m->size = from - m->start; /* nothing is left, but of one that could not be divided */
        }
    }
}

/* What lies in it has come from somewhere else, and nobody wrote it. */
static void refreshed(rfn_area *m)
{
    if (m->private && !m->written) {
        rfn_unwritten(m->start, m->size);
    }
    rfn_filter_renew(m);
}

void rfn_maps_move(uintptr_t from, size_t size, uintptr_t to)
{
    rfn_areas_divide(from, size);
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        rfn_area *m = &rfn_areas[i];
        if (m->size > 0 && m->start - from < size) {
            rfn_filter_settle(m);
            write_back(m, m->start, m->size);
            m->start += to - from;
            refreshed(m);
        }
    }
}

void rfn_maps_grow(uintptr_t start, size_t before, size_t after)
{
    rfn_area *m = rfn_area_at(start + before - RFN_PAGE);
    if (m == NULL) {
        return;
    }
    rfn_filter_settle(m);
    m->size = start + after - m->start;
    if (m->file != NULL && m->file->kind == RFN_REGULAR) {
        rfn_file_get(m->file, (uint8_t *)start + before, after - before, m->offset + (start + before - m->start));
    }
    refreshed(m);
}

int rfn_maps_any(uintptr_t start, size_t size)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        if (rfn_areas[i].size > 0 && rfn_areas[i].start < start + size && start < rfn_areas[i].start + rfn_areas[i].size) {
            return 1;
        }
    }
    return 0;
}

/* It is what the file holds, once more. */
static void read_again(rfn_area *m, uintptr_t from, uintptr_t to)
{
    int lifted;
    rfn_filter_settle(m);
    rfn_pages_clear((void *)from, to - from);
    if (m->file->kind == RFN_REGULAR) {
        lifted = (m->protection & BOTH) != BOTH && rfn_pages_lift(from, to - from);
        rfn_file_get(m->file, (void *)from, to - from, m->offset + (from - m->start));
        if (lifted) {
            rfn_pages_lower(from, to - from, m->protection);
        }
    }
    refreshed(m);
}

void rfn_maps_discard(uintptr_t start, size_t size)
{
    uintptr_t end = start + size;
    if (!rfn_maps_any(start, size)) {
        rfn_pages_clear((void *)start, size);
        return;
    }
    while (start < end) {
        rfn_area *m = rfn_area_at(start);
        uintptr_t to = m == NULL ? start + RFN_PAGE : m->start + m->size < end ? m->start + m->size : end;
        if (m == NULL) {
            rfn_pages_clear((void *)start, RFN_PAGE);
        } else if (!is_shared(m)) {
            read_again(m, start, to);
        }
        start = to;
    }
}

int rfn_maps_remove(uintptr_t start, size_t size)
{
    for (uintptr_t at = start; at < start + size; at += RFN_PAGE) {
        if (!rfn_maps_shares(at)) {
            return 0;
        }
    }
    rfn_pages_clear((void *)start, size);
    rfn_maps_write_back();
    return 1;
}

static size_t whole(size_t size) { return (size + RFN_PAGE - 1) & ~(size_t)(RFN_PAGE - 1); }

static void *place(uintptr_t hint, size_t size, int flags)
{
    void *start = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) ? rfn_map_at(hint, size) : rfn_map(size);
    if (start == NULL) {
        errno = ENOMEM;
    }
    return start;
}

/* What is mapped right beside a part of the same file, where the program wants it, is one mapping with that. */
static void belongs_to_neighbour(rfn_area *m)
{
    const rfn_area *before = rfn_area_at(m->start - 1), *behind = rfn_area_at(m->start + m->size);
    if (before != NULL && before->file == m->file && before->offset + before->size == m->offset) {
        m->made = before->made;
    } else if (behind != NULL && behind->file == m->file && m->offset + m->size == behind->offset) {
        m->made = behind->made;
    }
    rfn_areas_join(m->start, m->size);
}

void *rfn_map_file(uintptr_t hint, size_t size, int protection, int flags, rfn_file *file, int opened, off_t offset)
{
    int shared = (flags & MAP_TYPE) != MAP_PRIVATE, access, writes;
    uint8_t *start;
    rfn_area *kept;
    access = opened & O_ACCMODE;
    writes = (protection & PROT_WRITE) != 0;
    if (access == O_WRONLY || (shared && writes && access != O_RDWR)) {
        errno = EACCES;
        return MAP_FAILED;
    }
    if (file->kind == RFN_ZEROS) {
        return rfn_map_anonymous(hint, size, flags);
    }
    if (file->kind != RFN_REGULAR && file->kind != RFN_SECRETS) {
        errno = ENODEV;
        return MAP_FAILED;
    }
    if (file->kind == RFN_SECRETS && !shared) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    if (rfn_area_new() == NULL) {
        too_many();
        return MAP_FAILED;
    }
    start = place(hint, size, flags);
    if (start == NULL) {
        return MAP_FAILED;
    }
    size = whole(size);
    kept = rfn_area_new(); /* once more: in its place something may have been cut in two */
    if (kept == NULL) {
        too_many();
        return MAP_FAILED;
    }
    rfn_maps_write_back();
    if (file->kind == RFN_REGULAR) {
        rfn_file_get(file, start, size, (size_t)offset);
    }
    *kept = (rfn_area){
        .start = (uintptr_t)start, .size = size, .offset = (size_t)offset, .file = file, .made = ++calls,
        .shared = (uint8_t)(shared && writes), .is_view = (uint8_t)shared, .private = (uint8_t)(!shared || access != O_RDWR),
        .protection = (uint8_t)protection,
    };
    rfn_area_is_seen(kept);
    kept->charged = kept->private && writes;
    kept->written = kept->charged && (flags & MAP_POPULATE);
    rfn_filter_new(kept);
    if (file->kind == RFN_SECRETS && !(rfn.control_block->plan.lift & RFN_LIFT_SECRET)) {
        rfn_pages(start, size, RFN_SECRET, 0);
    }
    if (flags & MAP_FIXED) {
        belongs_to_neighbour(kept);
    }
    return start;
}

void *rfn_map_anonymous(uintptr_t hint, size_t size, int flags)
{
    int shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    rfn_area *kept;
    void *start;
    if (shared && rfn_area_new() == NULL) {
        too_many();
        return MAP_FAILED;
    }
    start = place(hint, size, flags);
    if (start == NULL || !shared) {
        return start == NULL ? MAP_FAILED : start;
    }
    kept = rfn_area_new();
    if (kept == NULL) {
        too_many();
        return MAP_FAILED;
    }
    *kept = (rfn_area){.start = (uintptr_t)start, .size = whole(size), .made = ++calls, .protection = BOTH};
    return start;
}
