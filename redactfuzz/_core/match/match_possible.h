/* What bytes could ever form: where each place of memory may hold one of several values, which stretches could hold a fragment of a
 * secret that counts, in any form that the matcher knows? */
#ifndef RF_MATCH_POSSIBLE_H
#define RF_MATCH_POSSIBLE_H

#include "match/match.h"

typedef struct rf_possible rf_possible;

/* The values that a byte may have: bit v % 64 of set[v / 64]. */
typedef struct rf_values {
    uint64_t set[4];
} rf_values;

/* Who asks. */
typedef struct rf_asker {
    void *context;
    void (*values)(void *context, uint64_t address, rf_values *found);
    /* [from, to) could hold a fragment. It is as long as it can be, and may be told several times. */
    void (*found)(void *context, uint64_t from, uint64_t to);
} rf_asker;

size_t rf_possible_size(const rf_matcher *matcher);
/* `block` holds rf_possible_size() bytes, aligned to 8, and is valid until something else is planted. */
rf_possible *rf_possible_init(void *block, const rf_matcher *matcher);
/* Tells the fragments of at least `threshold` bits that have this value at this address. */
void rf_match_possible(const rf_possible *possible, uint64_t address, uint8_t value, double threshold, const rf_asker *asker);

#endif
