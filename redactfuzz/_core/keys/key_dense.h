/* Stretches of an image in which a key may lie: bytes that look random. Most of a process is zeros, code, text and pointers, which need no
 * closer look; dividing by a window, or multiplying a point by it, costs a thousand times as much as reading it.
 */
#ifndef RF_KEY_DENSE_H
#define RF_KEY_DENSE_H

#include <stddef.h>
#include <stdint.h>

#include "keys/key_text.h"

/* Runs of blocks of 16 bytes that look random, at multiples of `grain`: 16, or less where a number is shorter than 32 bytes, which may hold no
 * whole block at multiples of 16. Looks from `*from` on, writes up to `capacity` runs in order, which do not overlap, and leaves in `*from` where to
 * go on: `size` when all was looked at. */
uint64_t rf_find_random(const uint8_t *data, size_t size, size_t grain, size_t *from, rf_place *runs, uint64_t capacity);
/* The stretches in which a random number of `shortest` bytes or more lies wholly, which has a whole block in one of the runs, save fewer than one of 1,000
 * (that is so for 32 bytes; the longer, the fewer). In each window of `shortest` bytes are as many different values as in `drawn` random bytes, but once in
 * 10,000 times: lists of pointers, tables and code have a third as many; and no more zeros, -1 and bytes that are common in code than these have. Of digits the
 * upper bytes are not drawn. None reads as words in base64 (key_words.h). No window has four zeros in a row before its last eight bytes: they lie between what is not one number. Stretches may overlap by less than `shortest`, which is less than 2^16. Looks from `*from` on, which counts runs, and is `count` of them when all was
 * looked at; writes up to `capacity`. */
uint64_t rf_keep_varied(const uint8_t *data, size_t size, const rf_place *runs, uint64_t count, size_t shortest, size_t drawn, rf_cursor *from, rf_place *kept, uint64_t capacity);
/* Those of at least `least` bytes and at most `most`: `kept` has room for all. */
uint64_t rf_keep_sized(const rf_place *stretches, uint64_t count, uint64_t least, uint64_t most, rf_place *kept);
/* Whether a window of 16 bytes or more may be a random number: one of a thousand is not. */
int rf_looks_random(const uint8_t *at, uint32_t size);

#endif
