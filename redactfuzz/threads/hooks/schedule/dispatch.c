/* Who runs next: what a choice of the exploration core means for the threads, and their order after death. */
#include "schedule/dispatch.h"

#include "process/pool.h"
#include "schedule/holders.h"
#include "schedule/looks.h"
#include "schedule/outside.h"
#include "schedule/raises.h"

static rfh_thread *prepare(rfh_thread *t, rfh_wake why)
{
    t->wake = (uint8_t)why;
    t->timed = 0;
    rfh.current = t->id;
    return t;
}

void rfh_release_to(rfh_thread *t)
{
    uint8_t was = t->state;
    t->state = RFH_RUNNING;
    if (was == RFH_NEW && !t->adopted)
        rfh_pool_run(t);
    else
        rfh_gate_post(&t->gate);
}

/* Nobody of ours can go on but who runs the crash, and somebody waits for more than time. */
static void note_waits(void)
{
    uint16_t waits = 0;
    for (uint16_t i = 0; i < rfh.count; i++) {
        const rfh_thread *t = rfh.threads[i];
        if (t->crash || t->handler || t->state == RFH_ENDED)
            continue;
        if (t->state != RFH_BLOCKED)
            return;
        waits = t->waits_for ? (uint16_t)(i + 1) : waits;
    }
    rfh.waited = rfh.waited ? rfh.waited : waits;
}

int rfh_goes_on_after(void)
{
    if (!rf_get_status(rfh.core)->reduces || rfh.phase != RFH_EXPLORE || rfh.daemons > 0 || rfh.two_crashes || rfh.abandoned)
        return 0;
    note_waits();
    rf_died(rfh.core);
    rfh.phase = RFH_AFTER;
    for (uint16_t i = 0; i < rfh.count; i++) {
        const rfh_thread *t = rfh.threads[i];
        if (!t->crash && t->state != RFH_ENDED)
            rfh.outlived++;
    }
    return 1;
}

void rfh_start_drain(void)
{
    if (rfh.phase <= RFH_EXPLORE)
        note_waits();
    rfh.phase = RFH_DRAIN;
    rfh.drained = 0;
    for (uint16_t i = 0; i < rfh.count; i++)
        if (rfh.threads[i]->state == RFH_NEW && !rfh.threads[i]->adopted)
            rfh.threads[i]->state = RFH_ENDED; /* the process died before it started */
}

rfh_thread *rfh_next_drained(void)
{
    for (uint16_t i = 1; i <= rfh.count; i++) {
        rfh_thread *t = rfh.threads[(rfh.current + i) % rfh.count];
        if (t->state == RFH_READY || (t->state == RFH_NEW && t->adopted))
            return prepare(t, rfh.phase == RFH_UNWIND ? RFH_LEAVE : RFH_GO);
    }
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_BLOCKED && t->timed && !t->daemon && rfh.phase == RFH_DRAIN)
            return prepare(t, RFH_EXPIRED);
    }
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state != RFH_BLOCKED)
            continue;
        rfh.phase = RFH_UNWIND;
        if (++t->leaves > RFH_LEAVES) {
            t->state = RFH_ABANDONED;
            rfh.abandoned = 1;
            continue;
        }
        return prepare(t, RFH_LEAVE);
    }
    rfh_gate_post(&rfh.done);
    return NULL;
}

/* From now on this trigger may fire. A main thread that has nothing to do waits for the others: a signal interrupts nothing of the
 * scenario, and its handler runs as a watchdog's does. */
static void arm(rfh_thread *t)
{
    rf_event event = {.kind = RF_CRASH, .site = t->site};
    int interrupts = t->crash == RFH_SIGNAL && rfh.main_runs;
    int strikes = t->crash == RFH_EXCEPTION || interrupts;
    if (strikes)
        event.flags = RF_STRIKE;
    if (interrupts)
        event.object = 1; /* thread 0, the main thread */
    if (rfh.reduces && !strikes && !rfh.two_crashes)
        event.object = RF_OBJECT_TOLD;
    rf_pend(rfh.core, t->id, &event);
}

int rfh_arm_triggers(void)
{
    int armed = 0;
    if (rfh.open_crashes && !rfh.two_crashes)
        return 0; /* the process dies of the first */
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->crash && !t->fired && t->state == RFH_NEW) {
            arm(t);
            armed = 1;
        }
    }
    return armed;
}

void rfh_disarm_triggers(void)
{
    for (uint16_t i = 0; i < rfh.count && !rfh.two_crashes; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->crash && !t->fired && t->state == RFH_NEW)
            rf_withdraw(rfh.core, t->id);
    }
}

