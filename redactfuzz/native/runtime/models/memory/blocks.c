#include "models/memory/blocks.h"

#include <errno.h>
#include <string.h>

#include "base/hidden.h"
#include "base/parts.h"
#include "base/shadow.h"
#include "mappings/pages.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/memory/heap.h"
#include "schedule/ending.h"
#include "schedule/fiber.h"
#include "state/outcome.h"
#include "state/program.h"

enum {
    LEAST = 24,              /* bytes that the smallest block has */
    LINKS = 16,              /* what free overwrites */
    BLOCKS = 1 << 22,
    OWN_MAPPING = 128 << 10, /* M_MMAP_THRESHOLD at the start, and how far it may grow */
    OWN_MAPPING_MOST = 32 << 20,
    ROOMS = OWN_MAPPING_MOST / RFN_UNIT + 2,
};

#define COVERED (RFN_HEAP_SIZE + RFN_MAPPINGS_SIZE) /* where a block may begin */
#define KEY UINT64_C(0x5bd1e995a3c14f27)            /* glibc: a random word that marks what lies in a cache */

static RFN_STATE struct {
    block *blocks;  /* 1 .. count */
    uint32_t *at;   /* number of the block that begins at a unit of the window; 0: none */
    uint32_t count;
    size_t own_mapping;
    /* what the program's constructors left, see loaded */
    uint32_t kept_count;
    uintptr_t kept_top;
    block *kept_blocks;
    uint8_t *kept;
} heap;
static uint32_t free_of[ROOMS]; /* last freed block, by room / RFN_UNIT */

void rfn_blocks_begin(void)
{
    if (rfn_heap_end != 0) {
        return;
    }
    rfn_heap_end = RFN_HEAP + RFN_UNIT;
    heap.own_mapping = OWN_MAPPING;
}

static void begins(void)
{
    rfn_shadow_init();
    heap.blocks = rfn_hidden((size_t)BLOCKS * sizeof *heap.blocks);
    heap.at = rfn_hidden(COVERED / RFN_UNIT * sizeof *heap.at);
}

static inline uint32_t *slot_of(uintptr_t start)
{
    return &heap.at[(start - RFN_WINDOW) / RFN_UNIT];
}

static void is_live(const block *b)
{
    if (b->mapping == 0) {
        rfn_shadow_live(b->start, b->size, b->room);
    }
}

static int loaded(void *handle)
{
    size_t size;
    (void)handle;
    if (rfn_heap_end == 0) {
        return 1;
    }
    size = rfn_heap_end - RFN_HEAP;
    heap.kept_top = rfn_heap_end;
    heap.kept_count = heap.count;
    heap.kept = rfn_hidden(size);
    heap.kept_blocks = rfn_hidden((heap.count + 1) * sizeof *heap.kept_blocks);
    memcpy(heap.kept, (const void *)RFN_HEAP, size);
    memcpy(heap.kept_blocks, heap.blocks, (heap.count + 1) * sizeof *heap.kept_blocks);
    return 1;
}

/* Blocks that constructors allocated are as they were; those that they freed are not given out again. */
static void put_constructed_back(void)
{
    size_t size = heap.kept_top - RFN_HEAP;
    if (memcmp((const void *)RFN_HEAP, heap.kept, size) != 0) {
        memcpy((void *)RFN_HEAP, heap.kept, size);
    }
    memcpy(heap.blocks, heap.kept_blocks, (heap.kept_count + 1) * sizeof *heap.blocks);
    heap.count = heap.kept_count;
    rfn_heap_end = heap.kept_top;
    heap.own_mapping = OWN_MAPPING;
    for (uint32_t i = 1; i <= heap.count; i++) {
        block *b = &heap.blocks[i];
        *slot_of(b->start) = i;
        if (b->state == FREE) {
            rfn_shadow_freed(b->start, b->room);
        } else {
            is_live(b);
        }
    }
}

