/* The program's heap: an arena in the window. Bookkeeping lies outside; freed memory keeps what it held. */
#ifndef RFN_HEAP_H
#define RFN_HEAP_H

#include <stddef.h>
#include <stdint.h>

void rfn_heap_reset(void);
/* For models that need memory where a dump would show it (stdio buffers, strdup). */
void *rfn_allocate(size_t size, uintptr_t site);
void rfn_release(void *memory, uintptr_t site);

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
