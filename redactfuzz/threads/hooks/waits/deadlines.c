#define _GNU_SOURCE
#include "waits/deadlines.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include "schedule/turn.h"
#include "state/execution.h"
#include "waits/blocking.h"
#include "waits/looking.h"
#include "waits/virtual_time.h"

/* Which clock a deadline is of no argument of most functions says, but no uptime is near the date. */
static int of_the_day(uint64_t at) { return at > RFH_EPOCH_NS / 2; }

static uint64_t left(const struct timespec *deadline)
{
    uint64_t at = rfh_nanoseconds(deadline), base = of_the_day(at) ? RFH_EPOCH_NS : RFH_UPTIME_NS;
    return at > base + rfh.clock ? at - base - rfh.clock : 0;
}

static struct timespec real(const struct timespec *deadline)
{
    struct timespec now;
    clock_gettime(of_the_day(rfh_nanoseconds(deadline)) ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
    return rfh_timespec(rfh_nanoseconds(&now) + left(deadline));
}

static int ended(int error, const struct timespec *deadline)
{
    uint64_t at = rfh_nanoseconds(deadline);
    if (error == ETIMEDOUT)
        rfh_reached(at, of_the_day(at) ? RFH_EPOCH_NS : RFH_UPTIME_NS);
    return error;
}

/* Waits with a deadline, given as the last argument; what comes before is `...`. */
#define WAIT(function, parameters, arguments, failure) \
    static int function##_until parameters \
    { \
        if (!rfh_time_is_virtual() || !rfh_is_length(deadline)) \
            return function arguments; \
        struct timespec given = real(deadline); \
        const struct timespec *virtual = deadline; \
        deadline = &given; \
        int result = function arguments; \
        ended(failure, virtual); \
        return result; \
    }
WAIT(pthread_cond_timedwait, (pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict deadline),
     (c, m, deadline), result)
WAIT(pthread_cond_clockwait,
     (pthread_cond_t *restrict c, pthread_mutex_t *restrict m, clockid_t id, const struct timespec *restrict deadline),
     (c, m, id, deadline), result)
WAIT(pthread_mutex_timedlock, (pthread_mutex_t *restrict m, const struct timespec *restrict deadline), (m, deadline), result)
WAIT(sem_timedwait, (sem_t *restrict s, const struct timespec *restrict deadline), (s, deadline), result ? errno : 0)
WAIT(sem_clockwait, (sem_t *restrict s, clockid_t id, const struct timespec *restrict deadline), (s, id, deadline),
     result ? errno : 0)

/* A semaphore can be looked at, so others have their turn meanwhile. */
static int until_semaphore(sem_t *s, const struct timespec *deadline)
{
    if (rfh_may_hand_over() && rfh_is_length(deadline))
        return rfh_wait_semaphore(s, left(deadline), RFH_ANY_TIME);
    return sem_timedwait_until(s, deadline);
}

static int until_semaphore_by(sem_t *s, clockid_t id, const struct timespec *deadline)
{
    if (rfh_may_hand_over() && rfh_is_length(deadline))
        return rfh_wait_semaphore(s, left(deadline), RFH_ANY_TIME);
    return sem_clockwait_until(s, id, deadline);
}

#define STANDS_IN(name) {#name, (void *)name##_until, (void *)name, NULL}
const rfh_import rfh_deadlines[] = {
    STANDS_IN(pthread_cond_timedwait), STANDS_IN(pthread_cond_clockwait), STANDS_IN(pthread_mutex_timedlock),
    {"sem_timedwait", (void *)until_semaphore, (void *)sem_timedwait, NULL},
    {"sem_clockwait", (void *)until_semaphore_by, (void *)sem_clockwait, NULL},
    {NULL, NULL, NULL, NULL},
};
