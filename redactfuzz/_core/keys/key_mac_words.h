/* Secrets of HMAC that are text: words of an image that give a known MAC, as they are, or as the hexadecimal or base64 of a key.
 *
 * Where a secret ends nobody says, so a word has several ends (a space, a quote, a bracket, the end of the line), and begins at the line, or
 * behind what stands before a value. Each word is tried once, however often it is there.
 */
#ifndef RF_KEY_MAC_WORDS_H
#define RF_KEY_MAC_WORDS_H

#include "keys/key_mac.h"

enum {
    RF_SHORTEST_WORD = 16,
    RF_LONGEST_TEXT = 128, /* letters of a secret that is used as it is */
    RF_LONGEST_WORD = 256, /* of one that is hexadecimal or base64 */
    RF_WORDS_FOUND = 64,
};

typedef enum rf_word_notation {
    RF_WORD_TEXT = 0,
    RF_WORD_HEX = 1,
    RF_WORD_BASE64 = 2, /* either alphabet of RFC 4648, padded or not */
} rf_word_notation;

typedef struct rf_word {
    uint64_t hash; /* of its letters */
    uint64_t offset;
    uint32_t length;
    uint32_t notation;
} rf_word;

/* The words that were tried, by a hash of 64 bits, and which of them were keys. */
typedef struct rf_words {
    uint64_t *hashes; /* zeros */
    uint64_t room; /* a power of two; it is full when three quarters are used */
    uint64_t count;
    rf_word found[RF_WORDS_FOUND];
    uint64_t found_count;
} rf_words;

/* Words that are keys, one each time that they are there. Looks from `*from` on until `capacity` words are written or `*budget`, which counts
 * compressions down, and words that are looked at, is used up: it is set to 0 where there is no room for more words. Then, or when all was
 * looked at, it returns how many were written, and leaves in `*from` where to go on. */
uint32_t rf_find_mac_words(const rf_mac *macs, uint64_t mac_count, const uint8_t *data, size_t size, rf_words *words,
                           size_t *from, uint64_t *budget, rf_word *hits, uint32_t capacity);
/* The key that a word is in a notation: writes up to RF_LONGEST_WORD bytes, returns how many, 0 when it is none. */
uint32_t rf_word_key(uint32_t notation, const uint8_t *text, uint32_t length, uint8_t *key);

#endif
