/* The blocks of the heap: where they lie, which are free, what is left in them. No events, no lock: see heap.c. */
#ifndef RFN_BLOCKS_H
#define RFN_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

enum {
    RFN_UNIT = 16,  /* blocks begin at multiples, as do all that malloc gives */
    RFN_HEADER = 8, /* glibc's word in front of a block; the one before that belongs to the block before */
};

enum state { USED = 1, FREE, UNMAPPED };

typedef struct block {
    uintptr_t start;
    size_t size; /* as asked for */
    size_t room; /* bytes that it has, malloc_usable_size */
    uint64_t allocated_at, freed_at;
    uintptr_t mapping; /* it has one of its own, that begins here; else 0 */
    uint32_t next;     /* free block of the same room, 0: none */
    uint16_t allocated_by, freed_by;
    uint8_t state;
} block;

/* Before any other, once the heap is used in this execution. */
void rfn_blocks_begin(void);

/* A new block, or the last one freed of this size. `zeroed`: what it held before is cleared. NULL: errno is set. */
void *rfn_block_give(size_t size, size_t alignment, uintptr_t site, int zeroed);
/* The block that begins there and is in use. NULL: it is memory of libc's own malloc. Everything else is a bug. */
block *rfn_block_used(const void *memory, const char *call, uintptr_t site);
void rfn_block_free(block *b, uintptr_t site);
/* Larger (or smaller) without moving it: it is large enough already, or nothing lies behind it. 0: impossible. */
int rfn_block_grow(block *b, size_t size);
/* All of its room is in use from now on: the program has asked how much that is. */
void rfn_block_widen(block *b);
/* One that is a mapping of its own moves with its content, and leaves no copy. NULL: errno is set. */
void *rfn_block_move(block *b, size_t size, uintptr_t site);

#endif
