#include "choices/onward.h"

#include "choices/core.h"

static void next_turn(rf_core *core)
{
    rf_onward *onward = &core->onward;
    onward->steps += onward->turn - onward->left;
    onward->idle = onward->does ? 0 : onward->idle + 1;
    onward->yields &= onward->idle > 0;
    onward->does = 0;
    onward->turns++;
    onward->turn = RF_ONWARD_TURN + rf_below(&core->rng, RF_ONWARD_TURN); /* not in step with what the program counts */
    onward->left = onward->turn;
}

void rf_run_on(rf_core *core)
{
    const rf_onward none = {0};
    core->onward = none;
    core->onward.on = 1;
    core->onward.does = 1;
    core->quiet = 0;
    core->status.watched = RF_NOT_WATCHED;
    core->status.state = RF_STEP_LIMIT; /* of an enumeration, what lies beyond was not seen */
    next_turn(core);
}

static int is_endless(const rf_core *core)
{
    const rf_onward *onward = &core->onward;
    return onward->steps > RF_ONWARD_STEPS || onward->turns > RF_ONWARD_TURNS
           || onward->idle > (onward->yields ? RF_ONWARD_YIELDS : RF_ONWARD_ROUNDS) * core->enabled.count;
}

rf_choice rf_onward_choose(rf_core *core, const rf_point *point)
{
    rf_onward *onward = &core->onward;
    rf_choice choice = point->preferred;
    if (point->goes_on && onward->left > 0) {
        onward->left--;
    } else {
        onward->does |= point->goes_on; /* its turn has ended, and it has not handed over */
        next_turn(core);
        if (is_endless(core)) {
            return rf_pick(RF_STOP, 0, 0);
        }
        if (core->enabled.count > 0) {
            uint32_t from = point->current == RF_NO_THREAD ? 0 : point->current;
            uint32_t next = rf_set_cyclic(core, &core->enabled, from + 1);
            choice = rf_pick(RF_STEP, next, 0);
            if (next <= from && core->timed.count > 0) {
                choice = rf_pick(RF_EXPIRE, rf_wait_first(core), 0);
            }
        }
    }
    if (choice.action != RF_STEP || (rf_slot_of(core, choice.thread)->flags & RF_TIMED) != 0) {
        onward->does = 1;
    } else if (rf_slot_of(core, choice.thread)->flags & RF_YIELD) {
        onward->yields = 1;
    } else {
        onward->does |= rf_slot_of(core, choice.thread)->kind != RF_READ;
    }
    return choice;
}
