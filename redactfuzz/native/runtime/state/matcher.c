#include "state/matcher.h"

#include "state/run.h"

enum { STRIDE = 1 /* every offset: a fragment that counts may have 8 bytes, anywhere */ };

rf_matcher *rfn_matcher;

uint32_t rfn_scan(const rf_data *data, rf_hit *hits, uint32_t capacity)
{
    return rf_match_scan(rfn_matcher, data, STRIDE, rfn.control_block->plan.threshold, hits, capacity);
}

void rfn_possible(const rf_possible *possible, uint64_t address, uint8_t value, const rf_asker *asker)
{
    rf_match_possible(possible, address, value, rfn.control_block->plan.threshold, asker);
}
