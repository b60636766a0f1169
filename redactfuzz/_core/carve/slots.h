/* Characters or bytes that lie in slots wider than they are: small integers of OCaml and V8, arrays of long, vector registers. */
#ifndef RF_SLOTS_H
#define RF_SLOTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct rf_slots {
    uint64_t mask;  /* of the lower 8 bytes of a slot, little-endian: what may be set; all else is zero */
    uint32_t width; /* 8 or 16 */
    uint32_t odd;   /* 1: the lowest bit is set in each */
    uint32_t least; /* slots of a run */
    uint32_t reserved;
} rf_slots;

/* The first run of such slots, one behind the other, that begins at `at` plus a multiple of the width, before `stop`. A single slot
 * of zeros does not end it. Returns where it begins, or `stop`; leaves its end in `*end`. */
size_t rf_slots_next(const rf_slots *slots, const uint8_t *data, size_t size, size_t at, size_t stop, size_t *end);

#endif
