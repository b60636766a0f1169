/* A walk from the midst of a schedule: up to step `bound` the deviations that were given to rf_replay, then a random walk. How
 * often what the schedule leads to comes about all the same says how far it is settled at that step.
 *
 * A crash that has not struck by then strikes at a moment that is drawn of what is left of the execution. What the schedule holds
 * beyond that step is not asked for.
 */
#include "policies/policy.h"

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)stage;
    (void)limits;
    (void)room;
    return 0;
}

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    if (rf_slot_of(core, thread)->state == RF_SLOT_ARMED && core->status.steps > (uint32_t)stage->config.bound) {
        rf_draw_crash(core, thread); /* those that are there before are drawn when the walk begins */
    }
}

static void draw_all(rf_core *core)
{
    uint32_t trigger;
    core->due = UINT32_MAX;
    for (trigger = rf_set_next(core, &core->armed, 0); trigger != RF_NONE;
         trigger = rf_set_next(core, &core->armed, trigger + 1)) {
        rf_draw_crash(core, trigger);
    }
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    uint32_t until = (uint32_t)stage->config.bound;
    rf_choice choice;
    if (core->status.steps < until) {
        choice = rf_replaying.choose(core, stage, point);
        core->quiet = core->quiet < until ? core->quiet : until;
        return choice;
    }
    if (core->status.steps == until) {
        draw_all(core);
    }
    if (point->local && rf_due_trigger(core) == RF_NONE) {
        return point->preferred; /* chance has nothing to decide */
    }
    return rf_random_walk.choose(core, stage, point);
}

static void init(rf_core *core, rf_stage_state *stage) { rf_replaying.init(core, stage); }

static void begin(rf_core *core, rf_stage_state *stage) { rf_replaying.begin(core, stage); }

static int end(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
    return 1;
}

const rf_policy rf_walk = {
    .name = "walk",
    .size = size,
    .init = init,
    .begin = begin,
    .pended = pended,
    .choose = choose,
    .end = end,
};
