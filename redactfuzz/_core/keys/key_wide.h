/* Sums and differences of numbers of several 64-bit limbs, the lowest first. Inline: where the compiler knows how many, it unrolls them. */
#ifndef RF_KEY_WIDE_H
#define RF_KEY_WIDE_H

#include <stdint.h>

__extension__ typedef unsigned __int128 rf_wide;

/* r = a - b, and the borrow. */
static inline uint64_t rf_subtract(uint64_t *r, const uint64_t *a, const uint64_t *b, uint32_t limbs) {
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < limbs; i++) {
        rf_wide difference = (rf_wide)a[i] - b[i] - borrow;
        r[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1u;
    }
    return borrow;
}

/* r = a + b, and the carry. */
static inline uint64_t rf_add(uint64_t *r, const uint64_t *a, const uint64_t *b, uint32_t limbs) {
    uint64_t carry = 0;
    for (uint32_t i = 0; i < limbs; i++) {
        rf_wide sum = (rf_wide)a[i] + b[i] + carry;
        r[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return carry;
}

#endif
