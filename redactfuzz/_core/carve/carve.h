/* Places where something compressed, or a container, may begin: by its first bytes, in one pass. What is there is for a trial to say.
 */
#ifndef RF_CARVE_H
#define RF_CARVE_H

#include <stddef.h>
#include <stdint.h>

enum { RF_MARKS = 255 }; /* constant beginnings, at most */

/* What begins something, made ready once. Byte b may be the first (second) of a pair of the bucket k where bit k is set in
 * low[0 (1)][b & 15] and in high[0 (1)][b >> 4]: as the instruction PSHUFB looks up. */
typedef struct rf_carve {
    uint64_t pairs[1024]; /* bit b0 << 8 | b1: whether the two bytes begin something */
    uint8_t low[2][16];
    uint8_t high[2][16];
    uint8_t first[256], next[RF_MARKS]; /* by its first byte a constant beginning, and by that another one: their numbers from 1; 0 is none */
} rf_carve;

void rf_carve_prepare(rf_carve *carve);
/* The first such place from `at` to before `stop`, or `stop`. */
size_t rf_carve_next(const rf_carve *carve, const uint8_t *data, size_t size, size_t at, size_t stop);

/* Places of a stretch, of both kinds; there is room for `room` of each. */
typedef struct rf_places {
    size_t *marks, *words; /* deflated words of base64: carve/words.h */
    size_t room, mark_count, word_count;
    size_t marked, worded; /* up to where all of a kind are among them */
} rf_places;

/* All from `at` to before `stop`, as far as there is room. */
void rf_carve_places(const rf_carve *carve, const uint8_t *data, size_t size, size_t at, size_t stop, rf_places *to);

#endif
