/* Semaphores that have no name. The value lies in the first word of the sem_t, as in glibc. */
#include <errno.h>
#include <limits.h>
#include <semaphore.h>

#include "memory/memory.h"
#include "models/threads/sync.h"
#include "schedule/describe.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/outcome.h"

enum { DESTROYED = 0x64656164 };

typedef struct state {
    uint32_t value;
    uint32_t unused[2];
    uint32_t destroyed;
} state;

_Static_assert(sizeof(state) <= sizeof(sem_t), "fits");

static state *must_be_one(sem_t *semaphore, uintptr_t site, const char *what)
{
    state *at = (state *)(void *)semaphore;
    if (at->destroyed == DESTROYED) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of a semaphore that was destroyed", what);
    }
    return at;
}

static int fails(int number)
{
    errno = number;
    return -1;
}

static int is_up(const void *object)
{
    return ((const state *)object)->value > 0;
}

static const rfn_condition raised = {
    .can = is_up, .name = "a semaphore", .place = rfn_itself, .flags = RFN_ENDED_BY_HANDLER | RFN_LOOKS_AGAIN};

static int take(state *at)
{
    rfn_wrote(at, sizeof *at);
    at->value--;
    rfn_changed(at);
    return 0;
}

static int down(sem_t *semaphore, uintptr_t site, uint64_t deadline)
{
    state *at = must_be_one(semaphore, site, "wait");
    switch (rfn_wait_interruptibly(&raised, at, RF_ACQUIRE, site, deadline)) {
    case RFN_CANCELLED:
        rfn_cancellation_point(site);
        return fails(EINTR);
    case RFN_INTERRUPTED:
        return fails(EINTR);
    case RFN_TIMED_OUT:
        return fails(ETIMEDOUT);
    default:
        must_be_one(semaphore, site, "wait");
        return take(at);
    }
}

int model_sem_init(sem_t *semaphore, int shared, unsigned value)
{
    state *at = (state *)(void *)semaphore;
    (void)shared;
    if (value > SEM_VALUE_MAX) {
        return fails(EINVAL);
    }
    rfn_at_range(RF_WRITE, at, sizeof *at, SITE());
    rfn_wrote(at, sizeof *at);
    at->value = value;
    at->unused[0] = at->unused[1] = 0;
    at->destroyed = 0;
    return 0;
}

int model_sem_destroy(sem_t *semaphore)
{
    uintptr_t site = SITE();
    state *at = must_be_one(semaphore, site, "destroy");
    rfn_at(RF_RMW, semaphore, site);
    if (rfn_has_waiters(semaphore)) {
        rfn_bug(RFN_BUG_MISUSE, site, "destroy of a semaphore at which a thread waits");
    }
    rfn_wrote(at, sizeof *at);
    at->destroyed = DESTROYED;
    return 0;
}

int model_sem_wait(sem_t *semaphore)
{
    return down(semaphore, SITE(), RFN_FOREVER);
}

int model_sem_timedwait(sem_t *semaphore, const struct timespec *until)
{
    return rfn_is_time(until) ? down(semaphore, SITE(), rfn_deadline(until)) : fails(EINVAL);
}

int model_sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
    if ((clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) || !rfn_is_time(until)) {
        return fails(EINVAL);
    }
    return down(semaphore, SITE(), rfn_deadline(until));
}

int model_sem_trywait(sem_t *semaphore)
{
    uintptr_t site = SITE();
    state *at = must_be_one(semaphore, site, "trywait");
    rfn_at(RF_ACQUIRE, semaphore, site);
    must_be_one(semaphore, site, "trywait");
    return at->value > 0 ? take(at) : fails(EAGAIN);
}

int model_sem_post(sem_t *semaphore)
{
    uintptr_t site = SITE();
    state *at = must_be_one(semaphore, site, "post");
    rfn_at(RF_RELEASE, semaphore, site);
    must_be_one(semaphore, site, "post");
    if (at->value == SEM_VALUE_MAX) {
        return fails(EOVERFLOW);
    }
    rfn_wrote(at, sizeof *at);
    at->value++;
    rfn_changed(at);
    return 0;
}

int model_sem_getvalue(sem_t *semaphore, int *value)
{
    uintptr_t site = SITE();
    const state *at = must_be_one(semaphore, site, "getvalue");
    rfn_at(RF_READ, semaphore, site);
    rfn_wrote(value, sizeof *value);
    *value = (int)at->value;
    return 0;
}
