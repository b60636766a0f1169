/* Numbers that are near a fraction of a known modulus n: the private exponent d and phi(n) of RSA.
 *
 * e d = 1 + k phi(n) / g, for a k below e and g = gcd(p - 1, q - 1), and phi(n) differs from n in its lower half alone. So m e d / n is near
 * an integer for each multiple m of g, and m phi(n) / n as well. The highest 64 bits of a number tell; what passes is checked elsewhere.
 */
#ifndef RF_KEY_RATIO_H
#define RF_KEY_RATIO_H

#include <stddef.h>
#include <stdint.h>

#include "keys/key_prime.h"
#include "keys/key_text.h"

typedef struct rf_ratio {
    uint64_t whole;    /* m e 2^width / n, where width are the bits that the number has room for */
    uint64_t fraction; /* of it, in units of 2^-64 */
    uint64_t near;     /* how far from an integer it may be, in units of 2^-64 */
    uint32_t form;     /* RF_LITTLE_ENDIAN, RF_BIG_ENDIAN or RF_DIGITS_30 */
    uint32_t bytes;    /* of the number in this form, at least 16 */
} rf_ratio;

/* Windows of a stretch at multiples of `step` that are near. Looks from `*from` on, writes up to `capacity` offsets, returns how many;
 * all was looked at when from->stretch is `stretch_count`. */
uint32_t rf_find_near(const rf_ratio *ratio, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *offsets, uint32_t capacity);

#endif
