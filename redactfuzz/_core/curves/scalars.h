/* Private scalars of known public points, window by window.
 *
 * A window is the scalar when the base point times it has the x of a public key: there is no false report. Many windows are multiplied at a
 * time, with a table of multiples of the base point. Where windows overlap, sums.h costs a fifth.
 */
#ifndef RF_CURVES_SCALARS_H
#define RF_CURVES_SCALARS_H

#include <stddef.h>
#include <stdint.h>

#include "curves/point.h"
#include "keys/key_prime.h"
#include "keys/key_text.h"

typedef enum rf_scalar_mode {
    RF_SCALAR_PLAIN = 0,
    RF_SCALAR_CLAMPED = 1, /* X25519: bits are set and cleared (RFC 7748 section 5) */
    RF_SCALAR_SEED = 2,    /* Ed25519: the same of the lower half of SHA-512 (RFC 8032 section 5.1.5) */
} rf_scalar_mode;

/* Windows of a stretch at multiples of `step` whose bytes look random and that are the scalar of one of the public points, whose x are
 * `limbs` limbs each, one after the other. `form` is any of bytes or words, RF_DIGITS_30 or RF_DIGITS_60. Looks from
 * `*from` on until there are `capacity` hits or `*budget`, which counts down, sums of points were made: then, or when all was looked
 * at, it returns the number of hits. */
uint32_t rf_find_scalars(const rf_curve *curve, uint32_t mode, uint32_t form, const uint64_t *points, uint32_t point_count, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *budget, rf_prime_hit *hits, uint32_t capacity);

/* Seeds of Ed25519 with their public keys right behind them (RFC 8032 section 5.1.5), as NaCl keeps them, at multiples of `step`: for these
 * nothing needs to be known before. The curve is Curve25519; `third` is what its x is more by than that of Montgomery's form (RFC 7748
 * section 4.1). The rest is as above. */
uint32_t rf_find_pairs(const rf_curve *curve, const uint64_t *third, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *budget, rf_prime_hit *hits, uint32_t capacity);

#endif
