/* Low limbs of the two primes of a known modulus: what is left of a key after its numbers were freed and overwritten.
 *
 * Two 64-bit words u, v with u * v = c modulo 2^64 are looked for among the odd words at multiples of `step` bytes. For c the
 * low limb of N they are those of p and q; for c = N^-1 they are Montgomery's constants n0 = -p^-1 and -q^-1 (or p^-1,
 * q^-1). Words whose upper 16 bits are all equal, or of which three bytes are zero, are left out: small numbers and pointers, and one
 * prime in 30,000.
 *
 * Both words may be anywhere in the image, which is given in stretches, and memory is bounded: a bitmap of words, another one of those
 * whose partner may be in the first, and so on with another hash each, until few are left. Those are listed and looked up.
 *
 *     for each stretch: rf_limbs_mark(); until there are few pairs: for each stretch: rf_limbs_narrow();
 *     for each stretch: rf_limbs_pairs(); rf_limbs_sort(); for each stretch: rf_limbs_confirm();
 */
#ifndef RF_KEY_LIMBS_H
#define RF_KEY_LIMBS_H

#include <stddef.h>
#include <stdint.h>

typedef struct rf_limb_map {
    uint64_t *bits;     /* 2^size bits, zeroed */
    uint32_t size;      /* 6 to 63 */
    uint32_t round;     /* which hash */
} rf_limb_map;

typedef struct rf_limb_pair {
    uint64_t partner;   /* the word that is looked for */
    uint64_t offset;    /* of the word whose partner it is */
    uint64_t found;     /* 1 + the offset of the partner, 0 when it is not there */
    uint32_t product;   /* which c */
    uint32_t reserved;
} rf_limb_pair;

/* A part of an image: words begin at multiples of `step` from `first` on, which is the offset of data[0] in the image. */
typedef struct rf_stretch {
    const uint8_t *data;
    uint64_t size;
    uint64_t first;
    uint64_t step;
} rf_stretch;

/* Enters every word. */
void rf_limbs_mark(const rf_limb_map *map, const rf_stretch *stretch);
/* Enters the words whose partner may be in an earlier map, which has another round. Returns how many there are. */
uint64_t rf_limbs_narrow(const rf_limb_map *from, const rf_limb_map *to, const rf_stretch *stretch, const uint64_t *products, uint32_t product_count);
/* Words whose partner for one of the products may be there. Returns their number, of which the first `capacity` are written. */
uint64_t rf_limbs_pairs(const rf_limb_map *map, const rf_stretch *stretch, const uint64_t *products, uint32_t product_count, rf_limb_pair *pairs, uint64_t capacity);
/* Sorts the pairs for rf_limbs_confirm() and enters the partners into the map, which is cleared. */
void rf_limbs_sort(const rf_limb_map *map, rf_limb_pair *pairs, uint64_t count);
/* Fills in `found`. */
void rf_limbs_confirm(const rf_limb_map *map, const rf_stretch *stretch, rf_limb_pair *pairs, uint64_t count);
/* The inverse of an odd number modulo 2^64. */
uint64_t rf_limb_inverse(uint64_t odd);

#endif
