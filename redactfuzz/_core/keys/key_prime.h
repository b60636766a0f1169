/* Prime factors of a known modulus, whole, in the forms in which programs hold large numbers.
 *
 * A window is a factor when the modulus is divisible by it: there is no false report. Primes are taken to be of equal
 * size, as FIPS 186-5 appendix A.1 and all common libraries make them.
 */
#ifndef RF_KEY_PRIME_H
#define RF_KEY_PRIME_H

#include <stddef.h>
#include <stdint.h>

enum {
    RF_PRIME_LIMBS = 128, /* 64-bit limbs of the largest prime: moduli up to 16,384 bits */
};

/* How a number lies in memory. */
typedef enum rf_number_form {
    RF_LITTLE_ENDIAN = 0,     /* bytes from the lowest; so do limbs of any size lie on a little-endian machine */
    RF_BIG_ENDIAN = 1,        /* bytes from the highest: DER, JWK */
    RF_HIGH_WORDS_32 = 2,     /* 32-bit words from the highest, each little-endian: Java's BigInteger */
    RF_HIGH_WORDS_64 = 3,     /* the same of 64 bits */
    RF_SWAPPED_WORDS_32 = 4,  /* 32-bit words from the lowest, each big-endian */
    RF_SWAPPED_WORDS_64 = 5,  /* the same of 64 bits */
    RF_DIGITS_30 = 6,         /* CPython: 30 bits in each little-endian 32-bit word, from the lowest */
} rf_number_form;

typedef struct rf_modulus {
    const uint64_t *limbs; /* from the lowest; 2 * ceil(prime_bits / 64) of them, upper ones may be zero */
    uint32_t prime_bits;   /* of each of the two primes: half those of the modulus */
    uint32_t reserved;
} rf_modulus;

/* The bytes that a prime of this modulus takes in a form. */
size_t rf_prime_bytes(const rf_modulus *modulus, uint32_t form);
/* The first `capacity` multiples of `step` in [0, size) at which a prime factor begins. Returns how many there are of them:
 * where there is no more room, the search is to go on behind the last. */
uint32_t rf_find_primes(const rf_modulus *modulus, uint32_t form, const uint8_t *data, size_t size, size_t step, uint64_t *offsets, uint32_t capacity);

#endif
