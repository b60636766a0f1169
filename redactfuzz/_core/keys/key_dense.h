/* Stretches of an image in which a key may lie: bytes that look random. Most of a process is zeros, code, text and pointers, which need no
 * closer look; dividing by a window, or multiplying a point by it, costs a thousand times as much as reading it.
 */
#ifndef RF_KEY_DENSE_H
#define RF_KEY_DENSE_H

#include <stddef.h>
#include <stdint.h>

#include "keys/key_text.h"

/* Stretches of at least `shortest` bytes; a random number of so many bytes lies wholly in one, save fewer than one of 1,000 (that is
 * so for 32 bytes; the longer, the fewer). They are told by blocks of 16 bytes at multiples of `grain`: 16, or less where a shorter number
 * would hold no whole block. Looks from `*from` on, writes up to `capacity` stretches in order, which do not overlap, and
 * leaves in `*from` where to go on: `size` when all was looked at. */
uint64_t rf_find_dense(const uint8_t *data, size_t size, size_t shortest, size_t grain, size_t *from, rf_place *stretches, uint64_t capacity);
/* Of such stretches the parts in which each window of `shortest` bytes has about as many different values as a random number of so many
 * bytes has, of which a quarter may be few (the upper bytes of digits): lists of pointers, tables and code have a third as many. A random
 * number lies wholly in one but once in a billion times. Parts may overlap by less than `shortest`. `kept` has room for rf_varied_most()
 * of them. */
uint64_t rf_keep_varied(const uint8_t *data, const rf_place *stretches, uint64_t count, size_t shortest, rf_place *kept);
uint64_t rf_varied_most(const rf_place *stretches, uint64_t count, size_t shortest);
/* Those of at least `least` bytes and at most `most`: `kept` has room for all. */
uint64_t rf_keep_sized(const rf_place *stretches, uint64_t count, uint64_t least, uint64_t most, rf_place *kept);
/* Whether a window of 16 bytes or more may be a random number: one of a thousand is not. */
int rf_looks_random(const uint8_t *at, uint32_t size);

#endif
