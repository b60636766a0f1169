/* The program's heap: an arena in the window. Bookkeeping lies outside; freed memory keeps what it held.
 *
 * What matters for leaks is done as glibc does it on 64-bit machines: the size that a block really has, the last freed
 * block of a size is the next one given out, free overwrites the first 16 bytes and no more, realloc moves and leaves the
 * old copy where it cannot grow in place, blocks of 128 kB and more are mappings of their own whose content vanishes with
 * free and moves with realloc (until the first of them was freed: then that size comes from the heap). Not modelled: one
 * arena and cache for each thread, splitting and joining of free blocks. The words that glibc keeps in front of each block
 * are zero.
 *
 * A call is one event, on the heap as one object. In the finest granularity a crash may strike while the lock is held; a
 * handler that then calls malloc waits for ever, as with glibc.
 */
#ifndef RFN_HEAP_H
#define RFN_HEAP_H

#include <stddef.h>
#include <stdint.h>

/* For models that need memory where a dump would show it (stdio buffers, strdup). They are no events of their own, and
 * wait only when a thread that a signal interrupted holds the lock. NULL: none left, errno is set. */
void *rfn_allocate(size_t size, uintptr_t site);
void *rfn_reallocate(void *memory, size_t size, uintptr_t site);
void rfn_release(void *memory, uintptr_t site);
/* Until nobody holds the lock. 1: others went on meanwhile. Who must not be interrupted in its midst calls it first. */
int rfn_heap_await(uintptr_t site);

/* What malloc, aligned_alloc and free do, with the event. */
void *rfn_malloc(size_t size, size_t alignment, uintptr_t site);
void rfn_free(void *memory, uintptr_t site);

/* Where a leaked byte lies: the block that holds `address`, or held it. */
typedef struct rfn_block {
    uintptr_t start;
    size_t size;
    uint64_t allocated_at; /* site */
    uint64_t freed_at;     /* site; 0: in use */
    uint16_t allocated_by; /* number of the thread */
    uint16_t freed_by;
} rfn_block;
/* 0: no block ever held it in this execution. */
int rfn_block_of(const void *address, rfn_block *block);

#endif
