#include "keys/key_aes.h"

#include <string.h>

enum {
    WORDS = 60,  /* of the longest schedule */
    BLOCK = 256, /* offsets that are filtered together, in vector registers */
};

/* A 32-bit word at any address. */
typedef uint32_t word __attribute__((aligned(1), may_alias));

/* FIPS 197 section 5.1.1. */
static const uint8_t SBOX[256] = {
    0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5, 0x30, 0x01, 0x67, 0x2b, 0xfe, 0xd7, 0xab, 0x76,
    0xca, 0x82, 0xc9, 0x7d, 0xfa, 0x59, 0x47, 0xf0, 0xad, 0xd4, 0xa2, 0xaf, 0x9c, 0xa4, 0x72, 0xc0,
    0xb7, 0xfd, 0x93, 0x26, 0x36, 0x3f, 0xf7, 0xcc, 0x34, 0xa5, 0xe5, 0xf1, 0x71, 0xd8, 0x31, 0x15,
    0x04, 0xc7, 0x23, 0xc3, 0x18, 0x96, 0x05, 0x9a, 0x07, 0x12, 0x80, 0xe2, 0xeb, 0x27, 0xb2, 0x75,
    0x09, 0x83, 0x2c, 0x1a, 0x1b, 0x6e, 0x5a, 0xa0, 0x52, 0x3b, 0xd6, 0xb3, 0x29, 0xe3, 0x2f, 0x84,
    0x53, 0xd1, 0x00, 0xed, 0x20, 0xfc, 0xb1, 0x5b, 0x6a, 0xcb, 0xbe, 0x39, 0x4a, 0x4c, 0x58, 0xcf,
    0xd0, 0xef, 0xaa, 0xfb, 0x43, 0x4d, 0x33, 0x85, 0x45, 0xf9, 0x02, 0x7f, 0x50, 0x3c, 0x9f, 0xa8,
    0x51, 0xa3, 0x40, 0x8f, 0x92, 0x9d, 0x38, 0xf5, 0xbc, 0xb6, 0xda, 0x21, 0x10, 0xff, 0xf3, 0xd2,
    0xcd, 0x0c, 0x13, 0xec, 0x5f, 0x97, 0x44, 0x17, 0xc4, 0xa7, 0x7e, 0x3d, 0x64, 0x5d, 0x19, 0x73,
    0x60, 0x81, 0x4f, 0xdc, 0x22, 0x2a, 0x90, 0x88, 0x46, 0xee, 0xb8, 0x14, 0xde, 0x5e, 0x0b, 0xdb,
    0xe0, 0x32, 0x3a, 0x0a, 0x49, 0x06, 0x24, 0x5c, 0xc2, 0xd3, 0xac, 0x62, 0x91, 0x95, 0xe4, 0x79,
    0xe7, 0xc8, 0x37, 0x6d, 0x8d, 0xd5, 0x4e, 0xa9, 0x6c, 0x56, 0xf4, 0xea, 0x65, 0x7a, 0xae, 0x08,
    0xba, 0x78, 0x25, 0x2e, 0x1c, 0xa6, 0xb4, 0xc6, 0xe8, 0xdd, 0x74, 0x1f, 0x4b, 0xbd, 0x8b, 0x8a,
    0x70, 0x3e, 0xb5, 0x66, 0x48, 0x03, 0xf6, 0x0e, 0x61, 0x35, 0x57, 0xb9, 0x86, 0xc1, 0x1d, 0x9e,
    0xe1, 0xf8, 0x98, 0x11, 0x69, 0xd9, 0x8e, 0x94, 0x9b, 0x1e, 0x87, 0xe9, 0xce, 0x55, 0x28, 0xdf,
    0x8c, 0xa1, 0x89, 0x0d, 0xbf, 0xe6, 0x42, 0x68, 0x41, 0x99, 0x2d, 0x0f, 0xb0, 0x54, 0xbb, 0x16,
};

/* Word `sum` of a schedule is the XOR of words `left` and `right`. All are words of round keys between the first and the
 * last, so that the relation survives InvMixColumns, which is linear. */
typedef struct relation {
    uint8_t sum, left, right;
} relation;

/* For Nk words of key, w[i] = w[i-1] ^ w[i-Nk] unless Nk divides i (or, for Nk = 8, 4 does). With the round keys in reverse order
 * word i lies at 4 * (rounds - i / 4) + i % 4: those are the relations of words 37.. (Nk = 4), 45.. (6) and 53.. (8). */
typedef struct pattern {
    uint8_t key_words;
    uint8_t reversed;
    relation relations[3];
} pattern;

static const pattern PATTERNS[] = {
    {4, 0, {{9, 8, 5}, {10, 9, 6}, {11, 10, 7}}},       {4, 1, {{5, 4, 9}, {6, 5, 10}, {7, 6, 11}}},
    {6, 0, {{13, 12, 7}, {14, 13, 8}, {15, 14, 9}}},    {6, 1, {{7, 6, 9}, {6, 5, 8}, {5, 4, 15}}},
    {8, 0, {{13, 12, 5}, {14, 13, 6}, {15, 14, 7}}},    {8, 1, {{7, 6, 15}, {6, 5, 14}, {5, 4, 13}}},
};

