/* Which bytes of the program's heap lie in a live block: a byte of shadow for each eight, as AddressSanitizer has it. Set by who gives
 * blocks out and takes them back (models/memory/blocks.c), asked before an access is carried out (schedule/point.c).
 */
#ifndef RFN_SHADOW_H
#define RFN_SHADOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/addresses.h"

enum { RFN_SHADOWED = 8 /* bytes for which one stands */ };

/* Values. 0 to 8: so many may be touched, from the first on. 0 where no block has ever been. */
enum { RFN_FREED = 0xfd };

extern uint8_t *rfn_shadow; /* of the heap, from its first byte on */

void rfn_shadow_init(void);
/* A block with its room: `size` bytes may be touched, the rest of the room must not. */
void rfn_shadow_live(uintptr_t start, size_t size, size_t room);
void rfn_shadow_freed(uintptr_t start, size_t room);
/* Up to there all is as it was when there was no block. */
void rfn_shadow_clear(uintptr_t end);

/* The first byte of the range that lies in no live block, of those in the heap; 0: there is none. */
uintptr_t rfn_shadow_outside(uintptr_t at, size_t size);

/* What an instruction touches. An aligned word or vector that begins in a block may be read as a whole, by who looks for the end of a
 * text: no machine faults there. */
static inline uintptr_t rfn_shadow_struck(uintptr_t at, size_t size, int reads)
{
    uintptr_t offset = at - RFN_HEAP;
    uint8_t first;
    if (__builtin_expect(offset >= RFN_HEAP_SIZE, 1)) {
        return 0;
    }
    first = rfn_shadow[offset / RFN_SHADOWED];
    if (__builtin_expect(offset % RFN_SHADOWED + size <= RFN_SHADOWED && first == RFN_SHADOWED, 1)) {
        return 0;
    }
    if (reads && size >= RFN_SHADOWED && offset % size == 0 && first != 0 && first <= RFN_SHADOWED) {
        return 0;
    }
    return rfn_shadow_outside(at, size);
}

/* 1: freed. 0: between blocks. */
static inline int rfn_shadow_is_freed(uintptr_t at) { return rfn_shadow[(at - RFN_HEAP) / RFN_SHADOWED] == RFN_FREED; }

#endif
