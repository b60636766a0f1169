#define _GNU_SOURCE
#include "control.h"

#include <string.h>

#include "codes.h"
#include "crash.h"
#include "holders.h"
#include "outside.h"
#include "pool.h"

rfh_control rfh;
__thread rfh_thread *rfh_me;
PyObject *rfh_unwind;
PyObject *rfh_injected;

/* How often a thread is told to leave before it counts as one that cannot be unwound. */
enum { LEAVES_BEFORE_ABANDONED = 50 };
static rfh_thread *dispatch(rf_choice choice);

PyObject *rfh_tell(const char *method, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    PyObject *args = Py_VaBuildValue(format, values);
    va_end(values);
    if (args == NULL)
        return NULL;
    if (rfh_me)
        rfh_me->quiet++;
    PyObject *function = PyObject_GetAttrString(rfh.listener, method);
    PyObject *result = function ? PyObject_Call(function, args, NULL) : NULL;
    Py_XDECREF(function);
    Py_DECREF(args);
    if (rfh_me)
        rfh_me->quiet--;
    return result;
}

rfh_thread *rfh_add(PyObject *name, PyObject *callable, PyObject *args, PyObject *kwargs)
{
    if (rfh.count >= RFH_MAX_THREADS) {
        PyErr_Format(PyExc_RuntimeError, "more than %d threads in one execution", RFH_MAX_THREADS);
        return NULL;
    }
    rfh_thread *t = PyMem_RawCalloc(1, sizeof *t);
    if (t == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    t->id = rfh.count;
    t->name = Py_NewRef(name);
    t->callable = Py_XNewRef(callable);
    t->args = Py_XNewRef(args);
    t->kwargs = Py_XNewRef(kwargs);
    rfh.threads[rfh.count++] = t;
    return t;
}

/* -- who runs next ------------------------------------------------------------------------------------------ */

static rfh_thread *prepare(rfh_thread *t, rfh_wake why)
{
    t->wake = (uint8_t)why;
    t->timed = 0;
    rfh.current = t->id;
    return t;
}

/* Lets `t` run; the caller gives up control at once. No GIL needed. */
static void release_to(rfh_thread *t)
{
    uint8_t was = t->state;
    t->state = RFH_RUNNING;
    if (was == RFH_NEW && !t->adopted)
        rfh_pool_run(t);
    else
        rfh_gate_post(&t->gate);
}

static void start_drain(void)
{
    rfh.phase = RFH_DRAIN;
    rfh.drained = 0;
    for (uint16_t i = 0; i < rfh.count; i++)
        if (rfh.threads[i]->state == RFH_NEW && !rfh.threads[i]->adopted)
            rfh.threads[i]->state = RFH_ENDED; /* the process died before it started */
}

/* After death: whoever is ready goes on in cyclic order; waits expire; what is left is told to leave. */
static rfh_thread *next_drained(void)
{
    for (uint16_t i = 1; i <= rfh.count; i++) {
        rfh_thread *t = rfh.threads[(rfh.current + i) % rfh.count];
        if (t->state == RFH_READY || (t->state == RFH_NEW && t->adopted))
            return prepare(t, rfh.phase == RFH_UNWIND ? RFH_LEAVE : RFH_GO);
    }
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_BLOCKED && t->timed && rfh.phase == RFH_DRAIN)
            return prepare(t, RFH_EXPIRED);
    }
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state != RFH_BLOCKED)
            continue;
        rfh.phase = RFH_UNWIND;
        if (++t->leaves > LEAVES_BEFORE_ABANDONED) {
            t->state = RFH_ABANDONED;
            rfh.abandoned = 1;
            continue;
        }
        return prepare(t, RFH_LEAVE);
    }
    rfh_gate_post(&rfh.done);
    return NULL;
}

static int arm_triggers(void)
{
    int armed = 0;
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->crash && !t->fired && t->state == RFH_NEW) {
            rfh_arm(t);
            armed = 1;
        }
    }
    return armed;
}

