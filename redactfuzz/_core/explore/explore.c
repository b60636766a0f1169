/* What threads announce, and what is chosen. */
#include "choices/core.h"
#include "explore/explore.h"
#include "policies/policy.h"

/* -- what threads announce */

/* Called for a backward jump of the current thread: does it spin? */
static int spins(rf_core *core, uint64_t site)
{
    if (core->spin_site == site) {
        core->spin_same++;
    } else {
        core->spin_site = site;
        core->spin_same = 1;
    }
    core->spin_any++;
    if (core->spin_same <= core->spin_limit && core->spin_any <= RF_SPIN_ANY) {
        return 0;
    }
    core->spin_same = 0;
    core->spin_any = 0;
    core->spin_limit = RF_SPIN_AGAIN;
    return 1;
}

static rf_slot *announce(rf_core *core, uint32_t thread, const rf_event *event)
{
    rf_slot *slot;
    if (thread >= core->limits.threads) {
        core->status.state = RF_TOO_MANY;
        core->quiet = 0;
        return NULL;
    }
    slot = rf_slot_of(core, thread);
    if (thread >= core->used) {
        core->used = thread + 1;
    }
    if (!slot->seen) {
        slot->seen = 1;
        slot->parent = core->current;
    }
    if (slot->state == RF_SLOT_BLOCKED) {
        rf_set_remove(core, &core->blocked, thread);
        if (rf_set_has(core, &core->timed, thread)) {
            rf_wait_remove(core, thread);
        }
    }
    slot->site = event->site;
    slot->object = event->object;
    slot->offset = event->offset;
    slot->size = event->size;
    slot->room = event->room;
    slot->kind = event->kind & 15u;
    slot->flags = event->flags;
    slot->origin = event->origin;
    slot->tired = 0;
    if (thread != core->current) {
        core->quiet = 0;
    }
    return slot;
}

void rf_pend(rf_core *core, uint32_t thread, const rf_event *event)
{
    const rf_stage_state *stage = rf_running_stage(core);
    rf_slot *slot = announce(core, thread, event);
    if (slot == NULL) {
        return;
    }
    if (event->kind == RF_CRASH) {
        slot->state = RF_SLOT_ARMED;
        slot->trigger = 1;
        rf_set_add(core, &core->armed, thread);
        core->quiet = 0;
    } else {
        slot->state = RF_SLOT_PENDED;
        rf_set_add(core, &core->enabled, thread);
        if (core->fair && thread != core->current && slot->round != core->round) {
            rf_set_add(core, &core->fresh, thread);
        }
        if ((event->flags & RF_LOOP) != 0 && thread == core->current && spins(core, event->site)) {
            slot->owes = 2;
            slot->spun = 1;
        }
    }
    if (rf_policy_of(stage)->pended != NULL && !core->onward.on) {
        rf_policy_of(stage)->pended(core, rf_running_stage(core), thread);
    }
}

void rf_block(rf_core *core, uint32_t thread, uint32_t object, const rf_event *event)
{
    rf_slot *slot = announce(core, thread, event);
    if (slot == NULL) {
        return;
    }
    if (slot->state == RF_SLOT_PENDED) {
        rf_set_remove(core, &core->enabled, thread);
    }
    rf_set_remove(core, &core->fresh, thread);
    slot->object = object;
    slot->state = RF_SLOT_BLOCKED;
    rf_set_add(core, &core->blocked, thread);
    if (event->flags & RF_TIMED) {
        slot->deadline = event->deadline;
        rf_wait_add(core, thread);
    }
    core->quiet = 0;
    if (rf_policy_of(rf_running_stage(core))->pended != NULL && !core->onward.on) {
        rf_policy_of(rf_running_stage(core))->pended(core, rf_running_stage(core), thread);
    }
}

void rf_withdraw(rf_core *core, uint32_t thread)
{
    rf_slot *slot;
    if (thread >= core->used) {
        return;
    }
    slot = rf_slot_of(core, thread);
    rf_set_remove(core, &core->enabled, thread);
    rf_set_remove(core, &core->fresh, thread);
    rf_set_remove(core, &core->armed, thread);
    if (slot->state == RF_SLOT_BLOCKED) {
        rf_set_remove(core, &core->blocked, thread);
        if (rf_set_has(core, &core->timed, thread)) {
            rf_wait_remove(core, thread);
        }
    }
    slot->state = RF_SLOT_NONE; /* a rank is taken out when it is met */
    core->quiet = 0;
}

/* Of one object: that which the event says. */
static void touch_each(rf_core *core, rf_stage_state *stage, const rf_policy *policy, const rf_event *event, uint32_t words)
{
    rf_event each = *event;
    uint32_t left = event->size;
    for (uint32_t i = 0; i < words; i++) {
        if (words > 1) {
            uint32_t room = RF_WORD - each.offset;
            each.size = left < room ? left : room;
            left -= each.size;
        }
        policy->touched(core, stage, &each);
        each.object++;
        each.offset = 0;
    }
}

