#include "maps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "bytes.h"
#include "descriptors.h"
#include "memory.h"
#include "outcome.h"
#include "pages.h"
#include "run.h"

enum { MAPS = 256 };

typedef struct map {
    uintptr_t start;
    size_t size; /* 0: nothing lies there any more */
    size_t offset;
    rfn_file *file; /* NULL: shared memory of nobody's */
    uint8_t shared; /* what is written to it belongs to the file */
    uint8_t is_view; /* MAP_SHARED: it shows what the file holds */
} map;

static map maps[MAPS];
static uint32_t count;

void rfn_maps_forget(void)
{
    count = 0;
}

static size_t whole(size_t size) { return (size + RFN_PAGE - 1) & ~(size_t)(RFN_PAGE - 1); }

static int is_shared(const map *m) { return m->size > 0 && (m->file == NULL || m->shared); }

int rfn_maps_shares(uintptr_t address)
{
    for (uint32_t i = 0; i < count; i++) {
        if (is_shared(&maps[i]) && address - maps[i].start < maps[i].size) {
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
    } range[MAPS];
    _Alignas(RFN_PAGE) uint8_t pages[];
} common;

size_t rfn_maps_shared(void)
{
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        size += is_shared(&maps[i]) ? whole(maps[i].size) : 0;
    }
    return size > 0 ? size + sizeof(common) : 0;
}