static rfh_thread *fire(rf_choice choice)
{
    rfh_thread *trigger = rfh.threads[choice.trigger], *victim = rfh.threads[choice.thread];
    if (rfh.strike_thread == RF_NO_THREAD) {
        rfh.strike_thread = choice.thread;
        rfh.strike_step = rf_get_status(rfh.core)->steps - 1; /* the choice is recorded already */
    }
    if (rfh.phase == RFH_EXPLORE && rfh_holders_are_stuck()) {
        rfh.deadlocked = 1;
        rfh_note_deadlock();
    }
    trigger->fired = 1;
    rfh.open_crashes++;
    int own = trigger->crash == RFH_WATCHDOG || trigger->crash == RFH_KILL || victim == trigger
        || victim->state == RFH_ENDED || (victim->state == RFH_NEW && victim->adopted);
    if (own)
        return prepare(trigger, RFH_GO);
    victim->struck = trigger->id;
    return prepare(victim, RFH_STRUCK);
}

static rfh_thread *dispatch(rf_choice choice)
{
    for (;;) {
        switch (choice.action) {
        case RF_STEP:
            return prepare(rfh.threads[choice.thread], RFH_GO);
        case RF_EXPIRE: {
            rfh_thread *t = rfh.threads[choice.thread];
            if (t->deadline > rfh.clock)
                rfh.clock = t->deadline;
            return prepare(t, RFH_EXPIRED);
        }
        case RF_FIRE:
            return fire(choice);
        case RF_NOTHING:
            if (rfh.crash_last && rfh.phase == RFH_EXPLORE && arm_triggers()) {
                choice = rf_choose(rfh.core);
                continue;
            }
            if (rfh.phase == RFH_EXPLORE && rfh_outside_helps()) {
                choice = rf_choose(rfh.core);
                continue;
            }
            rfh.end_state = rf_get_status(rfh.core)->state;
            if (rfh.end_state == RF_DEADLOCK)
                rfh_note_deadlock();
            start_drain();
            return next_drained();
        default: /* RF_STOP: step limit, or diverged */
            rfh.end_state = rf_get_status(rfh.core)->state;
            start_drain();
            rfh.phase = RFH_UNWIND;
            return next_drained();
        }
    }
}

/* -- parking ------------------------------------------------------------------------------------------------ */

/* Gives control to `next` and waits for the next turn. GIL held before and after. */
static void park(rfh_thread *t, rfh_thread *next)
{
    if (next == t) {
        t->state = RFH_RUNNING;
        return;
    }
    PyThreadState *save = PyEval_SaveThread();
    if (next)
        release_to(next);
    while (!rfh_gate_wait(&t->gate, 0)) {
    }
    PyEval_RestoreThread(save);
}

static int leave(rfh_thread *t)
{
    if (++t->leaves > LEAVES_BEFORE_ABANDONED) {
        t->state = RFH_ABANDONED;
        rfh.abandoned = 1;
        park(t, next_drained()); /* never comes back */
    }
    PyErr_SetNone(rfh_unwind);
    return -1;
}