void rf_touch_words(rf_core *core, uint32_t thread, const rf_event *event, uint32_t words)
{
    rf_stage_state *stage = rf_running_stage(core);
    const rf_policy *policy = rf_policy_of(stage);
    (void)thread; /* it is the one that runs */
    if (policy->touched != NULL && !core->onward.on
        && (policy->touches == NULL || policy->touches(core, stage, event))) {
        touch_each(core, stage, policy, event, words);
    }
}

void rf_touch(rf_core *core, uint32_t thread, const rf_event *event) { rf_touch_words(core, thread, event, 1); }

void rf_shows(rf_core *core, uint32_t print) { core->shown = print; }

void rf_touches_more(rf_core *core) { core->touches++; }

void rf_knows(rf_core *core, uint64_t what) { core->known = what; }

void rf_named(rf_core *core, uint32_t objects) { core->named = objects; }

uint64_t *rf_notes(rf_core *core) { return core->notes; }

/* -- choices */

/* Fairness, see rf_grant: counts what is out of turn, and starts a new round when everybody has run. */
static void settle(rf_core *core, const rf_point *point, const rf_choice *choice)
{
    rf_slot *slot = rf_slot_of(core, choice->thread);
    uint32_t thread;
    if (rf_out_of_turn(core, point, choice)) {
        uint32_t i = 0;
        while (i < core->grants && (core->grant[i].thread != choice->thread || core->grant[i].site != slot->site)) {
            i++;
        }
        if (i < core->grants) {
            core->grant[i].times++;
        } else if (i < RF_GRANTS) {
            rf_grant grant = {slot->site, choice->thread, 1};
            core->grant[core->grants++] = grant;
        }
    }
    slot->round = core->round;
    rf_set_remove(core, &core->fresh, choice->thread);
    if (core->fresh.count > 0) {
        return;
    }
    core->round++;
    core->grants = 0;
    for (thread = rf_set_next(core, &core->enabled, 0); thread != RF_NONE;
         thread = rf_set_next(core, &core->enabled, thread + 1)) {
        if (thread != choice->thread) {
            rf_set_add(core, &core->fresh, thread);
        }
    }
}

static void apply(rf_core *core, const rf_point *point, rf_choice *choice)
{
    rf_slot *slot = rf_slot_of(core, choice->thread);
    uint32_t flags = rf_same(choice, &point->preferred) ? 0 : RF_REC_DEVIATION;
    choice->deviates = flags != 0;
    choice->preempts = (uint8_t)rf_preempts(core, point, choice);
    if (choice->preempts) {
        flags |= RF_REC_PREEMPTION;
        core->status.preemptions++;
        if (point->goes_on && !core->dead && !rf_slot_of(core, point->current)->trigger) {
            rf_set_add(core, &core->preempted, point->current);
        }
    }
    if (core->enabled.count > 1) {
        core->contended++;
    }
    if (core->fair) {
        settle(core, point, choice);
    }
    if (!core->onward.on) {
        rf_trace_add(core, point, choice, flags);
    }
    if (point->current != RF_NO_THREAD) {
        rf_slot_of(core, point->current)->owes = 0;
        rf_slot_of(core, point->current)->tired = point->yields;
    }
    if (slot->state == RF_SLOT_PENDED) {
        rf_set_remove(core, &core->enabled, choice->thread);
    } else if (slot->state == RF_SLOT_BLOCKED) {
        rf_set_remove(core, &core->blocked, choice->thread);
        if (rf_set_has(core, &core->timed, choice->thread)) {
            rf_wait_remove(core, choice->thread);
        }
    }
    slot->state = RF_SLOT_NONE;
    if (choice->action == RF_FIRE) {
        rf_slot_of(core, choice->trigger)->state = RF_SLOT_NONE;
        rf_set_remove(core, &core->armed, choice->trigger);
        rf_next_due(core);
    }
    slot->owes = choice->action == RF_EXPIRE;
    slot->tired = 0;
    if (choice->thread != core->current) {
        core->status.switches += core->current != RF_NO_THREAD;
        core->spin_same = 0;
        core->spin_any = 0;
        core->spin_limit = slot->spun ? RF_SPIN_AGAIN : RF_SPIN_SITE;
        core->current = choice->thread;
    }
    if (choice->action != RF_STEP || !point->goes_on || choice->thread != point->current) {
        core->quiet = 0;
    }
}