void rfn_maps_share(void *memory)
{
    common *all = memory;
    for (uint32_t i = 0; i < count; i++) {
        if (is_shared(&maps[i])) {
            all->range[all->count].start = maps[i].start;
            all->range[all->count++].size = whole(maps[i].size);
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
    for (uint32_t i = 0; i < count; i++) {
        const map *m = &maps[i];
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
    for (uint32_t i = 0; i < count; i++) {
        if (maps[i].size > 0 && maps[i].file != NULL && maps[i].file->kind == RFN_REGULAR) {
            visit(maps[i].file->name, context);
        }
    }
}

/* A file does not grow by what is written behind its end. */
static void write_back(const map *m, uintptr_t from, size_t size)
{
    size_t offset = m->offset + (from - m->start);
    size_t left;
    if (m->file == NULL || !m->shared || m->file->kind != RFN_REGULAR || offset >= m->file->size) {
        return;
    }
    left = m->file->size - offset;
    rfn_file_put(m->file, (const void *)from, size < left ? size : left, offset);
}

void rfn_maps_write_back(void)
{
    for (uint32_t i = 0; i < count; i++) {
        write_back(&maps[i], maps[i].start, maps[i].size);
    }
}

/* Where to keep one more; NULL: there are too many. */
static map *room(void)
{
    for (uint32_t i = 0; i < count; i++) {
        if (maps[i].size == 0) {
            return &maps[i];
        }
    }
    if (count == MAPS) {
        return NULL;
    }
    maps[count].size = 0;
    return &maps[count++];
}

static void too_many(void)
{
    rfn_problem(RFN_PROBLEM_OUTSIDE, 0, "more than %d mappings that are shared, or of files, at the same time, and no further one is made",
                (int)MAPS);
    errno = ENFILE; /* told by itself, and not as memory that is full */
}

void rfn_maps_cut(uintptr_t start, size_t size)
{
    uint32_t before = count;
    for (uint32_t i = 0; i < before; i++) {
        map *m = &maps[i];
        uintptr_t end = m->start + m->size;
        uintptr_t from = start > m->start ? start : m->start;
        uintptr_t to = start + size < end ? start + size : end;
        if (from >= to) {
            continue;
        }
        write_back(m, from, to - from);
        if (to < end) { /* what lies behind the hole */
            map *behind = room();
            if (behind != NULL) {
                *behind = (map){to, end - to, m->offset + (to - m->start), m->file, m->shared, m->is_view};
            } else {
                too_many();
            }
        }
        m->size = from - m->start;
    }
}

void rfn_maps_move(uintptr_t from, uintptr_t to)
{
    for (uint32_t i = 0; i < count; i++) {
        if (maps[i].size > 0 && maps[i].start == from) {
            write_back(&maps[i], from, maps[i].size);
            maps[i].start = to;
        }
    }
}

int rfn_maps_any(uintptr_t start, size_t size)
{
    for (uint32_t i = 0; i < count; i++) {
        if (maps[i].size > 0 && maps[i].start < start + size && start < maps[i].start + maps[i].size) {
            return 1;
        }
    }
    return 0;
}

static const map *map_at(uintptr_t address)
{
    for (uint32_t i = 0; i < count; i++) {
        if (address - maps[i].start < maps[i].size) {
            return &maps[i];
        }
    }
    return NULL;
}

void rfn_maps_discard(uintptr_t start, size_t size)
{
    if (!rfn_maps_any(start, size)) {
        rfn_pages_clear((void *)start, size);
        return;
    }
    for (uintptr_t at = start; at < start + size; at += RFN_PAGE) {
        const map *m = map_at(at);
        if (m != NULL && is_shared(m)) {
            continue;
        }
        rfn_pages_clear((void *)at, RFN_PAGE);
        if (m != NULL && m->file->kind == RFN_REGULAR) {
            rfn_file_get(m->file, (uint8_t *)at, RFN_PAGE, m->offset + (at - m->start));
        }
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

/* What a core holds of it (core(5), the filter as it is by default): shared memory without a name like anonymous memory;
 * a private mapping when it was written to, which for one that may be written is assumed; nothing of a shared file. */
static uint8_t flags_of(const rfn_file *file, int protection, int shared)
{
    if (file->kind == RFN_SECRETS) {
        return rfn.board->plan.lift & RFN_LIFT_SECRET ? 0 : RFN_SECRET | RFN_DONTDUMP;
    }
    if (shared) {
        return file->exists ? RFN_DONTDUMP : 0;
    }
    return protection & PROT_WRITE ? 0 : RFN_DONTDUMP;
}

static void *place(uintptr_t hint, size_t size, int flags)
{
    void *start = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) ? rfn_map_at(hint, size) : rfn_map(size);
    if (start == NULL) {
        errno = ENOMEM;
    }
    return start;
}

/* Whether another shared mapping has some of the same bytes, and one of both is written to: they should be one memory. */
static int seen_elsewhere(const rfn_file *file, size_t offset, size_t size, int writes)
{
    for (uint32_t i = 0; i < count; i++) {
        const map *m = &maps[i];
        if (m->size > 0 && m->file == file && m->is_view && (writes || m->shared) && m->offset < offset + size
            && offset < m->offset + m->size) {
            return 1;
        }
    }
    return 0;
}

void *rfn_map_file(uintptr_t hint, size_t size, int protection, int flags, int fd, off_t offset)
{
    const rfn_open *open = rfn_open_of(fd);
    int shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    rfn_file *file = open == NULL ? NULL : open->file;
    uint8_t *start;
    map *kept;
    if (file == NULL) {
        return MAP_FAILED;
    }
    if ((file->kind != RFN_REGULAR && file->kind != RFN_SECRETS) || (open->flags & O_ACCMODE) == O_WRONLY ||
        (shared && (protection & PROT_WRITE) && (open->flags & O_ACCMODE) != O_RDWR)) {
        errno = file->kind == RFN_REGULAR ? EACCES : ENODEV;
        return MAP_FAILED;
    }
    if (file->kind == RFN_SECRETS && !shared) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    if (room() == NULL) {
        too_many();
        return MAP_FAILED;
    }
    start = place(hint, size, flags);
    if (start == NULL) {
        return MAP_FAILED;
    }
    kept = room(); /* once more: in its place something may have been cut in two */
    if (kept == NULL) {
        too_many();
        return MAP_FAILED;
    }
    if (shared && seen_elsewhere(file, (size_t)offset, size, (protection & PROT_WRITE) != 0)) {
        rfn_problem(RFN_PROBLEM_OUTSIDE, 0, "a file is mapped twice at the same time, and what is written to one of these mappings is not"
                    " seen in the other before it is given back");
    }
    rfn_maps_write_back();
    if (file->kind == RFN_REGULAR) {
        rfn_file_get(file, start, size, (size_t)offset);
    }
    *kept = (map){(uintptr_t)start, size, (size_t)offset, file, (uint8_t)(shared && (protection & PROT_WRITE)), (uint8_t)shared};
    rfn_pages(start, size, flags_of(file, protection, shared), 0);
    return start;
}

void *rfn_map_anonymous(uintptr_t hint, size_t size, int flags)
{
    int shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    map *kept;
    void *start;
    if (shared && room() == NULL) {
        too_many();
        return MAP_FAILED;
    }
    start = place(hint, size, flags);
    if (start == NULL || !shared) {
        return start == NULL ? MAP_FAILED : start;
    }
    kept = room();
    if (kept == NULL) {
        too_many();
        return MAP_FAILED;
    }
    *kept = (map){.start = (uintptr_t)start, .size = size};
    return start;
}
