/* The layout of the block: one function gives the size and sets the offsets, so that the two cannot disagree. */
#include "choices/core.h"
#include "explore/explore.h"
#include "frontier/runs.h"
#include "policies/policy.h"

static uint64_t take(uint64_t *end, uint64_t bytes)
{
    uint64_t start = (*end + 63u) & ~(uint64_t)63u;
    *end = start + bytes;
    return start;
}

static int sensible(const rf_stage *stages, uint32_t count, const rf_limits *limits)
{
    if (count == 0 || count > 65535 || limits->threads == 0 || limits->threads > 65535 || limits->steps == 0
        || limits->steps > RF_MAX_STEPS) {
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        const rf_stage *stage = &stages[i];
        if (stage->policy >= RF_POLICIES || stage->granularity > RF_INSTRUCTIONS || stage->after >= (int32_t)count
            || stage->after < -1 || stage->after == (int32_t)i || stage->bound < 0 || stage->share == 0) {
            return 0;
        }
    }
    return 1;
}

static void set_layout(rf_set *set, uint64_t *end, uint32_t threads)
{
    set->words = (threads + 63) / 64;
    set->offset = take(end, (uint64_t)set->words * 8);
}

/* `core` is zeroed; `states` may be NULL. */
static uint64_t layout(rf_core *core, rf_stage_state *states, const rf_stage *stages, uint32_t count,
                       const rf_limits *limits)
{
    uint64_t end = sizeof(rf_core);
    uint64_t threads = limits->threads;
    uint32_t sharing = 0;
    core->leaves = rf_leaves_for(limits->threads);
    core->stages = take(&end, sizeof(rf_stage_state) * count);
    core->slots = take(&end, sizeof(rf_slot) * threads);
    set_layout(&core->enabled, &end, limits->threads);
    set_layout(&core->blocked, &end, limits->threads);
    set_layout(&core->timed, &end, limits->threads);
    set_layout(&core->armed, &end, limits->threads);
    set_layout(&core->fresh, &end, limits->threads);
    set_layout(&core->preemptible, &end, limits->threads);
    set_layout(&core->preempted, &end, limits->threads);
    core->heap = take(&end, 4 * threads);
    core->tree = take(&end, 8 * (uint64_t)core->leaves);
    core->trace = take(&end, sizeof(rf_record) * (uint64_t)limits->steps);
    core->scratch_count = limits->steps + 4 * limits->threads + 1024;
    core->scratch = take(&end, sizeof(rf_run) * (uint64_t)core->scratch_count);
    core->replay = take(&end, rf_replay_size(limits));
    for (uint32_t i = 0; i < count; i++) {
        sharing += rf_policies[stages[i].policy]->enumerates;
    }
    for (uint32_t i = 0; i < count; i++) {
        const rf_policy *policy = rf_policies[stages[i].policy];
        uint64_t room = policy->enumerates ? limits->frontier / sharing & ~(uint64_t)63 : 0;
        uint64_t offset = take(&end, policy->size(&stages[i], limits, (size_t)room));
        if (states != NULL) {
            states[i].config = stages[i];
            states[i].offset = offset;
            states[i].room = room;
        }
    }
    return (end + 63u) & ~(uint64_t)63u;
}

size_t rf_size(const rf_stage *stages, uint32_t count, const rf_limits *limits)
{
    rf_core core = {0};
    if (!sensible(stages, count, limits)) {
        return 0;
    }
    return (size_t)layout(&core, NULL, stages, count, limits);
}

int rf_init(void *block, const rf_stage *stages, uint32_t count, const rf_limits *limits, uint64_t seed)
{
    rf_core *core = block;
    rf_core empty = {0};
    if (((uintptr_t)block & 63u) != 0 || !sensible(stages, count, limits)) {
        return -1;
    }
    *core = empty;
    (void)layout(core, NULL, stages, count, limits);
    layout(core, rf_stage_of(core, 0), stages, count, limits);
    core->limits = *limits;
    core->stage_count = count;
    core->seed = rf_mix(seed ^ 0x5265646163746675u);
    core->current = RF_NO_THREAD;
    for (uint32_t i = 0; i < count; i++) {
        rf_policies[stages[i].policy]->init(core, rf_stage_of(core, i));
    }
    return 0;
}

static int set_is_intact(const rf_set *set, const rf_set *expected)
{
    return set->words == expected->words && set->offset == expected->offset && set->top < (uint64_t)1 << RF_SET_NODES;
}

static int status_is_in_range(const rf_status *status, const rf_limits *limits, uint32_t stages)
{
    return status->steps <= limits->steps && status->stage < stages && status->granularity <= RF_INSTRUCTIONS
           && status->state <= RF_TOO_MANY;
}

int rf_intact(const rf_core *core, const rf_stage *stages, uint32_t count, const rf_limits *limits)
{
    rf_core expected = {0};
    uint64_t end = layout(&expected, NULL, stages, count, limits);
    const rf_stage_state *state = (const rf_stage_state *)(const void *)((const char *)core + expected.stages);
    int intact = core->stages == expected.stages && core->slots == expected.slots && core->heap == expected.heap
                 && core->tree == expected.tree && core->trace == expected.trace && core->scratch == expected.scratch
                 && core->replay == expected.replay && core->leaves == expected.leaves
                 && core->scratch_count == expected.scratch_count && core->stage_count == count
                 && core->limits.threads == limits->threads && core->limits.steps == limits->steps
                 && set_is_intact(&core->preemptible, &expected.preemptible)
                 && set_is_intact(&core->preempted, &expected.preempted) && status_is_in_range(&core->status, limits, count)
                 && status_is_in_range(&core->died, limits, count);
    for (uint32_t i = 0; i < count; i++) {
        intact = intact && state[i].config.policy == stages[i].policy && state[i].offset <= end && state[i].room <= limits->frontier;
    }
    return intact;
}
