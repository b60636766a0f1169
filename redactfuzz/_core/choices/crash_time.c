/* When a crash strikes, for the policies that choose at random: uniformly over the length that an execution is expected
 * to have. A trigger that competed as one more thread would fire with probability 1/(n+1) at every point, that is,
 * almost always within the first few steps. One execution in four is spared until its end, or the length would never
 * be seen: a crash ends it.
 */
#include "choices/core.h"

void rf_draw_crash(rf_core *core, uint32_t trigger)
{
    uint32_t length = core->length[core->status.granularity];
    uint32_t now = core->status.steps;
    uint32_t left;
    if (length == 0) {
        length = RF_FIRST_LENGTH;
    }
    if (rf_below(&core->rng, 4) == 0) {
        rf_slot_of(core, trigger)->rank = UINT64_MAX;
        return;
    }
    left = length > now ? length - now : 1;
    now += rf_below(&core->rng, left + 1);
    rf_slot_of(core, trigger)->rank = now;
    core->due = now < core->due ? now : core->due;
}

void rf_next_due(rf_core *core)
{
    uint64_t due = UINT32_MAX;
    for (uint32_t trigger = rf_set_next(core, &core->armed, 0); trigger != RF_NONE;
         trigger = rf_set_next(core, &core->armed, trigger + 1)) {
        uint64_t rank = rf_slot_of(core, trigger)->rank;
        due = rank < due ? rank : due;
    }
    core->due = (uint32_t)due;
}

uint32_t rf_due_trigger(rf_core *core)
{
    uint32_t trigger;
    if (core->status.steps < core->due) {
        return RF_NONE;
    }
    for (trigger = rf_set_next(core, &core->armed, 0); trigger != RF_NONE;
         trigger = rf_set_next(core, &core->armed, trigger + 1)) {
        if (rf_slot_of(core, trigger)->rank <= core->status.steps) {
            return trigger;
        }
    }
    return RF_NONE;
}