rf_choice rf_choose(rf_core *core)
{
    rf_point point;
    rf_choice choice;
    if (core->onward.on) {
        rf_look(core, &point);
        choice = point.preferred.action == RF_NOTHING ? point.preferred : rf_onward_choose(core, &point);
        if (choice.action != RF_NOTHING && choice.action != RF_STOP) {
            apply(core, &point, &choice);
        }
        return choice;
    }
    if (core->status.state >= RF_STEP_LIMIT) {
        return rf_pick(RF_STOP, 0, 0);
    }
    rf_look(core, &point);
    if (point.preferred.action == RF_NOTHING) {
        core->status.state = core->blocked.count > 0 ? RF_DEADLOCK : RF_ALL_ENDED;
        return point.preferred;
    }
    core->status.state = RF_RUNNING;
    if (core->status.steps >= core->limits.steps) {
        core->status.state = RF_STEP_LIMIT;
        return rf_pick(RF_STOP, 0, 0);
    }
    core->quiet = 0;
    if (point.goes_on && !point.local && !core->dead && core->enabled.count + core->armed.count > 1
        && !rf_slot_of(core, point.current)->trigger) {
        rf_set_add(core, &core->preemptible, point.current);
    }
    if (point.local && rf_policy_of(rf_running_stage(core))->draws && rf_due_trigger(core) == RF_NONE) {
        choice = point.preferred; /* chance has nothing to decide */
    } else {
        choice = rf_policy_of(rf_running_stage(core))->choose(core, rf_running_stage(core), &point);
        choice = rf_in_turn(core, &point, choice);
    }
    if (choice.action == RF_STOP) {
        return choice;
    }
    apply(core, &point, &choice);
    return choice;
}

/* The current thread goes on: it need not be put among the others for that. */
static rf_choice go_on(rf_core *core, uint32_t thread, const rf_event *event)
{
    rf_record *record = RF_AT(core, core->trace, rf_record) + core->status.steps;
    uint32_t kind = event->kind & 15u;
    record->site = event->site;
    record->from_site = event->site;
    record->from = (uint16_t)thread;
    record->thread = (uint16_t)thread;
    record->trigger = event->origin;
    record->action = RF_STEP;
    record->flags = (uint8_t)(kind << RF_REC_KIND_SHIFT | rf_is_shared(kind, event->flags) * RF_REC_SHARED);
    core->status.trace_hash = rf_hash_step(core->status.trace_hash, event->site, thread, RF_STEP);
    core->status.steps++;
    core->contended += core->enabled.count > 0;
    return rf_pick(RF_STEP, thread, 0);
}

/* May chance be asked at once? Not when something is due, or has to be looked at. */
static int may_draw(const rf_core *core, uint32_t thread, const rf_event *event)
{
    const rf_slot *slot = RF_AT(core, core->slots, const rf_slot) + thread;
    return thread == core->current && core->status.steps < core->due && core->status.steps < core->limits.steps
           && core->status.state < RF_STEP_LIMIT && !(event->flags & (RF_YIELD | RF_LOOP)) && event->kind != RF_CRASH
           && !slot->owes;
}

rf_choice rf_step(rf_core *core, uint32_t thread, const rf_event *event)
{
    const rf_policy *policy = rf_policy_of(rf_running_stage(core));
    uint32_t step = core->status.steps;
    if (thread == core->current && step < core->quiet && !(event->flags & (RF_YIELD | RF_LOOP))
        && event->kind != RF_CRASH) {
        return go_on(core, thread, event);
    }
    if (policy->draw != NULL && may_draw(core, thread, event)) {
        rf_choice choice = event->flags & RF_LOCAL ? rf_pick(RF_STEP, thread, 0) : policy->draw(core, thread);
        rf_point point;
        if (choice.action == RF_STEP && choice.thread == thread) {
            return go_on(core, thread, event);
        }
        rf_pend(core, thread, event);
        rf_look(core, &point);
        choice = rf_in_turn(core, &point, choice);
        apply(core, &point, &choice);
        return choice;
    }
    if (core->onward.left > 0 && thread == core->current && !(event->flags & RF_YIELD) && event->kind != RF_CRASH) {
        core->onward.left--;
        core->onward.does |= event->kind != RF_READ;
        return rf_pick(RF_STEP, thread, 0);
    }
    if (thread == core->current && step < core->quiet && (event->flags & (RF_YIELD | RF_LOOP)) == RF_LOOP
        && core->spin_same < core->spin_limit && core->spin_any < RF_SPIN_ANY) {
        /* A backward jump far from the limit is counted here and then is a step like any other. */
        rf_event plain = *event;
        (void)spins(core, event->site);
        plain.flags &= (uint8_t)~RF_LOOP;
        return rf_step(core, thread, &plain);
    }
    rf_pend(core, thread, event);
    return rf_choose(core);
}
