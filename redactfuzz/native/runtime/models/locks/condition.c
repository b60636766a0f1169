/* Condition variables. A signal is for all who wait, and the first of them that the scheduler chooses takes it: POSIX allows any,
 * and the order in which those who were woken get the mutex is left to the scheduler as well. Spurious wakeups are not modelled. */
#include "models/locks/condition.h"

#include <errno.h>

#include "base/parts.h"
#include "memory/memory.h"
#include "models/locks/mutex.h"
#include "models/memory/heap.h"
#include "models/threads/sync.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/control.h"
#include "state/outcome.h"

enum { DESTROYED = 0x64656164 };

/* What lies in a pthread_cond_t. All zero is PTHREAD_COND_INITIALIZER. */
typedef struct state {
    rfn_queue waiting;
    const pthread_mutex_t *mutex; /* of those who wait */
    uint32_t unused;
    uint32_t destroyed;
} state;

_Static_assert(sizeof(state) <= sizeof(pthread_cond_t), "fits");

static state *state_of(pthread_cond_t *condition)
{
    return (state *)(void *)condition;
}

/* What was not initialised may hold anything. */
static state *must_be_one(pthread_cond_t *condition, uintptr_t site, const char *what)
{
    state *at = state_of(condition);
    if (at->destroyed == DESTROYED) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of a condition variable that was destroyed", what);
    }
    if (!rfn_queue_is_sound(&at->waiting, condition)) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of a condition variable that was never initialised", what);
    }
    return at;
}

int rfn_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, uintptr_t site, uint64_t deadline)
{
    state *at = must_be_one(condition, site, "wait");
    rfn_waiter waiter = {.object = condition};
    rfn_wake wake;
    uint32_t times;
    int result;
    rfn_cancellation_point(site);
    rfn_at(RF_RELEASE, condition, site);
    must_be_one(condition, site, "wait");
    if (!rfn_mutex_is_mine(mutex)) {
        if ((mutex->__data.__kind & 3) == PTHREAD_MUTEX_ERRORCHECK) {
            return EPERM;
        }
        rfn_bug(RFN_BUG_MISUSE, site, "wait at a condition variable without its mutex");
    }
    if (at->waiting.first != NULL && at->mutex != mutex) {
        rfn_bug(RFN_BUG_MISUSE, site, "wait at a condition variable with two mutexes at a time");
    }
    rfn_wrote(at, sizeof *at);
    at->mutex = mutex;
    rfn_queue_add(&at->waiting, &waiter);
    times = rfn_mutex_drop(mutex);
    wake = rfn_wait(&rfn_waits_in_queue, &waiter, RF_WAIT, site, deadline);
    if (wake == RFN_WOKEN) {
        rfn_queue_take(&at->waiting, &waiter);
    } else if (!waiter.woken) {
        rfn_queue_remove(&at->waiting, &waiter);
    } else if (wake == RFN_CANCELLED) {
        rfn_queue_signal(&at->waiting); /* a cancelled thread does not use up a signal */
    }
    result = rfn_mutex_retake(mutex, times, site);
    if (wake == RFN_CANCELLED) {
        rfn_cancellation_point(site);
    }
    return result == 0 && wake == RFN_TIMED_OUT ? ETIMEDOUT : result;
}

void rfn_condition_signal(pthread_cond_t *condition, uintptr_t site)
{
    must_be_one(condition, site, "signal");
    rfn_at(RF_SIGNAL, condition, site);
    rfn_queue_signal(&must_be_one(condition, site, "signal")->waiting);
}

void rfn_condition_broadcast(pthread_cond_t *condition, uintptr_t site)
{
    state *at = must_be_one(condition, site, "broadcast");
    rfn_at(RF_SIGNAL, condition, site);
    must_be_one(condition, site, "broadcast");
    while (rfn_queue_wake(&at->waiting)) {
    }
}

void rfn_condition_init(pthread_cond_t *condition)
{
    state *at = state_of(condition);
    rfn_wrote(at, sizeof *at);
    at->waiting.first = NULL;
    at->waiting.last = NULL;
    at->mutex = NULL;
    at->unused = 0;
    at->destroyed = 0;
}

void rfn_condition_destroy(pthread_cond_t *condition, uintptr_t site)
{
    state *at = must_be_one(condition, site, "destroy");
    rfn_at(RF_RMW, condition, site);
    if (at->waiting.first != NULL) {
        rfn_bug(RFN_BUG_MISUSE, site, "destroy of a condition variable at which a thread waits");
    }
    rfn_wrote(at, sizeof *at);
    at->destroyed = DESTROYED;
}

/* -- what the program calls */

int model_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
    (void)attributes; /* the clocks are one, and so are the processes */
    rfn_at_range(RF_WRITE, condition, sizeof *condition, SITE());
    rfn_condition_init(condition);
    return 0;
}

int model_pthread_cond_destroy(pthread_cond_t *condition)
{
    rfn_condition_destroy(condition, SITE());
    return 0;
}

int model_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    return rfn_condition_wait(condition, mutex, SITE(), RFN_FOREVER);
}

int model_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until)
{
    return rfn_is_time(until) ? rfn_condition_wait(condition, mutex, SITE(), rfn_deadline(until)) : EINVAL;
}

int model_pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                                 const struct timespec *until)
{
    if ((clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) || !rfn_is_time(until)) {
        return EINVAL;
    }
    return rfn_condition_wait(condition, mutex, SITE(), rfn_deadline(until));
}

int model_pthread_cond_signal(pthread_cond_t *condition)
{
    rfn_condition_signal(condition, SITE());
    return 0;
}

int model_pthread_cond_broadcast(pthread_cond_t *condition)
{
    rfn_condition_broadcast(condition, SITE());
    return 0;
}

/* std::notify_all_at_thread_exit (cxx.c). */
static void thread_ends(void)
{
    rfn_control *control = rfn_control_of(rfn_current);
    while (control->notify_at_exit != NULL) {
        rfn_notify_at_exit *news = control->notify_at_exit;
        control->notify_at_exit = news->next;
        rfn_mutex_unlock(news->mutex, 0);
        rfn_condition_broadcast(news->condition, 0);
        rfn_release(news, 0);
    }
}

RFN_PART(RFN_ON_MODELS_LOCKS, condition, .thread_ends = thread_ends);
