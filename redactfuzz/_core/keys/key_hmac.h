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

/* How a state lies in memory. */
typedef enum rf_state_order {
    RF_STATE_WORDS = 0, /* of a little-endian machine: OpenSSL, Go, Nettle */
    RF_STATE_BYTES = 1, /* as FIPS 180-4 orders a word's bytes: what Go marshals, hardware */
} rf_state_order;

enum { RF_HASH_STATE = 64, RF_HASH_BLOCK = 128, RF_HASH_WORDS = 8 }; /* bytes of the largest; words of a state */

/* Bytes of a block, of the state, and of what comes out. */
uint32_t rf_hash_block(uint32_t hash);
uint32_t rf_hash_state(uint32_t hash);
uint32_t rf_hash_digest(uint32_t hash);
/* A state from memory; and the first `bytes` of one, big-endian. */
void rf_hash_read(uint32_t hash, uint32_t order, const uint8_t *at, uint64_t *state);
void rf_hash_write(uint32_t hash, const uint64_t *state, uint32_t bytes, uint8_t *out);
/* The digest of what led to a state, whole blocks of `done` bytes, and of the data behind it. */
void rf_hash_go_on(uint32_t hash, const uint64_t *state, uint64_t done, const uint8_t *data, uint64_t size, uint8_t *digest);
void rf_hash_of(uint32_t hash, const uint8_t *data, uint64_t size, uint8_t *digest);
/* Both states of a key; one that is longer than a block is hashed first. */
void rf_hmac_key(uint32_t hash, const uint8_t *key, uint32_t key_bytes, uint64_t *inner, uint64_t *outer);
/* The same as big-endian bytes. Returns the bytes of each; 0 when the hash is unknown. */
uint32_t rf_hmac_states(uint32_t hash, const uint8_t *key, uint32_t key_bytes, uint8_t *inner, uint8_t *outer);

#endif
