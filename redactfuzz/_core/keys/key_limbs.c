#include "keys/key_limbs.h"

#include <string.h>

static uint64_t load(const uint8_t *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Odd, and neither small nor a pointer nor a negative small number. */
static int counts(uint64_t word) { return (int)(word & 1u) && (uint16_t)((word >> 48) + 1) > 1; }

/* Fibonacci hashing: the upper bits of a product with 2^64 / golden ratio. */
static uint64_t hash(uint64_t word) { return word * 0x9E3779B97F4A7C15u; }

static int in_part(const rf_limb_map *map, uint64_t hashed) {
    return !map->part_bits || hashed >> (64 - map->part_bits) == map->part;
}

static uint64_t bit_of(const rf_limb_map *map, uint64_t hashed) { return hashed << map->part_bits >> (64 - map->size); }

static void set(const rf_limb_map *map, uint64_t bit) { map->bits[bit / 64] |= (uint64_t)1 << bit % 64; }

static int has(const rf_limb_map *map, uint64_t bit) { return (int)(map->bits[bit / 64] >> bit % 64 & 1u); }

/* (3 u) xor 2 is right in 5 bits, each step of Newton's doubles them. */
uint64_t rf_limb_inverse(uint64_t odd) {
    uint64_t inverse = (3 * odd) ^ 2;
    for (int i = 0; i < 4; i++) inverse *= 2 - odd * inverse;
    return inverse;
}

void rf_limbs_mark(const rf_limb_map *map, const uint8_t *data, size_t size) {
    for (size_t at = 0; at + 8 <= size; at += 8) {
        uint64_t word = load(data + at);
        if (!counts(word)) continue;
        uint64_t hashed = hash(word);
        if (in_part(map, hashed)) set(map, bit_of(map, hashed));
    }
}

uint64_t rf_limbs_pairs(const rf_limb_map *map, const uint8_t *data, size_t size, const uint64_t *products, uint32_t product_count, rf_limb_pair *pairs, uint64_t capacity) {
    uint64_t count = 0;
    for (size_t at = 0; at + 8 <= size; at += 8) {
        uint64_t word = load(data + at);
        if (!counts(word)) continue;
        uint64_t inverse = rf_limb_inverse(word);
        for (uint32_t i = 0; i < product_count; i++) {
            uint64_t partner = products[i] * inverse, hashed = hash(partner);
            if (!in_part(map, hashed) || !has(map, bit_of(map, hashed)) || partner == word || !counts(partner)) continue;
            if (count < capacity) pairs[count] = (rf_limb_pair){.partner = partner, .offset = at, .product = i};
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

void rf_limbs_confirm(const rf_limb_map *map, const uint8_t *data, size_t size, rf_limb_pair *pairs, uint64_t count) {
    if (!count) return;
    sort(pairs, count);
    memset(map->bits, 0, ((size_t)1 << map->size) / 8);
    for (uint64_t i = 0; i < count; i++) set(map, bit_of(map, hash(pairs[i].partner)));
    for (size_t at = 0; at + 8 <= size; at += 8) {
        uint64_t word = load(data + at);
        if (counts(word) && has(map, bit_of(map, hash(word)))) note(pairs, count, word, at);
    }
}
