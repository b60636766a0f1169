/* A choice point: the default order's choice, and every other choice there is. */
#include "choices/core.h"

/* The fixed victim of a strike, or RF_NONE: any thread may be struck. */
static uint32_t fixed_victim(const rf_slot *trigger)
{
    return trigger->object == 0 || trigger->object == RF_OBJECT_DEATH ? RF_NONE : trigger->object - 1;
}

static int alive(rf_core *core, uint32_t thread)
{
    return rf_set_has(core, &core->enabled, thread) || rf_set_has(core, &core->blocked, thread);
}

/* May `trigger` fire on `victim` (== trigger: as a thread of its own)? */
static int may_fire(rf_core *core, uint32_t trigger, uint32_t victim)
{
    const rf_slot *slot = rf_slot_of(core, trigger);
    uint32_t fixed = fixed_victim(slot);
    if (!(slot->flags & RF_STRIKE)) {
        return victim == trigger;
    }
    if (fixed != RF_NONE) {
        if (fixed < core->used && alive(core, fixed)) {
            return victim == fixed;
        }
        /* The only possible victim has ended: the handler runs all the same. One that is yet to come is waited for. */
        return victim == trigger
               && (core->enabled.count == 0 || (fixed < core->used && rf_slot_of(core, fixed)->seen));
    }
    if (core->enabled.count > 0) {
        return rf_set_has(core, &core->enabled, victim);
    }
    if (core->blocked.count > 0) {
        return rf_set_has(core, &core->blocked, victim);
    }
    return victim == trigger;
}

static uint32_t default_victim(rf_core *core, uint32_t trigger)
{
    const rf_slot *slot = rf_slot_of(core, trigger);
    uint32_t fixed = fixed_victim(slot);
    uint32_t from = core->current == RF_NO_THREAD ? 0 : core->current;
    if (!(slot->flags & RF_STRIKE)) {
        return trigger;
    }
    if (fixed != RF_NONE) {
        return may_fire(core, trigger, fixed) ? fixed : trigger;
    }
    if (core->enabled.count > 0) {
        return rf_set_cyclic(core, &core->enabled, from);
    }
    if (core->blocked.count > 0) {
        return rf_set_cyclic(core, &core->blocked, from);
    }
    return trigger;
}

void rf_look(rf_core *core, rf_point *point)
{
    uint32_t current = core->current;
    point->current = current;
    point->from_site = 0;
    point->goes_on = 0;
    point->yields = 0;
    point->spins = 0;
    point->local = 0;
    if (current != RF_NO_THREAD) {
        const rf_slot *slot = rf_slot_of(core, current);
        if (slot->state == RF_SLOT_PENDED) {
            point->from_site = slot->site;
            point->yields = (slot->flags & RF_YIELD) != 0 || slot->owes;
            point->goes_on = !point->yields;
            point->spins = slot->owes == 2 || (slot->flags & (RF_YIELD | RF_LOOP)) == (RF_YIELD | RF_LOOP);
            point->local = point->goes_on && (slot->flags & RF_LOCAL) != 0;
        } else if (slot->state == RF_SLOT_BLOCKED) {
            point->from_site = slot->site;
        }
    }
    if (point->goes_on) {
        point->preferred = rf_pick(RF_STEP, current, 0);
    } else if (core->enabled.count > (point->spins && core->timed.count > 0)) {
        uint32_t from = current == RF_NO_THREAD ? 0 : current + 1;
        point->preferred = rf_pick(RF_STEP, rf_set_cyclic(core, &core->enabled, from), 0);
    } else if (core->timed.count > 0) {
        point->preferred = rf_pick(RF_EXPIRE, rf_wait_first(core), 0);
    } else if (core->armed.count > 0) {
        uint32_t trigger = rf_set_next(core, &core->armed, 0);
        point->preferred = rf_pick(RF_FIRE, default_victim(core, trigger), trigger);
    } else {
        point->preferred = rf_pick(RF_NOTHING, 0, 0);
    }
}

int rf_available(rf_core *core, const rf_choice *choice)
{
    if (choice->thread >= core->used) {
        return 0;
    }
    switch (choice->action) {
    case RF_STEP:
        return rf_set_has(core, &core->enabled, choice->thread);
    case RF_EXPIRE:
        return rf_set_has(core, &core->timed, choice->thread);
    case RF_FIRE:
        return choice->trigger < core->used && rf_set_has(core, &core->armed, choice->trigger)
               && may_fire(core, choice->trigger, choice->thread);
    default:
        return 0;
    }
}

/* Fairness: see rf_grant. */
static int granted(rf_core *core, uint32_t thread)
{
    uint64_t site = rf_slot_of(core, thread)->site;
    for (uint32_t i = 0; i < core->grants; i++) {
        if (core->grant[i].thread == thread && core->grant[i].site == site) {
            return core->grant[i].times < RF_GRANT_TIMES;
        }
    }
    return core->grants < RF_GRANTS;
}

