#include "keys/key_limbs.h"

#include <string.h>

static uint64_t load(const uint8_t *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* The top bit of each byte that is zero. */
static uint64_t zeros(uint64_t word) {
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    return ~(((word & low) + low) | word | low);
}

/* Odd, neither small nor a pointer nor a negative small number, and without three zeros. */
static int counts(uint64_t word) {
    uint64_t none;
    if (!(word & 1u) || (uint16_t)((word >> 48) + 1) <= 1) return 0;
    none = zeros(word);
    none &= none - 1;
    return (none & (none - 1)) == 0;
}

/* Multiplicative hashing: the upper bits of a product with an odd number, which is another one in each round (the finalizer of
 * splitmix64), so that words that fall together in one round do not in the next. */
static uint64_t multiplier(uint32_t round) {
    uint64_t x = 0x9E3779B97F4A7C15u * ((uint64_t)round + 1);
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return (x ^ x >> 31) | 1;
}

static uint64_t bit_of(const rf_limb_map *map, uint64_t by, uint64_t word) { return word * by >> (64 - map->size); }

static void set(const rf_limb_map *map, uint64_t bit) { map->bits[bit / 64] |= (uint64_t)1 << bit % 64; }

static int has(const rf_limb_map *map, uint64_t bit) { return (int)(map->bits[bit / 64] >> bit % 64 & 1u); }

/* (3 u) xor 2 is right in 5 bits, each step of Newton's doubles them. */
uint64_t rf_limb_inverse(uint64_t odd) {
    uint64_t inverse = (3 * odd) ^ 2;
    for (int i = 0; i < 4; i++) inverse *= 2 - odd * inverse;
    return inverse;
}

void rf_limbs_mark(const rf_limb_map *map, const rf_stretch *stretch) {
    const uint64_t by = multiplier(map->round);
    for (uint64_t at = 0; at + 8 <= stretch->size; at += stretch->step) {
        uint64_t word = load(stretch->data + at);
        if (counts(word)) set(map, bit_of(map, by, word));
    }
}

/* Whether the partner of a word may be there. */
static int has_partner(const rf_limb_map *map, uint64_t by, uint64_t word, uint64_t inverse, uint64_t product, uint64_t *partner) {
    *partner = product * inverse;
    return has(map, bit_of(map, by, *partner)) && *partner != word && counts(*partner);
}

uint64_t rf_limbs_narrow(const rf_limb_map *from, const rf_limb_map *to, const rf_stretch *stretch, const uint64_t *products, uint32_t product_count) {
    const uint64_t by = multiplier(from->round), next = multiplier(to->round);
    uint64_t count = 0;
    for (uint64_t at = 0; at + 8 <= stretch->size; at += stretch->step) {
        uint64_t word = load(stretch->data + at), partner;
        if (!counts(word) || !has(from, bit_of(from, by, word))) continue;
        uint64_t inverse = rf_limb_inverse(word);
        uint32_t i = 0;
        while (i < product_count && !has_partner(from, by, word, inverse, products[i], &partner)) i++;
        if (i == product_count) continue;
        set(to, bit_of(to, next, word));
        count++;
    }
    return count;
}

uint64_t rf_limbs_pairs(const rf_limb_map *map, const rf_stretch *stretch, const uint64_t *products, uint32_t product_count, rf_limb_pair *pairs, uint64_t capacity) {
    const uint64_t by = multiplier(map->round);
    uint64_t count = 0;
    for (uint64_t at = 0; at + 8 <= stretch->size; at += stretch->step) {
        uint64_t word = load(stretch->data + at), partner;
        if (!counts(word) || !has(map, bit_of(map, by, word))) continue;
        uint64_t inverse = rf_limb_inverse(word);
        for (uint32_t i = 0; i < product_count; i++) {
            if (!has_partner(map, by, word, inverse, products[i], &partner)) continue;
            if (count < capacity) pairs[count] = (rf_limb_pair){.partner = partner, .offset = stretch->first + at, .product = i};
            count++;
        }
    }
    return count;
}

static void sift(rf_limb_pair *pairs, uint64_t root, uint64_t count) {
    rf_limb_pair moved = pairs[root];
    for (uint64_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && pairs[child + 1].partner > pairs[child].partner) child++;
        if (pairs[child].partner <= moved.partner) break;
        pairs[root] = pairs[child];
    }
    pairs[root] = moved;
}

/* Heapsort: qsort may allocate. */
static void sort(rf_limb_pair *pairs, uint64_t count) {
    for (uint64_t root = count / 2; root-- > 0;) sift(pairs, root, count);
    for (uint64_t end = count; end-- > 1;) {
        rf_limb_pair largest = pairs[0];
        pairs[0] = pairs[end];
        pairs[end] = largest;
        sift(pairs, 0, end);
    }
}

static void note(rf_limb_pair *pairs, uint64_t count, uint64_t word, uint64_t offset) {
    uint64_t low = 0, high = count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (pairs[middle].partner < word) low = middle + 1;
        else high = middle;
    }
    for (; low < count && pairs[low].partner == word && !pairs[low].found; low++) pairs[low].found = offset + 1;
}

void rf_limbs_sort(const rf_limb_map *map, rf_limb_pair *pairs, uint64_t count) {
    const uint64_t by = multiplier(map->round);
    sort(pairs, count);
    memset(map->bits, 0, ((size_t)1 << map->size) / 8);
    for (uint64_t i = 0; i < count; i++) set(map, bit_of(map, by, pairs[i].partner));
}

void rf_limbs_confirm(const rf_limb_map *map, const rf_stretch *stretch, rf_limb_pair *pairs, uint64_t count) {
    const uint64_t by = multiplier(map->round);
    if (!count) return;
    for (uint64_t at = 0; at + 8 <= stretch->size; at += stretch->step) {
        uint64_t word = load(stretch->data + at);
        if (counts(word) && has(map, bit_of(map, by, word))) note(pairs, count, word, stretch->first + at);
    }
}