enum { PATTERN_COUNT = sizeof PATTERNS / sizeof *PATTERNS, FURTHEST = 15 };

static uint32_t rounds(uint32_t key_words) { return key_words + 6; }

static uint8_t twice(uint8_t x) { return (uint8_t)(x << 1 ^ (x >> 7) * 0x1b); }

static void mix_column(uint8_t *c) {
    uint8_t all = c[0] ^ c[1] ^ c[2] ^ c[3], first = c[0];
    for (int i = 0; i < 4; i++) c[i] ^= all ^ twice(c[i] ^ (i < 3 ? c[i + 1] : first));
}

/* MixColumns has order 4: its inverse is to do it three times. */
static void unmix_column(uint8_t *c) {
    for (int i = 0; i < 3; i++) mix_column(c);
}

static void expand(const uint8_t *key, uint32_t key_words, uint8_t *w) {
    uint8_t constant = 1;
    memcpy(w, key, 4 * (size_t)key_words);
    for (uint32_t i = key_words; i < 4 * (rounds(key_words) + 1); i++) {
        uint8_t t[4];
        memcpy(t, w + 4 * (i - 1), 4);
        if (i % key_words == 0) {
            uint8_t first = t[0];
            for (int j = 0; j < 4; j++) t[j] = SBOX[j < 3 ? t[j + 1] : first];
            t[0] ^= constant;
            constant = twice(constant);
        } else if (key_words == 8 && i % 8 == 4) {
            for (int j = 0; j < 4; j++) t[j] = SBOX[t[j]];
        }
        for (uint32_t j = 0; j < 4; j++) w[4 * i + j] = w[4 * (i - key_words) + j] ^ t[j];
    }
}

/* Where word i of the expansion lies in a schedule of this direction. */
static uint32_t place(uint32_t i, uint32_t key_words, uint32_t direction) {
    return direction == RF_AES_DECRYPT ? 4 * (rounds(key_words) - i / 4) + i % 4 : i;
}

static int is_mixed(uint32_t i, uint32_t key_words, uint32_t direction) {
    return direction != RF_AES_ENCRYPT && i >= 4 && i < 4 * rounds(key_words);
}

static void copy_word(uint8_t *to, const uint8_t *from, uint32_t swapped) {
    for (uint32_t j = 0; j < 4; j++) to[j] = from[swapped ? 3 - j : j];
}

uint32_t rf_aes_schedule(const uint8_t *key, uint32_t key_bytes, uint32_t direction, uint32_t swapped, uint8_t *out) {
    uint32_t key_words = key_bytes / 4;
    uint8_t w[4 * WORDS];
    if (key_bytes != 16 && key_bytes != 24 && key_bytes != 32) return 0;
    expand(key, key_words, w);
    for (uint32_t i = 0; i < 4 * (rounds(key_words) + 1); i++) {
        if (is_mixed(i, key_words, direction)) unmix_column(w + 4 * i);
        copy_word(out + 4 * place(i, key_words, direction), w + 4 * i, swapped);
    }
    return 16 * (rounds(key_words) + 1);
}

/* Word i of the expansion, as it lies in a schedule. */
static void expanded_word(const uint8_t *at, uint32_t i, uint32_t key_words, uint32_t direction, uint32_t swapped, uint8_t *out) {
    copy_word(out, at + 4 * place(i, key_words, direction), swapped);
    if (is_mixed(i, key_words, direction)) mix_column(out);
}

/* The first Nk words of the expansion are the key. */
static void key_of(const uint8_t *schedule, uint32_t key_words, uint32_t direction, uint32_t swapped, uint8_t *key) {
    for (uint32_t i = 0; i < key_words; i++) expanded_word(schedule, i, key_words, direction, swapped, key + 4 * i);
}

static int is_constant(const uint8_t *bytes, size_t size) { return memcmp(bytes, bytes + 1, size - 1) == 0; }

/* A byte repeated, or counted up, is a test vector, a self test, or the constant key of CTR_DRBG's derivation function (SP
 * 800-90A section 10.3.2). */
static int is_progression(const uint8_t *key, uint32_t size) {
    for (uint32_t i = 2; i < size; i++)
        if ((uint8_t)(key[i] - key[i - 1]) != (uint8_t)(key[1] - key[0])) return 0;
    return 1;
}

/* Whether the first word behind the key follows from it: w[Nk] = w[0] ^ SubWord(RotWord(w[Nk-1])) ^ Rcon[1]. Memory of a
 * period of 3 bytes (x, y, x ^ y), and whatever else a linear recurrence makes, has the relations of a pattern at every
 * byte: only what is not linear tells, and to expand a key at each of them would take seconds for a megabyte. Where this
 * holds it does not at the next byte, since Rcon is in one byte of the four. */