/* A thread that was given up came back: its execution is over. */
static void park_for_ever(rfh_thread *t)
{
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

static inline int explored(const rfh_thread *t)
{
    return rfh.phase == RFH_EXPLORE || (rfh.phase == RFH_BODY && t->id != 0);
}

int rfh_point(rfh_thread *t, const rf_event *event)
{
    t->site = event->site;
    t->jumps = 0;
    if (t->state == RFH_ABANDONED)
        park_for_ever(t);
    if (t->injected == 2 && !t->no_raise && rfh.phase <= RFH_EXPLORE)
        return rfh_inject(t);
    for (;;) {
        if (!explored(t))
            return rfh.phase == RFH_BODY ? 0 : drained_point(t);
        rfh.progress++;
        rf_choice choice = rf_step(rfh.core, t->id, event);
        if (choice.action == RF_STEP && choice.thread == t->id)
            return 0;
        t->state = RFH_READY;
        park(t, dispatch(choice));
        if (t->wake == RFH_LEAVE)
            return drained_point(t);
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
    if (t->state == RFH_ABANDONED)
        park_for_ever(t);
    for (;;) {
        t->waits_for = object;
        t->state = RFH_BLOCKED;
        t->timed = (uint8_t)timed;
        t->deadline = deadline;
        rfh_thread *next;
        rfh.progress++;
        if (rfh.phase <= RFH_EXPLORE) {
            event.flags = timed ? RF_TIMED : 0;
            event.deadline = deadline;
            rf_block(rfh.core, t->id, event.object, &event);
            next = dispatch(rf_choose(rfh.core));
        } else {
            next = next_drained();
        }
        park(t, next);
        t->waits_for = NULL;
        switch (t->wake) {
        case RFH_LEAVE:
            return leave(t);
        case RFH_STRUCK:
            if (rfh_struck(t) != 0)
                return -1;
            continue;
        default:
            return t->wake;
        }
    }
}

int rfh_jumped(rfh_thread *t, uint64_t site)
{
    rf_event event = {.site = site, .kind = RF_READ, .flags = RF_YIELD};
    if (explored(t) && ++rfh.long_loops > RFH_LONG_LOOPS) {
        rfh.end_state = RF_STEP_LIMIT;
        rfh.spinning = t->id;
        start_drain();
        rfh.phase = RFH_UNWIND;
    }
    return rfh_point(t, &event);
}

void rfh_signal(void *object)
{
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state != RFH_BLOCKED || t->waits_for != object)
            continue;
        t->state = RFH_READY;
        if (rfh.phase <= RFH_EXPLORE) {
            rf_event event = {.site = t->site, .kind = RF_ACQUIRE, .object = rfh_ordinal(object)};
            rf_pend(rfh.core, t->id, &event);
        }
    }
}

void rfh_taken(rfh_thread *taker, void *object)
{
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t == taker || t->state != RFH_READY || t->waits_for != object)
            continue;
        t->state = RFH_BLOCKED;
        if (rfh.phase <= RFH_EXPLORE) {
            rf_event event = {.site = t->site, .kind = RF_ACQUIRE, .object = rfh_ordinal(object)};
            event.flags = t->timed ? RF_TIMED : 0;
            event.deadline = t->deadline;
            rf_block(rfh.core, t->id, event.object, &event);
        }
    }
}

void rfh_enable(rfh_thread *t)
{
    rf_event event = {.site = rfh_site_of_start(t->name), .kind = RF_SPAWN};
    t->site = event.site;
    t->fresh = 2;
    if (rfh.phase <= RFH_EXPLORE)
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
    rfh_holders_of_ended(t);
    if (t->handle)
        rfh_signal(t->handle);
    rfh_thread *next;
    if (rfh.phase <= RFH_EXPLORE) {
        rf_event event = {.kind = RF_END};
        rf_touch(rfh.core, t->id, &event);
        next = dispatch(rf_choose(rfh.core));
    } else {
        next = next_drained();
    }
    if (next)
        release_to(next);
}

void rfh_body_ended(void)
{
    if (rfh.body_failed || rfh.phase > RFH_EXPLORE) {
        rfh.end_state = RF_ALL_ENDED;
        if (rfh.phase <= RFH_EXPLORE)
            start_drain();
        return;
    }
    rfh.phase = RFH_EXPLORE;
    for (uint16_t i = 1; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_NEW && !t->crash && !t->adopted)
            rfh_enable(t);
    }
    if (!rfh.crash_last)
        arm_triggers();
}

void rfh_crash_path_ended(void)
{
    if (--rfh.open_crashes == 0) {
        rfh.dead = 1;
        if (rfh.phase <= RFH_EXPLORE) {
            rfh.end_state = RF_ALL_ENDED;
            start_drain();
        }
    }
}