int rf_out_of_turn(rf_core *core, const rf_point *point, const rf_choice *choice)
{
    const rf_slot *slot = rf_slot_of(core, choice->thread);
    if (rf_same(choice, &point->preferred)) {
        return 0;
    }
    return choice->action == RF_EXPIRE
           || (choice->action == RF_STEP && ((slot->flags & RF_YIELD) != 0 || slot->owes || slot->tired));
}

/* It would end a wait too early that ends in turn only. */
static int ends_early(rf_core *core, const rf_point *point, const rf_choice *choice)
{
    return choice->action == RF_EXPIRE && (rf_slot_of(core, choice->thread)->flags & RF_IN_TURN) != 0
           && !rf_same(choice, &point->preferred);
}

rf_choice rf_in_turn(rf_core *core, const rf_point *point, rf_choice choice)
{
    return ends_early(core, point, &choice) ? point->preferred : choice;
}

static int fair(rf_core *core, const rf_point *point, const rf_choice *choice)
{
    if (ends_early(core, point, choice)) {
        return 0;
    }
    if (rf_out_of_turn(core, point, choice) && !granted(core, choice->thread)) {
        if (core->status.reduces) {
            rf_stage_of(core, core->status.stage)->cut = 1; /* by one that only looks: see policy_dpor.c */
        } else {
            rf_cut(rf_stage_of(core, core->status.stage), rf_slot_of(core, choice->thread)->site);
        }
        return 0;
    }
    return 1;
}

int rf_is_option(rf_core *core, const rf_point *point, const rf_choice *choice)
{
    return rf_available(core, choice) && fair(core, point, choice);
}

static int next_victim(rf_core *core, rf_cursor *cursor, rf_choice *choice)
{
    for (; cursor->trigger != RF_NONE; cursor->trigger = rf_set_next(core, &core->armed, cursor->trigger + 1)) {
        const rf_slot *slot = rf_slot_of(core, cursor->trigger);
        uint32_t victim = cursor->at;
        if (!(slot->flags & RF_STRIKE) || fixed_victim(slot) != RF_NONE
            || core->enabled.count + core->blocked.count == 0) {
            victim = cursor->at == 0 ? default_victim(core, cursor->trigger) : RF_NONE;
            cursor->at = 1;
            if (victim != RF_NONE && may_fire(core, cursor->trigger, victim)) {
                *choice = rf_pick(RF_FIRE, victim, cursor->trigger);
                return 1;
            }
        } else {
            const rf_set *set = core->enabled.count > 0 ? &core->enabled : &core->blocked;
            victim = rf_set_next(core, set, victim);
            if (victim != RF_NONE) {
                cursor->at = victim + 1;
                *choice = rf_pick(RF_FIRE, victim, cursor->trigger);
                return 1;
            }
        }
        cursor->at = 0;
    }
    return 0;
}

int rf_next_option(rf_core *core, const rf_point *point, rf_cursor *cursor, rf_choice *choice)
{
    if (point->local && cursor->phase == 0) {
        cursor->phase = 2;
        cursor->trigger = rf_set_next(core, &core->armed, 0);
        *choice = point->preferred;
        return 1;
    }
    while (cursor->phase < 2) {
        const rf_set *set = cursor->phase == 0 ? &core->enabled : &core->timed;
        uint32_t thread = rf_set_next(core, set, cursor->at);
        if (thread == RF_NONE) {
            cursor->phase++;
            cursor->at = 0;
            cursor->trigger = rf_set_next(core, &core->armed, 0);
            continue;
        }
        cursor->at = thread + 1;
        *choice = rf_pick(cursor->phase == 0 ? RF_STEP : RF_EXPIRE, thread, 0);
        if (fair(core, point, choice)) {
            return 1;
        }
    }
    return next_victim(core, cursor, choice);
}

rf_choice rf_fire_at_random(rf_core *core, uint32_t trigger)
{
    const rf_slot *slot = rf_slot_of(core, trigger);
    if (slot->flags & RF_STRIKE && fixed_victim(slot) == RF_NONE) {
        const rf_set *set = core->enabled.count > 0 ? &core->enabled : &core->blocked;
        if (set->count > 0) {
            return rf_pick(RF_FIRE, rf_set_kth(core, set, rf_below(&core->rng, set->count)), trigger);
        }
    }
    return rf_pick(RF_FIRE, default_victim(core, trigger), trigger);
}

rf_choice rf_diverge(rf_core *core)
{
    core->status.state = RF_DIVERGED;
    core->status.step = core->status.steps;
    return rf_pick(RF_STOP, 0, 0);
}
