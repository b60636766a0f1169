#include "schedule/turn.h"

#include "code/codes.h"
#include "schedule/crash.h"
#include "schedule/dispatch.h"
#include "schedule/end.h"
#include "schedule/looks.h"
#include "state/objects.h"
#include "state/secrets.h"
#include "touch/touch.h"

/* Gives control to `next` and waits for the next turn. GIL held before and after. */
static void park(rfh_thread *t, rfh_thread *next)
{
    if (next == t) {
        t->state = RFH_RUNNING;
    } else {
        t->quiet++;
        PyThreadState *save = PyEval_SaveThread();
        t->quiet--;
        if (next)
            rfh_release_to(next);
        while (!rfh_gate_wait(&t->gate, 0)) {
        }
        PyEval_RestoreThread(save);
    }
    rfh_announce_death();
    rfh_announce_switch();
}

static int leave(rfh_thread *t)
{
    if (++t->leaves > RFH_LEAVES) {
        t->state = RFH_ABANDONED;
        rfh.abandoned = 1;
        park(t, rfh_next_drained()); /* never comes back */
    }
    PyErr_SetNone(rfh_unwind);
    return -1;
}

/* A thread that was given up came back: its execution is over. */
void rfh_park_for_ever(rfh_thread *t)
{
    t->quiet++;
    PyEval_SaveThread();
    for (;;)
        rfh_gate_wait(&t->gate, 0);
}

/* What neither loops nor blocks comes to its end by itself; an exception there could leave a lock held for good. */
static int drained_point(rfh_thread *t)
{
    rfh.progress++;
    if (++rfh.drained > rfh.drain_limit)
        rfh.phase = RFH_UNWIND;
    if (rfh.phase != RFH_UNWIND || t->no_raise || (!t->looping && rfh.drained < 10 * rfh.drain_limit))
        return 0;
    return leave(t);
}

int rfh_point(rfh_thread *t, const rf_event *event)
{
    t->site = event->site;
    t->jumps = 0;
    if (t->state == RFH_ABANDONED)
        rfh_park_for_ever(t);
    if (t->injected == 2 && !t->no_raise && !t->no_crash && rfh.phase <= RFH_EXPLORE)
        return rfh_inject(t);
    for (;;) {
        if (!rfh_explored(t))
            return rfh.phase == RFH_BODY ? 0 : drained_point(t);
        rfh.progress++;
        if (t->inside > 0)
            return 0; /* in a long loop, which has no points */
        if (event->kind != RF_READ) /* somebody does something */
            rfh.vain = rfh.long_passes = 0;
        rf_event marked;
        if (rfh.reduces) {
            marked = *event;
            marked.object = RF_OBJECT_TOLD;
            event = &marked;
            rf_named(rfh.core, rfh_objects_seen());
        }
        if (rfh.watches > 0 && rfh_secret_moved(t)) {
            marked = *event;
            marked.flags |= RF_SECRET;
            event = &marked;
        }
        rf_choice choice = rf_step(rfh.core, t->id, event);
        if (choice.action == RF_STEP && choice.thread == t->id) {
            if (rfh.reduces)
                rfh_step_begins(t);
            return 0;
        }
        t->state = RFH_READY;
        t->pending = *event;
        park(t, rfh_dispatch(choice));
        if (t->wake == RFH_LEAVE)
            return drained_point(t);
        rfh_step_begins(t);
        if (t->wake != RFH_STRUCK)
            return 0;
        int struck = rfh_struck(t);
        if (struck != 0)
            return struck;
    }
}

int rfh_wait(rfh_thread *t, void *object, uint64_t timeout_ns, int timed, uint8_t kind)
{
    rf_event event = {.site = t->site, .kind = kind, .object = rfh_ordinal(object)};
    uint64_t deadline = rfh.clock + timeout_ns;
    uint8_t ends = timed == RFH_FOR_EVER ? 0 : timed == RFH_LAST ? RF_TIMED | RF_IN_TURN : RF_TIMED;
    t->naps = t->polls = 0;
    t->limit = timeout_ns;
    if (t->state == RFH_ABANDONED)
        rfh_park_for_ever(t);
    for (;;) {
        t->waits_for = object;
        t->state = RFH_BLOCKED;
        t->timed = ends;
        t->deadline = deadline;
        rfh_thread *next;
        rfh.progress++;
        if (rfh.phase <= RFH_AFTER) {
            event.flags = ends;
            event.deadline = deadline;
            t->pending = event;
            if (object || !ends)
                rfh_touch_death(RF_READ);
            rf_block(rfh.core, t->id, event.object, &event);
            rfh_look_again();
            if (rfh.reduces)
                rf_named(rfh.core, rfh_objects_seen());
            next = rfh_dispatch(rf_choose(rfh.core));
        } else {
            next = rfh_next_drained();
        }
        park(t, next);
        rfh_step_begins(t);
        t->waits_for = NULL;
        switch (t->wake) {
        case RFH_LEAVE:
            return leave(t);
        case RFH_STRUCK:
            if (rfh_struck(t) != 0)
                return -1;
            if (t->ready)
                return RFH_GO;
            continue;
        case RFH_EXPIRED:
            if (object && rfh.phase <= RFH_AFTER)
                rfh.waited = (uint16_t)(t->id + 1);
            return RFH_EXPIRED;
        default:
            if (timed && object)
                t->expiry_depth = 0; /* what is raised from now on does not come of a wait before this one */
            return t->wake;
        }
    }
}

void rfh_enable(rfh_thread *t)
{
    rf_event event = {.site = rfh_site_of_start(t->name), .kind = RF_SPAWN};
    t->site = event.site;
    t->pending = event;
    t->fresh = 2;
    if (rfh.phase <= RFH_AFTER)
        rf_pend(rfh.core, t->id, &event);
}

void rfh_first_turn(rfh_thread *t)
{
    while (!rfh_gate_wait(&t->gate, 0)) {
    }
}

void rfh_ended(rfh_thread *t)
{
    rfh_me = NULL;
    t->state = RFH_ENDED;
    t->tstate = NULL;
    rfh.progress++;
    rfh_objects_of_ended(t);
    if (t->handle)
        rfh_signal(t->handle);
    rfh_thread *next;
    if (rfh.phase <= RFH_AFTER) {
        /* Whoever is started by the program is waited for; of the others nobody knows the end, unless the process ends with it. */
        int alone = rfh.reduces && !t->adopted && rfh.daemons == 0;
        rf_event event = {.kind = RF_END, .object = alone ? RF_OBJECT_TOLD : RF_OBJECT_UNKNOWN};
        rf_touch(rfh.core, t->id, &event);
        if (rfh_holds_any(t))
            rfh_touch_death(RF_READ);
        rfh_look_again();
        if (rfh.reduces)
            rf_named(rfh.core, rfh_objects_seen());
        next = rfh_dispatch(rfh_choose_after_end());
    } else {
        next = rfh_next_drained();
    }
    if (next)
        rfh_release_to(next);
}

void rfh_body_ended(int main_runs)
{
    rfh.main_runs = (uint8_t)main_runs;
    if (rfh.phase > RFH_EXPLORE)
        return; /* it ended before the body did, and it is known how */
    if (rfh.body_failed) {
        rfh.end_state = RF_ALL_ENDED;
        rfh_start_drain();
        return;
    }
    rfh.phase = RFH_EXPLORE;
    if (rfh.reduces && !rfh.surveys)
        rfh_touch_reach();
    for (uint16_t i = 1; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_NEW && !t->crash && !t->adopted)
            rfh_enable(t);
    }
    if (!rfh.crash_last)
        rfh_arm_triggers();
}