static int first_follows(const uint8_t *at, uint32_t key_words, uint32_t direction, uint32_t swapped) {
    uint8_t first[4], last[4], next[4];
    expanded_word(at, 0, key_words, direction, swapped, first);
    expanded_word(at, key_words - 1, key_words, direction, swapped, last);
    expanded_word(at, key_words, key_words, direction, swapped, next);
    return next[0] == (first[0] ^ SBOX[last[1]] ^ 1) && next[1] == (first[1] ^ SBOX[last[2]])
        && next[2] == (first[2] ^ SBOX[last[3]]) && next[3] == (first[3] ^ SBOX[last[0]]);
}

static int verify(const uint8_t *at, uint32_t key_words, uint32_t direction, uint32_t swapped, rf_aes_hit *hit) {
    uint8_t schedule[4 * WORDS];
    uint32_t size = 16 * (rounds(key_words) + 1);
    if (!first_follows(at, key_words, direction, swapped)) return 0;
    memset(hit, 0, sizeof *hit);
    key_of(at, key_words, direction, swapped, hit->key);
    if (is_progression(hit->key, 4 * key_words)) return 0;
    rf_aes_schedule(hit->key, 4 * key_words, direction, swapped, schedule);
    if (memcmp(schedule, at, size) != 0) return 0;
    hit->key_bytes = 4 * key_words;
    hit->direction = (uint8_t)direction;
    hit->swapped = (uint8_t)swapped;
    return 1;
}

static int holds(const word *w, relation r) { return w[r.right] != 0 && w[r.sum] == (w[r.left] ^ w[r.right]); }

static int verify_at(const uint8_t *at, size_t room, rf_aes_hit *hit) {
    const word *w = (const word *)at;
    for (uint32_t i = 0; i < PATTERN_COUNT; i++) {
        const pattern *p = &PATTERNS[i];
        if (room < 16 * ((size_t)rounds(p->key_words) + 1) || !holds(w, p->relations[0]) || !holds(w, p->relations[1]) || !holds(w, p->relations[2]))
            continue;
        for (uint32_t swapped = 0; swapped < 2; swapped++) {
            if (p->reversed ? verify(at, p->key_words, RF_AES_DECRYPT, swapped, hit)
                            : verify(at, p->key_words, RF_AES_ENCRYPT, swapped, hit) || verify(at, p->key_words, RF_AES_DECRYPT_FORWARD, swapped, hit))
                return 1;
        }
    }
    return 0;
}

/* For each of BLOCK words: does the first relation of any pattern hold there? */
static inline __attribute__((always_inline)) uint32_t filter(const word *w, uint32_t *fits) {
    uint32_t any = 0;
    for (uint32_t i = 0; i < BLOCK; i++) {
        uint32_t fit = 0;
#define TRY(sum, left, right) fit |= (uint32_t)((w[i + (sum)] ^ w[i + (left)]) == w[i + (right)]) & (uint32_t)(w[i + (right)] != 0)
        TRY(9, 8, 5);
        TRY(5, 4, 9);
        TRY(13, 12, 7);
        TRY(7, 6, 9);
        TRY(13, 12, 5);
        TRY(7, 6, 15);
#undef TRY
        fits[i] = fit;
        any |= fit;
    }
    return any;
}

static uint32_t filter_plain(const word *w, uint32_t *fits) { return filter(w, fits); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) static uint32_t filter_avx2(const word *w, uint32_t *fits) { return filter(w, fits); }
#endif

static int is_zero(const uint8_t *bytes, size_t size) { return bytes[0] == 0 && is_constant(bytes, size); }

/* The filters of one block, for words that begin at each of its offsets modulo 4 that are looked at. */
static uint32_t filter_steps(const uint8_t *at, size_t step, uint32_t fits[4][BLOCK]) {
    uint32_t (*filter_block)(const word *, uint32_t *) = filter_plain;
    uint32_t any = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) filter_block = filter_avx2;
#endif
    for (size_t shift = 0; shift < 4; shift += step) any |= filter_block((const word *)(at + shift), fits[shift]);
    return any;
}

uint32_t rf_find_aes(const uint8_t *data, size_t size, size_t step, rf_aes_hit *hits, uint32_t capacity) {
    uint32_t fits[4][BLOCK], found = 0;
    const size_t block = BLOCK * sizeof(word), ahead = (FURTHEST + 2) * sizeof(word);
    const size_t shortest = 16 * 11; /* bytes of the schedule for 128 bits */
    if (step != 4) step = 1;
    for (size_t start = 0; capacity && start + shortest <= size; start += block) {
        int whole = size - start >= block + ahead;
        if (whole && (is_zero(data + start, block + ahead) || !filter_steps(data + start, step, fits))) continue;
        for (size_t i = 0; i < block && start + i + shortest <= size; i += step) {
            rf_aes_hit hit;
            if ((whole && !fits[i % 4][i / 4]) || !verify_at(data + start + i, size - start - i, &hit)) continue;
            hit.offset = start + i;
            hits[found++] = hit;
            if (found == capacity) return found;
        }
    }
    return found;
}
