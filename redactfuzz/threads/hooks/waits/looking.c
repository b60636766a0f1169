#include "waits/looking.h"

#include <errno.h>

#include "schedule/turn.h"

int rfh_may_hand_over(void)
{
    const rfh_thread *t = rfh_me;
    return t && t->quiet == 0 && t->state == RFH_RUNNING && rfh.phase != RFH_IDLE
        && _PyThreadState_UncheckedGet() != t->tstate;
}

typedef int (*waiting)(rfh_thread *t, void *object, uint64_t timeout_ns, int timed, uint8_t kind);

static int until(const rfh_look *look, uint64_t timeout_ns, int timed, waiting wait)
{
    rfh_thread *t = rfh_me;
    uint64_t deadline = rfh.clock + timeout_ns;
    t->fresh = 0;
    for (;;) {
        if (look && look->ready(look->what))
            return 1;
        uint64_t left = deadline > rfh.clock ? deadline - rfh.clock : 0;
        if (timed && left == 0)
            return look ? rfh_came_late(look) : 0;
        t->look = look;
        rfh.looking = (uint16_t)(rfh.looking + (look != NULL));
        /* Those outside live in real time: they are waited for as long as anybody else can go on. */
        int last = timed && look && look->reach(look->what) != RFH_BY_US;
        int woken = wait(t, look ? &rfh_anything : NULL, left, last ? RFH_LAST : timed, RF_WAIT);
        rfh.looking = (uint16_t)(rfh.looking - (look != NULL));
        t->look = NULL;
        if (woken < 0)
            return -1;
        if (woken == RFH_EXPIRED)
            return look ? rfh_came_late(look) : 0;
    }
}

int rfh_look_until(const rfh_look *look, uint64_t timeout_ns, int timed)
{
    return until(look, timeout_ns, timed, rfh_wait);
}

/* What a step of a thread needs in C code that has given up the interpreter lock. Nothing can be raised there: the call fails, and
 * what was to be raised is at the thread's next point. */
typedef struct inside {
    PyObject *type, *value, *traceback;
    uint8_t outside;
} inside;

static void come_in(rfh_thread *t, inside *kept)
{
    kept->outside = t->outside;
    t->outside = 0;
    t->quiet++; /* the interpreter lock is given up by our doing */
    PyEval_RestoreThread(t->tstate);
    t->quiet--;
    PyErr_Fetch(&kept->type, &kept->value, &kept->traceback);
}

static void go_out(rfh_thread *t, inside *kept, int failed)
{
    if (failed && t->injected == 1)
        t->injected = 2;
    PyErr_Restore(kept->type, kept->value, kept->traceback);
    t->quiet++;
    PyEval_SaveThread();
    t->quiet--;
    t->outside = kept->outside;
}

static int wait_outside(rfh_thread *t, void *object, uint64_t timeout_ns, int timed, uint8_t kind)
{
    inside kept;
    come_in(t, &kept);
    int woken = rfh_wait(t, object, timeout_ns, timed, kind);
    go_out(t, &kept, woken < 0);
    return woken;
}

void rfh_looked(void)
{
    rfh_thread *t = rfh_me;
    if (!rfh_may_hand_over() || rfh.phase > RFH_AFTER || ++t->naps <= RFH_MANY_NAPS)
        return;
    inside kept;
    int error = errno;
    rf_event event = {.site = t->site, .kind = RF_WAIT, .flags = RF_YIELD | RF_LOOP};
    come_in(t, &kept);
    go_out(t, &kept, rfh_point(t, &event) != 0);
    errno = error;
}

int rfh_look_outside(const rfh_look *look, uint64_t timeout_ns, int timed)
{
    int error = errno;
    int found = until(look, timeout_ns, timed, wait_outside);
    errno = found < 0 ? ECANCELED : error;
    return found;
}
