/* The CRT exponents dp and dq of RSA by the public key (n, e) alone: x is one of them exactly if 2^(e x - 1) is 1 modulo a prime factor of n
 * (RFC 8017 section 3.2 has e dp = 1 modulo p - 1), and that is 1 modulo n for no number so short.
 *
 * One power for each window would take as many multiplications as a window has bits. So a number is taken for its digits v_0, v_1, ... of B
 * = 2^digit_bits, and the digit v at place j of a row of them has the power T_j(v) = 2^(B^j (v e F - (B - 1))), where F = B^digits - 1. The
 * exponents of the digits of a window that begins at place j add up to F B^j (e x - 1): the products of all that lies from its
 * beginning on, and of all that lies from its end on, are the same modulo p. T_j is put together of powers of a few bits each, which a table
 * has. With four bits that makes some four multiplications modulo n for each digit of 8 bits, however long a window is.
 *
 * Others pass as well, since B and F may have factors in common with p - 1, but hardly ever by chance. What passes is checked elsewhere.
 */
#ifndef RF_KEY_POWER_H
#define RF_KEY_POWER_H

#include <stddef.h>
#include <stdint.h>

enum {
    RF_POWER_LIMBS = 128, /* 64-bit limbs of the largest modulus: 8,192 bits */
};

typedef struct rf_power {
    const uint64_t *modulus; /* odd, of `limbs` limbs from the lowest; so are all numbers here */
    const uint64_t *one; /* in Montgomery's form, times 2^(64 limbs) modulo the modulus; so are all but the modulus */
    uint64_t n0; /* -modulus^-1 modulo 2^64 */
    uint32_t limbs; /* at most RF_POWER_LIMBS */
    uint32_t digit_bits; /* 1 to 63 */
    uint32_t digit_bytes; /* in memory, where each digit is little-endian: 1 to 8 */
    uint32_t digits; /* of a window, at least 1 */
    uint32_t places; /* digits of the longest row: as many, or more */
    uint32_t
        part_bits; /* of a digit that are multiplied with at a time: the fewer, the smaller the table and the longer the search */
    uint64_t *table; /* 2^part_bits numbers for each part of each place: filled in by rf_power_prepare() */
} rf_power;

/* Digits in a row, each below 2^digit_bits (of 1 to 63), at least `least` (at least 1) of them, at multiples of digit_bytes from `*from` on
 * and before `end`. Returns how many, of which the first is at `*from`; 0 when there are no more. Where hardly any is so small, few are read. */
uint64_t rf_digit_row(const uint8_t *data, uint64_t end, uint32_t digit_bits, uint32_t digit_bytes, uint64_t least,
                      uint64_t *from);
/* Fills in the table. Given are 2^(e F) and 2^-(B - 1). */
void rf_power_prepare(const rf_power *power, const uint64_t *base, const uint64_t *less);
/* All windows of a row of `count` digits, which are `digits` to `places`; `down`: the highest lies first. Fills in count + 1 products: ends[0]
 * is 1, and ends[i] is that of the i highest digits. The window whose lowest digit is the i-th of them may be a CRT exponent when ends[i] and
 * ends[i - digits] are the same modulo a factor of the modulus. `all` is the product of all those differences. They are as secret as the
 * windows: who asked for them clears them. */
void rf_power_windows(const rf_power *power, int down, const uint8_t *data, uint64_t count, uint64_t *ends,
                      uint64_t *all);

#endif
