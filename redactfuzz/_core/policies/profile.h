/* What one execution did, by thread and key: what SURW needs to know beforehand. */
#ifndef RF_PROFILE_H
#define RF_PROFILE_H

#include "choices/core.h"

enum { RF_PROFILE_KEYS = 2048, RF_PROFILE_COUNTS = 8192 };

/* The key of every event whatever it is about. */
#define RF_ANY_KEY (~(uint64_t)0)

typedef struct rf_profile_key {
    uint64_t key;
    uint32_t total;
    uint32_t thread; /* the first that touched it */
    uint32_t counts; /* 1 + index of the latest of its counts */
    uint8_t several; /* other threads touched it as well */
    uint8_t written;
    uint8_t reserved[2];
} rf_profile_key;

typedef struct rf_profile_count {
    uint32_t thread;
    uint32_t count;
    uint32_t key;  /* index */
    uint32_t next; /* 1 + index of the next of the same key, 0: none */
} rf_profile_count;

/* Keys and counts lie side by side in the order of their first sight, so that drawing costs as much as was seen. */
typedef struct rf_profile {
    rf_profile_key keys[RF_PROFILE_KEYS];
    rf_profile_count counts[RF_PROFILE_COUNTS];
    uint16_t key_places[2 * RF_PROFILE_KEYS];     /* hash tables: 1 + index, */
    uint16_t count_places[2 * RF_PROFILE_COUNTS]; /* of a count by key and thread */
    uint32_t used_keys;
    uint32_t used_counts;
} rf_profile;

/* `thread` does an event about `key` (0: about nothing in particular). What does not fit is left out. */
void rf_profile_add(rf_profile *profile, uint64_t key, uint32_t thread, int writes);
/* A key that several threads touch and one writes, drawn with the probability of its accesses; RF_ANY_KEY: there is none. */
uint64_t rf_profile_draw(const rf_profile *profile, uint64_t *rng);
/* The latest count of a key; NULL: it was not seen. */
const rf_profile_count *rf_profile_counts(const rf_profile *profile, uint64_t key);
const rf_profile_count *rf_profile_next(const rf_profile *profile, const rf_profile_count *count);

#endif
