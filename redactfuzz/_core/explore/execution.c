/* An execution from its beginning to its end, and what can be read of it. */
#include "choices/core.h"
#include "explore/explore.h"
#include "explore/portfolio.h"
#include "policies/policy.h"

int rf_begin(rf_core *core)
{
    rf_stage_state *stage;
    if (core->started) {
        rf_end(core, 0);
    }
    if (!rf_next_stage(core)) {
        return 0;
    }
    stage = rf_running_stage(core);
    for (uint32_t thread = 0; thread < core->used; thread++) {
        rf_slot *slot = rf_slot_of(core, thread);
        rf_slot empty = {0};
        *slot = empty;
    }
    rf_rank_clear(core);
    rf_set_clear(core, &core->enabled);
    rf_set_clear(core, &core->blocked);
    rf_set_clear(core, &core->timed);
    rf_set_clear(core, &core->armed);
    rf_set_clear(core, &core->fresh);
    core->used = 0;
    core->quiet = 0;
    core->due = UINT32_MAX;
    core->current = RF_NO_THREAD;
    core->spin_site = 0;
    core->spin_same = 0;
    core->spin_any = 0;
    core->spin_limit = RF_SPIN_SITE;
    core->grants = 0;
    core->round = 1;
    core->fair = rf_policy_of(stage)->enumerates;
    core->contended = 0;
    core->named = UINT32_MAX;
    core->dead = 0;
    core->onward.on = 0;
    core->onward.left = 0;
    core->started = 1;
    core->status.execution++;
    core->status.trace_hash = 0;
    core->status.steps = 0;
    core->status.step = 0;
    core->status.preemptions = 0;
    core->status.switches = 0;
    core->status.granularity = stage->config.granularity;
    core->status.state = RF_RUNNING;
    core->status.pending_deviations = 0;
    core->status.profiles = 0;
    core->status.reduces = 0;
    core->status.whole = 0;
    core->status.watched = RF_NOT_WATCHED;
    core->status.pairs = 0;
    core->shown = 0;
    core->rng = rf_mix(core->seed ^ rf_mix((uint64_t)core->status.stage + 1) ^ rf_mix(stage->executions << 20));
    stage->executions++;
    rf_policy_of(stage)->begin(core, stage);
    return 1;
}

void rf_end(rf_core *core, uint32_t outcome)
{
    rf_stage_state *stage = rf_running_stage(core);
    uint32_t granularity = core->status.granularity;
    if (!core->started) {
        return;
    }
    core->started = 0;
    core->outcome = outcome;
    stage->preempted += (core->dead ? core->died.preemptions : core->status.preemptions) > 0;
    if (core->status.steps > core->length[granularity]) {
        core->length[granularity] = core->status.steps;
    }
    if (core->contended > core->choices[granularity]) {
        core->choices[granularity] = core->contended;
    }
    if (rf_policy_of(stage)->enumerates && core->status.state >= RF_STEP_LIMIT) {
        stage->truncated = 1; /* what lies beyond was not seen */
    }
    if (!rf_policy_of(stage)->end(core, stage)) {
        stage->finished = 1;
    }
    if (core->dead) {
        core->status.trace_hash = core->died.trace_hash;
        core->status.steps = core->died.steps;
        core->status.preemptions = core->died.preemptions;
        core->status.switches = core->died.switches;
    }
}

void rf_died(rf_core *core)
{
    core->dead = 1;
    core->died = core->status;
}

uint32_t rf_proof(rf_core *core, char *out, uint32_t size)
{
    rf_stage_state *stage = rf_running_stage(core);
    return core->started || rf_policy_of(stage)->proof == NULL ? 0 : rf_policy_of(stage)->proof(core, stage, out, size);
}

/* -- what can be read */

const rf_status *rf_get_status(const rf_core *core)
{
    return &core->status;
}

const rf_status *rf_death(const rf_core *core)
{
    return core->dead ? &core->died : NULL;
}

const rf_record *rf_trace(const rf_core *core, uint32_t *count)
{
    *count = core->status.steps;
    return (const rf_record *)(const void *)((const char *)core + core->trace);
}

rf_stage_report rf_report(const rf_core *core, uint32_t stage)
{
    rf_stage_report report = {0};
    if (stage < core->stage_count) {
        const rf_stage_state *state
            = (const rf_stage_state *)(const void *)((const char *)core + core->stages) + stage;
        uint64_t limit = state->config.limit;
        report.executions = state->executions;
        report.preempted = state->preempted;
        report.repeated = state->repeated;
        report.estimate = state->estimate;
        report.truncated = state->truncated;
        report.cut = state->cut;
        report.known = core->known;
        report.same = state->same;
        report.exhausted = state->finished && !state->truncated;
        report.finished = state->finished || (limit != 0 && state->executions >= limit);
    }
    return report;
}

rf_conflict rf_conflict_at(rf_core *core, uint32_t stage, uint32_t index)
{
    rf_conflict none = {0};
    rf_stage_state *state = stage < core->stage_count ? rf_stage_of(core, stage) : NULL;
    if (state == NULL || index >= RF_CONFLICTS || rf_policy_of(state)->conflicts == NULL) {
        return none;
    }
    return rf_policy_of(state)->conflicts(core, state)[index];
}

uint64_t rf_cut_at(rf_core *core, uint32_t stage, uint32_t index)
{
    return stage < core->stage_count && index < RF_CUTS ? rf_stage_of(core, stage)->cuts[index] : 0;
}

const rf_pair *rf_pairs(rf_core *core, uint32_t stage)
{
    rf_stage_state *state = stage < core->stage_count ? rf_stage_of(core, stage) : NULL;
    return state == NULL || rf_policy_of(state)->pairs == NULL ? NULL : rf_policy_of(state)->pairs(core, state);
}

uint32_t rf_displaced(const rf_core *core, int done, uint32_t from)
{
    return rf_set_next(core, done ? &core->preempted : &core->preemptible, from);
}
