/* The matcher that finds the secrets again. */
#ifndef RFN_MATCHER_H
#define RFN_MATCHER_H

#include <stdint.h>

#include "match/match.h"
#include "match/match_possible.h"

extern rf_matcher *rfn_matcher;

/* What the matcher finds; how many there are. For files of ours that are compiled without vector registers, and could not hand the
 * threshold, a fraction, on. */
uint32_t rfn_scan(const rf_data *data, rf_hit *hits, uint32_t capacity);

/* rf_match_possible, as above. */
void rfn_possible(const rf_possible *possible, uint64_t address, uint8_t value, const rf_asker *asker);

#endif
