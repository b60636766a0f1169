/* Low limbs of the two primes of a known modulus: what is left of a key after its numbers were freed and overwritten.
 *
 * Two 64-bit words u, v with u * v = c modulo 2^64 are looked for among the odd, 8-aligned words of the data. For c the
 * low limb of N they are those of p and q; for c = N^-1 they are Montgomery's constants n0 = -p^-1 and -q^-1 (or p^-1,
 * q^-1). Words whose upper 16 bits are all equal are left out: small numbers and pointers, and one prime in 32,768.
 *
 * Memory is bounded: a bitmap of words and a list of pairs, both the caller's. When the list is too short the caller
 * takes the partners in several parts (parts = 2^part_bits, by hash).
 *
 *     for each part: clear the map; rf_limbs_mark(); rf_limbs_pairs(); rf_limbs_confirm();
 */
#ifndef RF_KEY_LIMBS_H
#define RF_KEY_LIMBS_H

#include <stddef.h>
#include <stdint.h>

typedef struct rf_limb_map {
    uint64_t *bits;     /* 2^size bits, zeroed */
    uint32_t size;      /* at least 6, size + part_bits at most 64 */
    uint32_t part;
    uint32_t part_bits;
    uint32_t reserved;
} rf_limb_map;

typedef struct rf_limb_pair {
    uint64_t partner;   /* the word that is looked for */
    uint64_t offset;    /* of the word whose partner it is */
    uint64_t found;     /* 1 + the offset of the partner, 0 when it is not there */
    uint32_t product;   /* which c */
    uint32_t reserved;
} rf_limb_pair;

/* Enters the words of this part. */
void rf_limbs_mark(const rf_limb_map *map, const uint8_t *data, size_t size);
/* Words whose partner for one of the products may be there. Returns their number, of which the first `capacity` are written. */
uint64_t rf_limbs_pairs(const rf_limb_map *map, const uint8_t *data, size_t size, const uint64_t *products, uint32_t product_count, rf_limb_pair *pairs, uint64_t capacity);
/* Fills in `found`. Sorts the pairs and uses the map's memory anew. */
void rf_limbs_confirm(const rf_limb_map *map, const uint8_t *data, size_t size, rf_limb_pair *pairs, uint64_t count);
/* The inverse of an odd number modulo 2^64. */
uint64_t rf_limb_inverse(uint64_t odd);

#endif
