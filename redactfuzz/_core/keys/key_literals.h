/* Where literals lie in data: the constant beginnings of keys and tokens, hundreds of them in one pass.
 *
 * Of 32 offsets at once six shuffles tell which can begin one at all (the matcher Teddy of Hyperscan: each literal is in one of
 * eight buckets, and an offset fits a bucket when each of its first three bytes does); a table by a hash of those three bytes
 * tells which literals may lie there, and comparing them tells the rest.
 */
#ifndef RF_KEY_LITERALS_H
#define RF_KEY_LITERALS_H

#include "keys/key_text.h"

enum {
    RF_LITERALS = 1024,
    RF_LITERAL_BYTES = 24,
    RF_LITERAL_LEAST = 3,     /* bytes of one: as many as are looked at together */
    RF_LITERAL_HEADS = 4096,  /* places of the table: some for each literal, and few enough for the nearest cache */
};

typedef struct rf_literals {
    uint32_t count;
    uint8_t sizes[RF_LITERALS];                          /* RF_LITERAL_LEAST to RF_LITERAL_BYTES */
    uint8_t bytes[RF_LITERALS][RF_LITERAL_BYTES];
    /* Made by rf_literals_prepare(). */
    uint16_t heads[RF_LITERAL_HEADS];                    /* 1 + the first literal of that hash, 0 for none */
    uint16_t next[RF_LITERALS];                          /* 1 + the next one of the same hash, by their order */
    uint8_t low[RF_LITERAL_LEAST][16];                   /* by the lower four bits of a byte: the buckets that it fits */
    uint8_t high[RF_LITERAL_LEAST][16];                  /* by the upper ones */
} rf_literals;

/* After count, sizes and bytes are set. */
void rf_literals_prepare(rf_literals *literals);
/* As the others of key_text.h: a place is an offset and the index of a literal, by offset and then by index. `capacity` is at
 * least `count`: all literals of one offset are told together. */
uint64_t rf_find_literals(const rf_literals *literals, const uint8_t *data, size_t size, size_t *from, rf_place *places, uint64_t capacity);

#endif