static rfh_thread *fire(rf_choice choice)
{
    rfh_thread *trigger = rfh.threads[choice.trigger], *victim = rfh.threads[choice.thread];
    if (rfh.strike_thread == RF_NO_THREAD) {
        rfh.strike_thread = choice.thread;
        rfh.strike_step = rf_get_status(rfh.core)->steps - 1; /* the choice is recorded already */
    }
    if (rfh.phase == RFH_EXPLORE && !rfh.over && rfh_holders_are_stuck()) {
        rfh.deadlocked = 1;
        rfh_note_deadlock();
    } else if (rfh.phase == RFH_EXPLORE && !rfh.over && rfh_all_are_stuck(NULL)) {
        rfh.all_stuck = 1;
        rfh_note_deadlock();
    }
    trigger->fired = 1;
    rfh.open_crashes++;
    rfh_disarm_triggers();
    int own = trigger->crash == RFH_WATCHDOG || trigger->crash == RFH_KILL || victim == trigger
        || victim->state == RFH_ENDED || (victim->state == RFH_NEW && victim->adopted);
    if (own)
        return prepare(trigger, RFH_GO);
    victim->ready = victim->state != RFH_BLOCKED;
    if (!victim->ready)
        victim->no_crash = 0; /* for one that waits there may be no later */
    victim->struck = trigger->id;
    return prepare(victim, RFH_STRUCK);
}

static int only_daemons_left(void)
{
    for (uint16_t i = 0; i < rfh.count; i++) {
        const rfh_thread *t = rfh.threads[i];
        if (!t->crash && !t->daemon && t->state != RFH_ENDED && t->state != RFH_ABANDONED)
            return 0;
    }
    return 1;
}

/* Holding: none of them can be chosen. Else they can again, but for `victim`, which was. */
static void hold_daemons(int hold, uint16_t victim)
{
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        int ready = t->state == RFH_READY || t->state == RFH_NEW;
        if (!t->daemon || t->id == victim || (!ready && !(t->state == RFH_BLOCKED && t->timed)))
            continue;
        rf_event event = t->pending;
        if (ready && !hold) {
            rf_pend(rfh.core, t->id, &event);
            continue;
        }
        event.flags = hold ? 0 : t->timed;
        rf_block(rfh.core, t->id, event.object, &event);
    }
}

rf_choice rfh_choose_after_end(void)
{
    if (rfh.daemons == 0 || rfh.phase != RFH_EXPLORE || !only_daemons_left())
        return rf_choose(rfh.core);
    rfh.over = 1;
    if (rfh.open_crashes)
        return rf_choose(rfh.core); /* the handler runs: death comes with its end */
    hold_daemons(1, RF_NO_THREAD);
    if (rfh.crash_last)
        rfh_arm_triggers();
    rf_choice choice = rf_choose(rfh.core);
    if (choice.action == RF_FIRE)
        hold_daemons(0, choice.thread); /* they were held for this choice alone: the handler may need them */
    return choice;
}

/* The step limit is met: whoever ran last spins, if it stands in a long loop that takes nothing from an iterator. */
static void note_step_limit(void)
{
    if (rfh.end_state == RF_STEP_LIMIT && rfh_me && rfh_me->inside > 0 && !rfh_me->goes_on)
        rfh.spinning = rfh_me->id;
}

rfh_thread *rfh_dispatch(rf_choice choice)
{
    for (;;) {
        switch (choice.action) {
        case RF_STEP:
            return prepare(rfh.threads[choice.thread], RFH_GO);
        case RF_EXPIRE: {
            rfh_thread *t = rfh.threads[choice.thread];
            rfh_expired(t, choice.deviates);
            if (t->deadline > rfh.clock)
                rfh.clock = t->deadline;
            return prepare(t, RFH_EXPIRED);
        }
        case RF_FIRE:
            return fire(choice);
        case RF_NOTHING:
            if (rfh.phase == RFH_AFTER) {
                rfh_start_drain();
                return rfh_next_drained();
            }
            if (rfh.over && rfh.open_crashes == 0) {
                rfh.end_state = RF_ALL_ENDED;
                rfh_start_drain();
                return rfh_next_drained();
            }
            if (rfh.crash_last && rfh.phase == RFH_EXPLORE && rfh_arm_triggers()) {
                choice = rf_choose(rfh.core);
                continue;
            }
            if (rfh.phase <= RFH_EXPLORE && rfh_looks_help()) {
                choice = rf_choose(rfh.core);
                continue;
            }
            if (rfh.phase == RFH_EXPLORE && rfh_outside_helps()) {
                choice = rf_choose(rfh.core);
                continue;
            }
            rfh.end_state = rf_get_status(rfh.core)->state;
            if (rfh.end_state == RF_DEADLOCK && rfh_looks_outside() && !rfh_holders_are_stuck())
                rfh.looked_in_vain = (uint16_t)rfh_looks_outside();
            if (rfh.end_state == RF_DEADLOCK)
                rfh_note_deadlock();
            rfh_start_drain();
            return rfh_next_drained();
        default: /* RF_STOP: step limit, or diverged */
            if (rfh.phase != RFH_AFTER || rf_get_status(rfh.core)->state == RF_DIVERGED)
                rfh.end_state = rf_get_status(rfh.core)->state;
            note_step_limit();
            rfh_start_drain();
            rfh.phase = RFH_UNWIND;
            return rfh_next_drained();
        }
    }
}
