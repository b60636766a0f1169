/* AES key schedules (FIPS 197 section 5.2) in memory, for encryption and for decryption.
 *
 * Most words of a schedule are the XOR of two earlier ones. Three such relations between words that are not all zero are
 * looked for, then the first word behind the key; then the key is taken out, expanded anew and compared in full: there
 * is no false report. Zeros satisfy every relation and are left out first. Only complete schedules are found; those of
 * bit-sliced and vector-permutation implementations are kept in another basis and are not.
 */
#ifndef RF_KEY_AES_H
#define RF_KEY_AES_H

#include <stddef.h>
#include <stdint.h>

enum { RF_AES_SCHEDULE = 240 }; /* bytes of the longest schedule: 15 round keys of 16 */

/* In which order the round keys lie, and whether InvMixColumns was applied to those between the first and the last (the
 * equivalent inverse cipher, FIPS 197 section 5.3.5). */
typedef enum rf_aes_direction {
    RF_AES_ENCRYPT = 0,
    RF_AES_DECRYPT = 1,          /* last round key first: OpenSSL, AES-NI */
    RF_AES_DECRYPT_FORWARD = 2,  /* first round key first */
} rf_aes_direction;

typedef struct rf_aes_hit {
    uint64_t offset;
    uint32_t key_bytes;  /* 16, 24 or 32 */
    uint8_t direction;   /* rf_aes_direction */
    uint8_t swapped;     /* 1: each 32-bit word lies in the order of a little-endian machine */
    uint8_t reserved[2];
    uint8_t key[32];
} rf_aes_hit;

/* Writes the schedule of a key of 16, 24 or 32 bytes and returns its length, 16 * rounds + 16; 0 for any other size. */
uint32_t rf_aes_schedule(const uint8_t *key, uint32_t key_bytes, uint32_t direction, uint32_t swapped, uint8_t *out);
/* The first `capacity` schedules at multiples of `step`, which is 4 or 1. Returns how many there are of them: where there is no more
 * room, the search is to go on behind the last. */
uint32_t rf_find_aes(const uint8_t *data, size_t size, size_t step, rf_aes_hit *hits, uint32_t capacity);

#endif
