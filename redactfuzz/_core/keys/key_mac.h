/* What gives a known HMAC (RFC 2104): the key, or the states of the hash after its inner and its outer block. The key is not known, but a
 * message and its MAC are, which are public.
 *
 * A window is the key, and two windows are the states, when the MAC that they give is the known one: of at least 16 bytes, so that there
 * is no false report. The work is bounded by a budget of compressions: a key takes two and those of the message, and two more.
 */
#ifndef RF_KEY_MAC_H
#define RF_KEY_MAC_H

#include <stddef.h>
#include <stdint.h>

#include "keys/key_hmac.h"
#include "keys/key_prime.h"
#include "keys/key_text.h"

typedef struct rf_mac {
    const uint8_t *message;
    uint64_t message_bytes;
    uint32_t hash; /* rf_hash */
    uint32_t mac_bytes; /* 16 up to the digest: the MAC may be cut off */
    uint8_t mac[RF_HASH_STATE];
} rf_mac;

/* Whether the key, of any length, gives the MAC; and whether two states do that lie in an order of rf_state_order. */
int rf_mac_of_key(const rf_mac *mac, const uint8_t *key, uint32_t key_bytes);
int rf_mac_of_states(const rf_mac *mac, uint32_t order, const uint8_t *inner, const uint8_t *outer);
/* Compressions that a key of so many bytes takes. */
uint64_t rf_mac_cost(const rf_mac *mac, uint32_t key_bytes);

/* Windows of a stretch at multiples of `step` that look random and are the key. Looks from `*from` on until there are `capacity` offsets or
 * `*budget`, which counts down, is used up: then, or when all was looked at, it returns the number of offsets. */
uint32_t rf_find_mac_keys(const rf_mac *mac, uint32_t key_bytes, const uint8_t *data, const rf_place *stretches,
                          uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *budget, uint64_t *offsets,
                          uint32_t capacity);

/* A window that may be a state, with the digest that it gives as the inner one. */
typedef struct rf_mac_window {
    uint64_t offset;
    uint64_t before; /* the 8 bytes before it */
    uint64_t behind; /* and behind */
    uint64_t words[RF_HASH_WORDS];
    uint8_t digest[RF_HASH_STATE];
} rf_mac_window;

/* Windows that the next one is compared with: of the last ones, as many as begin within `reach` bytes and lie in a ring, those that are right
 * before it, and those with the same before them or behind, as two of one structure have; and wherever they are those that a count of one
 * block is behind, as OpenSSL, Nettle, NSS and others keep it there. */
typedef struct rf_mac_near {
    rf_mac_window *windows;
    uint64_t room;
    uint64_t reach; /* bytes */
    uint64_t first; /* of the oldest */
    uint64_t count;
    rf_mac_window *counted;
    uint64_t counted_room;
    uint64_t counted_count;
    uint64_t next; /* where the search goes on: before it, all was looked at */
} rf_mac_near;

typedef struct rf_mac_pair {
    uint64_t inner; /* offsets */
    uint64_t outer;
} rf_mac_pair;

/* Pairs of windows that look random and are the inner and the outer state, the one before the other or behind it, at a multiple of 4 bytes from
 * it. Where there is no room for more that are counted, `*budget` is set to 0. The rest is as above. Of stretches that overlap each offset is looked at once; they are
 * in order. Of one window more pairs than `capacity` are not written. */
uint32_t rf_find_mac_states(const rf_mac *mac, uint32_t order, const uint8_t *data, size_t size,
                            const rf_place *stretches, uint64_t stretch_count, size_t step, rf_mac_near *near,
                            rf_cursor *from, uint64_t *budget, rf_mac_pair *pairs, uint32_t capacity);

#endif
