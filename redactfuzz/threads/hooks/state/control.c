#define _GNU_SOURCE
#include "state/control.h"

#include <string.h>

#include "code/codes.h"
#include "schedule/crash.h"
#include "schedule/dispatch.h"
#include "schedule/holders.h"
#include "schedule/looks.h"
#include "state/secrets.h"

/* So much later than now a wait may end while others could go on, and no later. */
static const uint64_t MOST_EARLY_NS = (uint64_t)60 * 1000 * 1000 * 1000;

rfh_control rfh;
RFH_THREAD_LOCAL rfh_thread *rfh_me;
PyObject *rfh_unwind;
PyObject *rfh_injected;

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

void rfh_listener_failed(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback)
        PyException_SetTraceback(value, traceback);
    if (rfh.failure == NULL)
        rfh.failure = Py_XNewRef(value);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

int rfh_listener_raised(void)
{
    if (rfh.failure == NULL)
        return 0;
    PyErr_SetObject((PyObject *)Py_TYPE(rfh.failure), rfh.failure);
    Py_CLEAR(rfh.failure);
    return 1;
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
    PyObject *number = rfh.expected ? PyDict_GetItemWithError(rfh.expected, name) : NULL;
    if (number) /* a replay knows it by its name alone */
        rf_renumber(rfh.core, (uint32_t)PyLong_AsUnsignedLong(number), t->id);
    return t;
}

void rfh_forget_calls(void)
{
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_ABANDONED)
            continue;
        Py_CLEAR(t->callable);
        Py_CLEAR(t->args);
        Py_CLEAR(t->kwargs);
    }
}

void rfh_forget_threads(void)
{
    rfh_forget_calls();
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        rfh.threads[i] = NULL;
        if (t->state == RFH_ABANDONED)
            continue; /* its OS thread still stands on it */
        Py_XDECREF(t->name);
        PyMem_RawFree(t);
    }
    rfh.count = 0;
}

/* -- parking ------------------------------------------------------------------------------------------------ */

/* Gives control to `next` and waits for the next turn. GIL held before and after. */
static void park(rfh_thread *t, rfh_thread *next)
{
    if (next == t) {
        t->state = RFH_RUNNING;
        rfh_tell_death();
        return;
    }
    t->quiet++;
    PyThreadState *save = PyEval_SaveThread();
    t->quiet--;
    if (next)
        rfh_release_to(next);
    while (!rfh_gate_wait(&t->gate, 0)) {
    }
    PyEval_RestoreThread(save);
    rfh_tell_death();
}

void rfh_tell_death(void)
{
    if (rfh.phase <= RFH_EXPLORE || rfh.death_told)
        return;
    rfh.death_told = 1;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *told = rfh_tell("died", "()");
    if (told == NULL)
        rfh_listener_failed();
    Py_XDECREF(told);
    PyErr_Restore(type, value, traceback);
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

static inline int explored(const rfh_thread *t)
{
    return rfh.phase == RFH_EXPLORE || (rfh.phase == RFH_BODY && t->id != 0);
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
        if (!explored(t))
            return rfh.phase == RFH_BODY ? 0 : drained_point(t);
        rfh.progress++;
        if (t->inside > 0)
            return 0; /* in a long loop, which has no points */
        if (event->kind != RF_READ) /* somebody does something */
            rfh.vain = rfh.long_passes = 0;
        rf_event marked;
        if (rfh.watches > 0 && rfh_secret_moved(t)) {
            marked = *event;
            marked.flags |= RF_SECRET;
            event = &marked;
        }
        rf_choice choice = rf_step(rfh.core, t->id, event);
        if (choice.action == RF_STEP && choice.thread == t->id)
            return 0;
        t->state = RFH_READY;
        t->pending = *event;
        park(t, rfh_dispatch(choice));
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
    uint8_t ends = timed == RFH_FOR_EVER ? 0 : timed == RFH_LAST || timeout_ns > MOST_EARLY_NS ? RF_TIMED | RF_IN_TURN : RF_TIMED;
    t->naps = t->polls = 0;
    if (t->state == RFH_ABANDONED)
        rfh_park_for_ever(t);
    for (;;) {
        t->waits_for = object;
        t->state = RFH_BLOCKED;
        t->timed = ends;
        t->deadline = deadline;
        rfh_thread *next;
        rfh.progress++;
        if (rfh.phase <= RFH_EXPLORE) {
            event.flags = ends;
            event.deadline = deadline;
            t->pending = event;
            rf_block(rfh.core, t->id, event.object, &event);
            rfh_look_again();
            next = rfh_dispatch(rf_choose(rfh.core));
        } else {
            next = rfh_next_drained();
        }
        park(t, next);
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
            if (object && rfh.phase <= RFH_EXPLORE)
                rfh.waited = (uint16_t)(t->id + 1);
            return RFH_EXPIRED;
        default:
            return t->wake;
        }
    }
}

void rfh_go_on(rfh_thread *t)
{
    t->state = RFH_READY;
    if (rfh.phase <= RFH_EXPLORE) {
        rf_event event = {.site = t->site, .kind = RF_ACQUIRE, .object = rfh_ordinal(t->waits_for)};
        t->pending = event;
        rf_pend(rfh.core, t->id, &event);
    }
}

void rfh_signal(void *object)
{
    for (uint16_t i = 0; i < rfh.count; i++)
        if (rfh.threads[i]->state == RFH_BLOCKED && rfh.threads[i]->waits_for == object)
            rfh_go_on(rfh.threads[i]);
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
            event.flags = t->timed;
            event.deadline = t->deadline;
            t->pending = event;
            rf_block(rfh.core, t->id, event.object, &event);
        }
    }
}

void rfh_enable(rfh_thread *t)
{
    rf_event event = {.site = rfh_site_of_start(t->name), .kind = RF_SPAWN};
    t->site = event.site;
    t->pending = event;
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
        rfh_look_again();
        next = rfh_dispatch(rfh_choose_after_end());
    } else {
        next = rfh_next_drained();
    }
    if (next)
        rfh_release_to(next);
}

void rfh_body_ended(void)
{
    if (rfh.phase > RFH_EXPLORE)
        return; /* it ended before the body did, and it is known how */
    if (rfh.body_failed) {
        rfh.end_state = RF_ALL_ENDED;
        rfh_start_drain();
        return;
    }
    rfh.phase = RFH_EXPLORE;
    for (uint16_t i = 1; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_NEW && !t->crash && !t->adopted)
            rfh_enable(t);
    }
    if (!rfh.crash_last)
        rfh_arm_triggers();
}

void rfh_crash_path_ended(void)
{
    if (--rfh.open_crashes == 0) {
        rfh.dead = 1;
        rfh.deadlocked |= rfh.all_stuck && rfh_all_are_stuck(rfh_me);
        if (rfh.phase <= RFH_EXPLORE) {
            rfh.end_state = RF_ALL_ENDED;
            rfh_start_drain();
            rfh_tell_death();
        }
    }
}

void rfh_die(void)
{
    rfh.dead = 1;
    rfh.end_state = RF_ALL_ENDED;
    rfh_start_drain();
    rfh_tell_death();
}
