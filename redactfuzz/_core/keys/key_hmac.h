/* What HMAC (RFC 2104) keeps of a key: the states of the hash after the key's inner and outer block. They are enough to
 * compute the HMAC of any message. SHA-1 and SHA-2 as in FIPS 180-4.
 */
#ifndef RF_KEY_HMAC_H
#define RF_KEY_HMAC_H

#include <stdint.h>

typedef enum rf_hash {
    RF_SHA1 = 0,   /* 5 words of 32 bits, blocks of 64 bytes */
    RF_SHA224 = 1, /* 8 of 32, 64 */
    RF_SHA256 = 2,
    RF_SHA384 = 3, /* 8 of 64, 128 */
    RF_SHA512 = 4,
} rf_hash;

enum { RF_HASH_STATE = 64, RF_HASH_BLOCK = 128 }; /* bytes of the largest */

/* Writes both states big-endian (as FIPS 180-4 orders a word's bytes) and returns the bytes of each; 0 when the hash is unknown or the
 * key is longer than a block (it is hashed first, by the caller). */
uint32_t rf_hmac_states(uint32_t hash, const uint8_t *key, uint32_t key_bytes, uint8_t *inner, uint8_t *outer);
/* SHA-512 of at most 111 bytes: 64 bytes. */
void rf_sha512(const uint8_t *data, uint32_t size, uint8_t *out);

#endif
