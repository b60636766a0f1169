/* Which stage has the next execution. `first` stages run alone, in order. Then the others take turns by smooth weighted
 * round robin: in every round of sum(share) executions each stage has its share, spread evenly. A stage with `after`
 * waits until that one has nothing left to run, one with `start` until so many executions were run. One that is `beside` others
 * has no turn any more when they have nothing left.
 */
#include "explore/portfolio.h"

static int done(const rf_stage_state *stage)
{
    return stage->finished || (stage->config.limit != 0 && stage->executions >= stage->config.limit);
}

static int ready(rf_core *core, const rf_stage_state *stage)
{
    int16_t after = stage->config.after;
    return !done(stage) && (after < 0 || done(rf_stage_of(core, (uint32_t)after)));
}

/* Is everything done beside which others run? */
static int all_done(rf_core *core)
{
    for (uint32_t i = 0; i < core->stage_count; i++) {
        const rf_stage_state *stage = rf_stage_of(core, i);
        if (!stage->config.beside && !done(stage)) {
            return 0;
        }
    }
    return 1;
}

/* Is a stage that need not wait for its start ready? */
static int any_started(rf_core *core)
{
    for (uint32_t i = 0; i < core->stage_count; i++) {
        const rf_stage_state *stage = rf_stage_of(core, i);
        if (ready(core, stage) && core->status.execution >= stage->config.start) {
            return 1;
        }
    }
    return 0;
}

int rf_next_stage(rf_core *core)
{
    uint32_t best = RF_NONE;
    int64_t total = 0;
    int started;
    for (uint32_t i = 0; i < core->stage_count; i++) {
        const rf_stage_state *stage = rf_stage_of(core, i);
        if (stage->config.first && ready(core, stage)) {
            core->status.stage = (uint16_t)i;
            return 1;
        }
    }
    if (all_done(core)) {
        return 0;
    }
    started = any_started(core);
    for (uint32_t i = 0; i < core->stage_count; i++) {
        rf_stage_state *stage = rf_stage_of(core, i);
        if (!ready(core, stage) || (started && core->status.execution < stage->config.start)) {
            continue;
        }
        stage->credit += stage->config.share;
        total += stage->config.share;
        if (best == RF_NONE || stage->credit > rf_stage_of(core, best)->credit) {
            best = i;
        }
    }
    if (best == RF_NONE) {
        return 0;
    }
    rf_stage_of(core, best)->credit -= total;
    core->status.stage = (uint16_t)best;
    return 1;
}