static void reset(void)
{
    for (uint32_t i = 1; i <= heap.count; i++) {
        const block *b = &heap.blocks[i];
        *slot_of(b->start) = 0;
        if (b->room / RFN_UNIT < ROOMS) {
            free_of[b->room / RFN_UNIT] = 0;
        }
    }
    if (rfn_heap_end != 0) {
        rfn_shadow_clear(rfn_heap_end);
    }
    heap.count = 0;
    heap.own_mapping = 0;
    rfn_heap_end = 0; /* see rfn_blocks_begin */
    if (heap.kept_count > 0) {
        put_constructed_back();
    }
}

/* -- blocks */

static size_t room_for(size_t size)
{
    size_t room = (size + RFN_HEADER + RFN_UNIT - 1) / RFN_UNIT * RFN_UNIT - RFN_HEADER;
    return room < LEAST ? LEAST : room;
}

static uint16_t me(void)
{
    return rfn_current != NULL ? rfn_current->number : RFN_MAIN;
}

static block *new_block(uintptr_t start, size_t room, uintptr_t mapping)
{
    block *b = &heap.blocks[++heap.count];
    b->start = start;
    b->room = room;
    b->mapping = mapping;
    *slot_of(start) = heap.count;
    return b;
}

/* A large block: two words of glibc's, then what the program gets, to the end of the page. */
static block *map_block(size_t room, size_t alignment)
{
    size_t before = alignment > 2 * RFN_HEADER ? alignment : 2 * RFN_HEADER;
    size_t size = (before + room + RFN_PAGE - 1) / RFN_PAGE * RFN_PAGE;
    uintptr_t mapping = (uintptr_t)rfn_map(size);
    uintptr_t start = (mapping + 2 * RFN_HEADER + alignment - 1) & ~(alignment - 1);
    return mapping == 0 ? NULL : new_block(start, mapping + size - start, mapping);
}

static block *take(size_t size, size_t alignment, int *dirty)
{
    size_t room;
    uint32_t *head;
    uintptr_t start;
    *dirty = 0;
    if (size > PTRDIFF_MAX || heap.count + 1 >= BLOCKS) {
        return NULL;
    }
    room = room_for(size);
    if ((room + RFN_HEADER >= heap.own_mapping || room / RFN_UNIT >= ROOMS) && rfn_current != NULL) {
        return map_block(room, alignment);
    }
    head = &free_of[room / RFN_UNIT < ROOMS ? room / RFN_UNIT : 0];
    if (*head != 0 && heap.blocks[*head].start % alignment == 0) {
        block *b = &heap.blocks[*head];
        *head = b->next;
        rfn_touched(RF_WRITE, (void *)b->start, b->room); /* who comes after it touches a live block */
        rfn_wrote((void *)(b->start + RFN_HEADER), RFN_HEADER);
        rfn_fill((void *)(b->start + RFN_HEADER), 0, RFN_HEADER); /* the mark of the cache */
        *dirty = 1;
        return b;
    }
    start = (rfn_heap_end + alignment - 1) & ~(alignment - 1);
    if (room > RFN_HEAP + RFN_HEAP_SIZE - start - RFN_HEADER) {
        return NULL;
    }
    rfn_heap_end = start + room + RFN_HEADER;
    return new_block(start, room, 0);
}

void *rfn_block_give(size_t size, size_t alignment, uintptr_t site, int zeroed)
{
    int dirty;
    block *b = take(size, alignment < RFN_UNIT ? RFN_UNIT : alignment, &dirty);
    if (b == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    b->size = size;
    b->state = USED;
    b->allocated_at = rfn_site(site);
    b->allocated_by = me();
    b->freed_at = 0;
    is_live(b);
    if (zeroed && dirty) {
        rfn_wrote((void *)b->start, b->room);
        rfn_fill((void *)b->start, 0, b->room);
    }
    return (void *)b->start;
}

/* The block that begins there and is in use. NULL: it is memory of libc's own malloc. Everything else is a bug. */
block *rfn_block_used(const void *memory, const char *call, uintptr_t site)
{
    uintptr_t start = (uintptr_t)memory;
    uint32_t number = 0;
    if (!rfn_is_program(memory)) {
        return NULL;
    }
    if (start - RFN_WINDOW < COVERED && start % RFN_UNIT == 0) {
        number = *slot_of(start);
    }
    if (number == 0) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of an address that malloc did not give", call);
    }
    if (heap.blocks[number].state != USED) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of a block of %zu bytes that was freed before", call, heap.blocks[number].size);
    }
    return &heap.blocks[number];
}

