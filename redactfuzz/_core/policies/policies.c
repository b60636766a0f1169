/* The one place that knows which policies there are. */
#include "policies/policy.h"

const rf_policy *const rf_policies[RF_POLICIES] = {
    [RF_SEQUENTIAL] = &rf_sequential, [RF_RANDOM] = &rf_random_walk, [RF_PCT] = &rf_pct,
    [RF_POS] = &rf_pos,               [RF_SURW] = &rf_surw,          [RF_BOUNDED] = &rf_bounded,
    [RF_EXHAUSTIVE] = &rf_exhaustive, [RF_REPLAY] = &rf_replaying,
    [RF_NEAR] = &rf_near,             [RF_NOVEL] = &rf_novel,         [RF_DPOR] = &rf_dpor,
    [RF_WALK] = &rf_walk,
};
