/* The index that match.c builds and match_scan.c reads. */
#ifndef RF_MATCH_INDEX_H
#define RF_MATCH_INDEX_H

#include <string.h>

#include "match/match.h"
#include "match/match_sieve.h"

enum { WINDOW = 8, SCALE = 4096 };

typedef struct form {
    double bits_per_byte; /* at its densest */
    double bits;
    uint32_t start; /* in the arena */
    uint32_t length;
    uint32_t step; /* every so many bytes a window of it is indexed */
    uint16_t source;
    uint16_t group;
    uint16_t encoding;
    uint16_t weighted; /* 1: its bytes differ in what they give away, see weights */
} form;

typedef struct entry {
    uint64_t window;
    uint32_t form;
    uint32_t offset;
    uint32_t next; /* 1-based, 0 ends the chain */
    uint32_t reserved;
} entry;

struct rf_matcher {
    rf_match_limits limits;
    uint32_t form_count;
    uint32_t entry_count;
    uint32_t used; /* bytes of the arena */
    uint32_t longest; /* form */
    uint32_t map_bits;
    uint32_t head_bits;
    rf_sieve sieve; /* which bytes are in any form */
    uint64_t *map;  /* which windows may be in the index: for one canary small enough for the first-level cache */
    uint32_t *heads;
    entry *entries;
    form *forms;
    uint8_t *arena;
    uint16_t *weights; /* of the bytes of the arena, in 1/SCALE bits */
    uint32_t *units;
    uint8_t *clear;
    uint32_t *points;
    uint8_t *wide;
    uint32_t *limbs;
};

static inline uint64_t load(const uint8_t *at) {
    uint64_t window;
    memcpy(&window, at, sizeof window);
    return window;
}

/* The bits that a fragment of a form gives away. */
static inline double rf_recovered(const rf_matcher *m, const form *f, uint32_t first, uint32_t last) {
    if (last - first == f->length) return f->bits;
    if (!f->weighted) return f->bits_per_byte * (last - first);
    uint64_t sum = 0;
    for (uint32_t i = first; i < last; i++) sum += m->weights[f->start + i];
    return (double)sum / SCALE;
}

/* Multiplicative hashing (Knuth, The Art of Computer Programming 3, 6.4) by the golden ratio: the upper bits depend on all. */
#define GOLDEN 0x9e3779b97f4a7c15u

static inline uint64_t slot(uint64_t window, uint32_t bits) { return window * GOLDEN >> (64u - bits); }

#endif
