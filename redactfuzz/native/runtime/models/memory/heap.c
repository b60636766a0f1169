#include "models/memory/heap.h"

#include <errno.h>
#include <stdlib.h>

#include "base/parts.h"
#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/memory/blocks.h"
#include "schedule/point.h"
#include "state/control.h"
#include "state/objects.h"
#include "state/program.h"

static RFN_STATE uint32_t held;   /* 1 + number of the thread that is between two points of a call */
static RFN_STATE uint64_t taken_at;
static RFN_STATE uint8_t awaited; /* and somebody wants to begin */

static void reset(void)
{
    held = 0;
    taken_at = 0;
    awaited = 0;
}

/* -- the lock */

static int is_free(const void *object)
{
    (void)object;
    awaited |= held != 0;
    return !held;
}

static uint32_t holder(const void *object)
{
    (void)object;
    return held > 0 ? held - 1 : RFN_THREADS;
}

static uint64_t where_taken(const void *object)
{
    (void)object;
    return taken_at;
}

static const rfn_condition free_heap = {
    .can = is_free, .name = "the lock of malloc", .holder = holder, .taken_at = where_taken};

/* Without an event. */
static void take(uintptr_t site)
{
    held = 1 + rfn_self();
    taken_at = rfn_site(site);
    rfn_touched_object(RF_RMW, rfn_object_number(RFN_OBJECT_HEAP));
    rfn_blocks_begin();
}

/* A call begins: the lock is taken, and a crash may strike before it is given back. */
static void enter(uintptr_t site)
{
    rfn_at(RF_RMW, RFN_OBJECT_HEAP, site);
    if (held) {
        rfn_when(&free_heap, RFN_OBJECT_HEAP, RF_RMW, site, RFN_FOREVER);
    }
    take(site);
    rfn_at_piece(RFN_OBJECT_HEAP, 1, site);
}

/* In the midst of another model, of which it is not known what it touches when it goes on. */
static void enter_within(uintptr_t site)
{
    rfn_heap_await(site);
    take(site);
}

int rfn_heap_await(uintptr_t site)
{
    int waited = held != 0;
    while (held) {
        rfn_when(&free_heap, RFN_OBJECT_HEAP, RF_WRITE, site, RFN_FOREVER);
    }
    return waited;
}

static void leave(void)
{
    held = 0;
    if (awaited) {
        awaited = 0;
        rfn_changed(RFN_OBJECT_HEAP);
    }
}

/* Begins with the lock held, and ends without. */
static void *change(void *memory, size_t size, uintptr_t site)
{
    block *b;
    void *to;
    if (memory == NULL) {
        to = rfn_block_give(size, RFN_UNIT, site, 0);
        leave();
        return to;
    }
    b = rfn_block_used(memory, "realloc", site);
    if (b == NULL) {
        leave();
        return realloc(memory, size);
    }
    if (size == 0) {
        rfn_block_free(b, site);
        leave();
        return NULL;
    }
    if (rfn_block_grow(b, size)) {
        leave();
        return memory;
    }
    if (b->mapping != 0) {
        to = rfn_block_move(b, size, site);
        leave();
        return to;
    }
    to = rfn_block_give(size, RFN_UNIT, site, 0);
    leave(); /* glibc copies without the lock */
    if (to != NULL) {
        rfn_wrote(to, b->room);
        for (size_t done = 0; done < b->room; done += RFN_LINE) {
            size_t now = b->room - done < RFN_LINE ? b->room - done : RFN_LINE;
            if (done > 0) {
                rfn_at_piece((uint8_t *)to + done, now, site);
            }
            rfn_touched(RF_READ, (uint8_t *)memory + done, now);
            rfn_copy((uint8_t *)to + done, (uint8_t *)memory + done, now);
        }
        rfn_touched_object(RF_RMW, rfn_object_number(RFN_OBJECT_HEAP));
        rfn_block_free(b, site);
    }
    return to;
}

/* -- for other models */

void *rfn_allocate(size_t size, uintptr_t site)
{
    void *memory;
    enter_within(site);
    memory = rfn_block_give(size, RFN_UNIT, site, 0);
    leave();
    return memory;
}

void *rfn_reallocate(void *memory, size_t size, uintptr_t site)
{
    enter_within(site);
    return change(memory, size, site);
}

static void release(void *memory, uintptr_t site)
{
    block *b = rfn_block_used(memory, "free", site);
    if (b != NULL) {
        rfn_block_free(b, site);
    }
    leave();
    if (b == NULL) {
        free(memory);
    }
}

void rfn_release(void *memory, uintptr_t site)
{
    if (memory != NULL) {
        enter_within(site);
        release(memory, site);
    }
}

void *rfn_malloc(size_t size, size_t alignment, uintptr_t site)
{
    void *memory;
    enter(site);
    memory = rfn_block_give(size, alignment, site, 0);
    leave();
    return memory;
}

void rfn_free(void *memory, uintptr_t site)
{
    if (memory != NULL) {
        enter(site);
        release(memory, site);
    }
}

/* -- what the program calls, and is more than the above: see also allocators.c */

void *model_calloc(size_t count, size_t each)
{
    size_t size;
    void *memory;
    if (__builtin_mul_overflow(count, each, &size)) {
        errno = ENOMEM;
        return NULL;
    }
    enter(SITE());
    memory = rfn_block_give(size, RFN_UNIT, SITE(), 1);
    leave();
    return memory;
}

void *model_realloc(void *memory, size_t size)
{
    enter(SITE());
    return change(memory, size, SITE());
}

size_t model_malloc_usable_size(const void *memory)
{
    block *b;
    rfn_blocks_begin();
    b = memory == NULL ? NULL : rfn_block_used(memory, "malloc_usable_size", SITE());
    if (b != NULL) {
        rfn_block_widen(b);
    }
    return b == NULL ? 0 : b->room;
}

RFN_PART(RFN_ON_MODELS_MEMORY, heap, .reset = reset);