void rfn_block_free(block *b, uintptr_t site)
{
    uint32_t number = *slot_of(b->start);
    b->freed_at = rfn_site(site);
    b->freed_by = me();
    if (b->mapping != 0) {
        size_t size = b->start + b->room - b->mapping;
        b->state = UNMAPPED;
        if (size > heap.own_mapping && size <= OWN_MAPPING_MOST) {
            heap.own_mapping = size;
        }
        *slot_of(b->start) = number; /* a second free of it is reported, until the address is given out anew */
        rfn_unmap((void *)b->mapping, size);
        return;
    }
    b->state = FREE;
    rfn_shadow_freed(b->start, b->room);
    rfn_touched(RF_WRITE, (void *)b->start, b->room); /* who comes after it touches no live block */
    b->next = free_of[b->room / RFN_UNIT];
    free_of[b->room / RFN_UNIT] = number;
    rfn_wrote((void *)b->start, LINKS);
    /* As glibc's cache: the next free block, mangled with its own address, and the mark. */
    *(uint64_t *)b->start = (b->start >> 12) ^ (b->next != 0 ? heap.blocks[b->next].start : 0);
    *(uint64_t *)(b->start + RFN_HEADER) = KEY;
}

/* Larger without moving it: it is large enough already, nothing lies behind it, or it is a mapping that shrinks. */
int rfn_block_grow(block *b, size_t size)
{
    size_t room = size > PTRDIFF_MAX ? SIZE_MAX : room_for(size);
    if (room > b->room) {
        if (b->mapping != 0 || b->start + b->room + RFN_HEADER != rfn_heap_end || room / RFN_UNIT >= ROOMS ||
            room > RFN_HEAP + RFN_HEAP_SIZE - b->start - RFN_HEADER) {
            return 0;
        }
        rfn_heap_end = b->start + room + RFN_HEADER;
        b->room = room;
    }
    b->size = size;
    is_live(b);
    return 1;
}

/* A mapping moves with its content, and leaves no copy. */
void *rfn_block_move(block *b, size_t size, uintptr_t site)
{
    size_t before = b->start - b->mapping;
    size_t whole;
    uintptr_t mapping = 0;
    if (size <= PTRDIFF_MAX && heap.count + 1 < BLOCKS) {
        whole = (before + room_for(size) + RFN_PAGE - 1) / RFN_PAGE * RFN_PAGE;
        mapping = (uintptr_t)rfn_remap((void *)b->mapping, before + b->room, whole, 1);
    }
    if (mapping == 0) {
        errno = ENOMEM;
        return NULL;
    }
    b->state = mapping == b->mapping ? b->state : UNMAPPED;
    if (mapping != b->mapping) {
        b->freed_at = rfn_site(site);
        b->freed_by = me();
        b = new_block(mapping + before, 0, mapping);
    }
    b->room = whole - before;
    b->size = size;
    b->state = USED;
    b->allocated_at = rfn_site(site);
    b->allocated_by = me();
    b->freed_at = 0;
    return (void *)b->start;
}

/* All of its room is in use from now on. */
void rfn_block_widen(block *b)
{
    b->size = b->room;
    is_live(b);
}

int rfn_block_of(const void *address, rfn_block *out)
{
    for (uint32_t i = heap.count; i > 0; i--) {
        const block *b = &heap.blocks[i];
        if ((uintptr_t)address - b->start
            < b->room + RFN_HEADER) { /* what lies behind it as well: nothing is there but by mistake */
            out->start = b->start;
            out->size = b->size;
            out->allocated_at = b->allocated_at;
            out->freed_at = b->freed_at;
            out->allocated_by = b->allocated_by;
            out->freed_by = b->freed_by;
            return 1;
        }
    }
    return 0;
}

RFN_PART(RFN_ON_MODELS_MEMORY, blocks, .begins = begins, .loaded = loaded, .reset = reset);
