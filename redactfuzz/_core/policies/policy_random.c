/* Random walk: at every point each enabled thread is equally likely. A timed wait expires with an eighth of a thread's
 * weight, a crash strikes at a moment drawn uniformly (crash_time.c).
 */
#include "policies/policy.h"

enum { WEIGHT = 8 };

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)stage;
    (void)limits;
    (void)room;
    return 0;
}

static void nothing(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
}

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    (void)stage;
    if (rf_slot_of(core, thread)->state == RF_SLOT_ARMED) {
        rf_draw_crash(core, thread);
    }
}

/* One thread alone: there is nothing to choose until another appears, or a crash is due. */
static void alone(rf_core *core)
{
    core->quiet = core->due < core->limits.steps ? core->due : core->limits.steps;
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    uint32_t trigger = rf_due_trigger(core);
    uint32_t weight = WEIGHT * core->enabled.count + core->timed.count;
    uint32_t drawn;
    (void)stage;
    if (trigger != RF_NONE) {
        return rf_fire_at_random(core, trigger);
    }
    if (weight == 0) {
        return point->preferred;
    }
    if (weight == WEIGHT) {
        alone(core);
        return point->preferred;
    }
    drawn = rf_below(&core->rng, weight);
    if (drawn < WEIGHT * core->enabled.count) {
        return rf_pick(RF_STEP, rf_set_kth(core, &core->enabled, drawn / WEIGHT), 0);
    }
    return rf_pick(RF_EXPIRE, RF_AT(core, core->heap, uint32_t)[drawn - WEIGHT * core->enabled.count], 0);
}

static rf_choice draw(rf_core *core, uint32_t thread)
{
    uint32_t weight = WEIGHT * (core->enabled.count + 1) + core->timed.count;
    uint32_t drawn;
    if (weight == WEIGHT) {
        alone(core);
        return rf_pick(RF_STEP, thread, 0);
    }
    drawn = rf_below(&core->rng, weight);
    if (drawn < WEIGHT * (core->enabled.count + 1)) {
        return rf_pick(RF_STEP, rf_set_kth_with(core, &core->enabled, drawn / WEIGHT, thread), 0);
    }
    return rf_pick(RF_EXPIRE, RF_AT(core, core->heap, uint32_t)[drawn - WEIGHT * (core->enabled.count + 1)], 0);
}

static int end(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
    return 1;
}

const rf_policy rf_random_walk = {
    .name = "random", .size = size, .init = nothing, .begin = nothing, .pended = pended, .choose = choose,
    .draw = draw, .end = end, .draws = 1,
};
