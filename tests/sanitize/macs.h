/* A part of driver.c: keys, states and words by a message and its MAC. */
#include "keys/key_mac.h"
#include "keys/key_mac_words.h"

static void mac_keys(const rf_mac *mac, const uint8_t *data, size_t size, const rf_place *stretches)
{
    uint32_t bytes = (uint32_t)(16 + below(120));
    uint64_t budget = 1 << 20, offsets[4];
    for (rf_cursor at = {0, 0}; at.stretch < 2 && budget;) {
        uint32_t found = rf_find_mac_keys(mac, bytes, data, stretches, 2, (size_t)1 << below(4), &at, &budget, offsets, 4);
        for (uint32_t index = 0; index < found; index++)
            check(offsets[index] + bytes <= size, "a key lies outside of the data");
    }
}

static void mac_states(const rf_mac *mac, const uint8_t *data, size_t size, const rf_place *stretches)
{
    const size_t state = rf_hash_state(mac->hash), windows = 1 + below(40), counted = 1 + below(8);
    rf_mac_near near = {.windows = room(windows * sizeof(rf_mac_window)), .room = windows, .reach = 4 * below(80)};
    near.counted = room(counted * sizeof(rf_mac_window)), near.counted_room = counted;
    uint64_t budget = 1 << 20;
    for (rf_cursor at = {0, 0}; at.stretch < 2 && budget;) {
        rf_mac_pair pairs[3];
        uint32_t found = rf_find_mac_states(mac, (uint32_t)below(2), data, size, stretches, 2, 1 + below(4), &near, &at, &budget, pairs, 3);
        for (uint32_t index = 0; index < found; index++)
            check(pairs[index].inner + state <= size && pairs[index].outer + state <= size, "a state lies outside of the data");
    }
    free(near.windows);
    free(near.counted);
}

static void mac_words(const rf_mac *mac, const uint8_t *data, size_t size)
{
    rf_words *words = memset(room(sizeof *words), 0, sizeof *words);
    words->room = (uint64_t)1 << (8 + below(4));
    words->hashes = memset(room(words->room * sizeof *words->hashes), 0, words->room * sizeof *words->hashes);
    uint64_t budget = 1 << 16;
    for (size_t from = 0; from < size && budget;) {
        rf_word hits[20];
        uint32_t found = rf_find_mac_words(mac, 1, data, size, words, &from, &budget, hits, 20);
        check(from <= size, "the words go on outside of the data");
        for (uint32_t index = 0; index < found; index++)
            check(hits[index].offset + hits[index].length <= size, "a word lies outside of the data");
    }
    free(words->hashes);
    free(words);
}

static void macs(uint8_t *data, size_t size)
{
    uint32_t hash = (uint32_t)below(5), bytes = (uint32_t)below(280);
    size_t message_size = below(300);
    uint8_t *message = fill(room(message_size), message_size), *key = fill(room(bytes), bytes), digest[RF_HASH_STATE];
    rf_mac mac = {.message = message, .message_bytes = message_size, .hash = hash, .mac_bytes = rf_hash_digest(hash)};
    uint64_t inner[RF_HASH_WORDS], outer[RF_HASH_WORDS];
    rf_hmac_key(hash, key, bytes, inner, outer);
    rf_hash_go_on(hash, inner, rf_hash_block(hash), message, message_size, digest);
    rf_hash_go_on(hash, outer, rf_hash_block(hash), digest, rf_hash_digest(hash), mac.mac);
    check(rf_mac_of_key(&mac, key, bytes), "the key does not give the MAC");
    if (size >= (size_t)2 * rf_hash_state(hash)) rf_hmac_states(hash, key, bytes, data, data + rf_hash_state(hash));
    rf_place stretches[2] = {{0, size / 2}, {size / 2, size - size / 2}};
    mac_keys(&mac, data, size, stretches);
    mac_states(&mac, data, size, stretches);
    mac_words(&mac, data, size);
    free(key);
    free(message);
}
