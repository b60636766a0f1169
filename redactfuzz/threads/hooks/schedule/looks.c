#include "schedule/looks.h"

#include <errno.h>
#include <time.h>

#include "schedule/outside.h"

/* So long a wait may be that ends before others have had their turn. One for a peer is given more than one for a lock: who sends
 * and receives reckons with slow machines. */
static const uint64_t MOST_EARLY_NS = (uint64_t)1000 * 1000 * 1000;

static char moved; /* what they all wait for */

int rfh_may_hand_over(void)
{
    const rfh_thread *t = rfh_me;
    return t && t->quiet == 0 && t->state == RFH_RUNNING && rfh.phase != RFH_IDLE
        && _PyThreadState_UncheckedGet() != t->tstate;
}

static int sees(const rfh_thread *t) { return t->look == NULL || t->look->ready(t->look->what); }

void rfh_moved(void)
{
    if (rfh_me == NULL)
        rfh_outside_released(&moved);
    else
        rfh_look_again();
}

void rfh_look_again(void)
{
    for (uint16_t i = 0; rfh.looking > 0 && i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_BLOCKED && t->waits_for == &moved && sees(t))
            rfh_go_on(t);
    }
}

/* -- somebody else, in real time -------------------------------------------------------------------------------------- */

static int looks_outside(const rfh_thread *t)
{
    return t->state == RFH_BLOCKED && t->look && t->look->reach(t->look->what) != RFH_BY_US;
}

/* Those outside are given so many naps in the life of a process, and afterwards one at a time. */
enum { NAPS = 30 };
static int naps;

static int nap(void)
{
    static const struct timespec time = {0, 10 * 1000 * 1000};
    rfh.progress++;
    nanosleep(&time, NULL); /* we may have the interpreter lock: they are no threads of ours */
    return naps++ < NAPS;
}

int rfh_looks_outside(void)
{
    for (uint16_t i = 0; rfh.looking > 0 && i < rfh.count; i++)
        if (looks_outside(rfh.threads[i]))
            return i + 1;
    return 0;
}

int rfh_looks_help(void)
{
    int helped = 0;
    for (int more = 1; more && !helped && rfh_looks_outside();) {
        more = nap();
        for (uint16_t i = 0; i < rfh.count; i++) {
            rfh_thread *t = rfh.threads[i];
            if (looks_outside(t) && sees(t)) {
                rfh_go_on(t);
                helped = 1;
            }
        }
    }
    return helped;
}

/* Its time is over, and who was to bring it lives in real time: that one gets some of it. */
static int came_late(const rfh_look *look)
{
    if (look->ready(look->what))
        return 1;
    if (rfh.phase > RFH_EXPLORE || look->reach(look->what) != RFH_BY_OTHERS)
        return 0; /* who is in this process has had its turn */
    for (int more = 1; more;) {
        more = nap();
        if (look->ready(look->what))
            return 1;
    }
    rfh.looked_in_vain = (uint16_t)(rfh_me->id + 1);
    return 0;
}

/* -- waiting ---------------------------------------------------------------------------------------------------------- */

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
            return look ? came_late(look) : 0;
        t->look = look;
        rfh.looking += look != NULL;
        /* Those outside live in real time: they are waited for as long as anybody else can go on. */
        int last = timed && look && (timeout_ns > MOST_EARLY_NS || look->reach(look->what) != RFH_BY_US);
        int woken = wait(t, look ? &moved : NULL, left, last ? RFH_LAST : timed, RF_WAIT);
        rfh.looking -= look != NULL;
        t->look = NULL;
        if (woken < 0)
            return -1;
        if (woken == RFH_EXPIRED)
            return look ? came_late(look) : 0;
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
    if (!rfh_may_hand_over() || rfh.phase > RFH_EXPLORE || ++t->naps <= RFH_MANY_NAPS)
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
