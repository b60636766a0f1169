/* Prime factors of known moduli, whole, in the forms in which programs hold large numbers.
 *
 * A window is a factor when it has no small factor and a modulus is divisible by it: there is no false report. How many bits the factor has is given, and how many
 * the rest of the modulus has at most: half of its bits each (FIPS 186-5 appendix A.1), or other sizes, of which some libraries make
 * primes.
 */
#ifndef RF_KEY_PRIME_H
#define RF_KEY_PRIME_H

#include <stddef.h>
#include <stdint.h>

#include "keys/key_text.h"

enum {
    RF_PRIME_LIMBS = 256, /* 64-bit limbs of the largest modulus: 16,384 bits */
};

/* How a number lies in memory. */
typedef enum rf_number_form {
    RF_LITTLE_ENDIAN = 0,     /* bytes from the lowest; so do limbs of any size lie on a little-endian machine */
    RF_BIG_ENDIAN = 1,        /* bytes from the highest: DER, JWK */
    RF_HIGH_WORDS_32 = 2,     /* 32-bit words from the highest, each little-endian: Java's BigInteger */
    RF_HIGH_WORDS_64 = 3,     /* the same of 64 bits */
    RF_SWAPPED_WORDS_32 = 4,  /* 32-bit words from the lowest, each big-endian */
    RF_SWAPPED_WORDS_64 = 5,  /* the same of 64 bits */
    RF_DIGITS_26 = 6,         /* 26 bits in each little-endian 32-bit word, from the lowest */
    RF_DIGITS_28 = 7,
    RF_DIGITS_30 = 8,         /* CPython */
    RF_DIGITS_51 = 9,         /* 51 bits in each little-endian 64-bit word */
    RF_DIGITS_52 = 10,        /* OpenSSL with AVX-512 IFMA */
    RF_DIGITS_60 = 11,        /* LibTomMath */
} rf_number_form;

typedef struct rf_modulus {
    const uint64_t *limbs; /* from the lowest; 2 more than `bits` take, those are zero */
    uint32_t bits;         /* at most 64 * RF_PRIME_LIMBS */
    uint32_t prime_bits;   /* of the factor, at most: it is no less than modulus / 2^other_bits */
    uint32_t other_bits;   /* of modulus / factor, at most */
    uint32_t reserved;
} rf_modulus;

typedef struct rf_prime_hit {
    uint64_t offset;
    uint64_t index; /* of the modulus */
} rf_prime_hit;

/* Bytes of a word of a form, which numbers in it fill: 1 where it has none, or digits. */
uint32_t rf_form_word(uint32_t form);
/* Where in a number of `size` bytes in a form without digits, which are whole words, the byte of 256^weight lies. */
size_t rf_form_byte(uint32_t form, size_t size, uint32_t weight);
/* The bytes that a factor of this modulus takes in a form. */
size_t rf_prime_bytes(const rf_modulus *modulus, uint32_t form);
/* Multiples of `step` at which a factor of one of the moduli begins that lies within a stretch of the data. All moduli have the same
 * sizes. Looks from `*from` on, writes up to `capacity` places, returns how many; all was looked at when from->stretch is
 * `stretch_count`. */
uint32_t rf_find_primes(const rf_modulus *moduli, uint32_t modulus_count, uint32_t form, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, rf_prime_hit *hits, uint32_t capacity);

#endif
