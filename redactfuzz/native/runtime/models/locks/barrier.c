/* Barriers. The last thread to arrive is the one that gets PTHREAD_BARRIER_SERIAL_THREAD; POSIX allows any. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "memory/memory.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/outcome.h"

enum { READY = 0x62617272, DESTROYED = 0x64656164 };

typedef struct state {
    rfn_queue waiting;
    uint32_t count;   /* of threads that it takes */
    uint32_t arrived;
    uint32_t mark;
} state;

_Static_assert(sizeof(state) <= sizeof(pthread_barrier_t), "fits");

static state *must_be_one(pthread_barrier_t *barrier, uintptr_t site, const char *what)
{
    state *at = (state *)(void *)barrier;
    if (at->mark == DESTROYED) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of a barrier that was destroyed", what);
    }
    if (at->mark != READY || !rfn_queue_is_sound(&at->waiting, barrier)) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of a barrier that was never initialised", what);
    }
    return at;
}

int model_pthread_barrier_init(pthread_barrier_t *barrier, const pthread_barrierattr_t *attributes, unsigned count)
{
    state *at = (state *)(void *)barrier;
    (void)attributes;
    if (count == 0 || count > INT_MAX) {
        return EINVAL;
    }
    rfn_at_range(RF_WRITE, at, sizeof *at, SITE());
    rfn_wrote(at, sizeof *at);
    at->waiting.first = NULL;
    at->waiting.last = NULL;
    at->count = count;
    at->arrived = 0;
    at->mark = READY;
    return 0;
}

int model_pthread_barrier_destroy(pthread_barrier_t *barrier)
{
    uintptr_t site = SITE();
    state *at = must_be_one(barrier, site, "destroy");
    rfn_at(RF_RMW, barrier, site);
    if (at->arrived > 0) {
        rfn_bug(RFN_BUG_MISUSE, site, "destroy of a barrier at which a thread waits");
    }
    rfn_wrote(at, sizeof *at);
    at->mark = DESTROYED;
    return 0;
}

int model_pthread_barrier_wait(pthread_barrier_t *barrier)
{
    uintptr_t site = SITE();
    state *at = must_be_one(barrier, site, "wait");
    rfn_waiter waiter = {.object = barrier};
    rfn_at(RF_RMW, barrier, site);
    must_be_one(barrier, site, "wait");
    rfn_wrote(at, sizeof *at);
    at->arrived++;
    if (at->arrived == at->count) {
        at->arrived = 0;
        while (rfn_queue_wake(&at->waiting)) {
        }
        return PTHREAD_BARRIER_SERIAL_THREAD;
    }
    rfn_queue_add(&at->waiting, &waiter);
    while (!rfn_is_woken(&waiter) && rfn_current != NULL) {
        rfn_when(&rfn_waits_in_queue, &waiter, RF_WAIT, site, RFN_FOREVER); /* not a cancellation point */
    }
    return 0;
}
