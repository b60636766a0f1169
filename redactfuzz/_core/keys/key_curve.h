/* Private scalars of known public points, on curves y^2 = x^3 + a x + b over a field of up to 576 bits.
 *
 * A window is the scalar when the base point times it has the x of a public key: there is no false report. Many windows are multiplied at a
 * time, with a table of multiples of the base point and one inversion for all additions of a step (Montgomery's trick). Curve25519 is
 * such a curve in other coordinates (draft-ietf-lwig-curve-representations appendix E). The numbers are those of a process that is
 * dead, so nothing here needs to take constant time.
 */
#ifndef RF_KEY_CURVE_H
#define RF_KEY_CURVE_H

#include <stddef.h>
#include <stdint.h>

#include "keys/key_prime.h"
#include "keys/key_text.h"

enum {
    RF_CURVE_LIMBS = 9,   /* of the field of P-521 */
    RF_CURVE_DIGITS = 255, /* multiples of each power of 256 in the table */
};

typedef enum rf_scalar_mode {
    RF_SCALAR_PLAIN = 0,
    RF_SCALAR_CLAMPED = 1, /* X25519: bits are set and cleared (RFC 7748 section 5) */
    RF_SCALAR_SEED = 2,    /* Ed25519: the same of the lower half of SHA-512 (RFC 8032 section 5.1.5) */
} rf_scalar_mode;

typedef struct rf_curve {
    uint32_t limbs;        /* 4, 6 or 9 */
    uint32_t scalar_bytes; /* at most 66 */
    uint64_t p[RF_CURVE_LIMBS];
    uint64_t a[RF_CURVE_LIMBS];
    uint64_t x[RF_CURVE_LIMBS]; /* of the base point */
    uint64_t y[RF_CURVE_LIMBS];
    uint64_t *table;       /* scalar_bytes * RF_CURVE_DIGITS * 2 * limbs */
    /* Filled in by rf_curve_prepare(). */
    uint64_t n0;
    uint64_t one[RF_CURVE_LIMBS];
    uint64_t square[RF_CURVE_LIMBS];
} rf_curve;

/* Computes the table. Returns 0 when the field has another size than those above. */
int rf_curve_prepare(rf_curve *curve);
/* Windows of a stretch at multiples of `step` whose bytes look random and that are the scalar of one of the public points, whose x are
 * `limbs` limbs each, one after the other. `form` is RF_LITTLE_ENDIAN, RF_BIG_ENDIAN, RF_HIGH_WORDS_32, RF_DIGITS_30 or RF_DIGITS_60. Looks from
 * `*from` on until there are `capacity` hits or `*budget`, which counts down, multiplications were made: then, or when all was looked
 * at, it returns the number of hits. */
uint32_t rf_find_scalars(const rf_curve *curve, uint32_t mode, uint32_t form, const uint64_t *points, uint32_t point_count, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *budget, rf_prime_hit *hits, uint32_t capacity);

/* Seeds of Ed25519 with their public keys right behind them (RFC 8032 section 5.1.5), as NaCl keeps them, at multiples of `step`: for these
 * nothing needs to be known before. The curve is Curve25519; `third` is what its x is more by than that of Montgomery's form (RFC 7748
 * section 4.1). The rest is as above. */
uint32_t rf_find_pairs(const rf_curve *curve, const uint64_t *third, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *budget, rf_prime_hit *hits, uint32_t capacity);

#endif
