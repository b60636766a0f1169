/* Attribute objects of threads, mutexes, read-write locks, condition variables and barriers. glibc's own functions fill
 * them, and here it is noted that they were written. What the models use of them: detach state, type of a mutex, robustness,
 * preference of a read-write lock, and the size of a stack that is larger than those of memory.h. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>

#include "memory/memory.h"
#include "models/threads/sync.h"
#include "state/control.h"

/* int model_NAME(TYPE *, VALUE) */
#define SETS(name, type, value)                                                                                        \
    int model_##name(type *attributes, value given);                                                                   \
    int model_##name(type *attributes, value given)                                                                    \
    {                                                                                                                  \
        rfn_wrote(attributes, sizeof *attributes);                                                                     \
        return name(attributes, given);                                                                                \
    }

/* int model_NAME(const TYPE *, VALUE *) */
#define GETS(name, type, value)                                                                                        \
    int model_##name(const type *attributes, value *result);                                                           \
    int model_##name(const type *attributes, value *result)                                                            \
    {                                                                                                                  \
        rfn_wrote(result, sizeof *result);                                                                             \
        return name(attributes, result);                                                                               \
    }

/* int model_NAME(TYPE *) */
#define ALONE(name, type)                                                                                              \
    int model_##name(type *attributes);                                                                                \
    int model_##name(type *attributes)                                                                                 \
    {                                                                                                                  \
        rfn_wrote(attributes, sizeof *attributes);                                                                     \
        return name(attributes);                                                                                       \
    }

ALONE(pthread_attr_init, pthread_attr_t)
ALONE(pthread_attr_destroy, pthread_attr_t)
SETS(pthread_attr_setdetachstate, pthread_attr_t, int)
GETS(pthread_attr_getdetachstate, pthread_attr_t, int)
SETS(pthread_attr_setstacksize, pthread_attr_t, size_t)
GETS(pthread_attr_getstacksize, pthread_attr_t, size_t)
SETS(pthread_attr_setguardsize, pthread_attr_t, size_t)
GETS(pthread_attr_getguardsize, pthread_attr_t, size_t)
SETS(pthread_attr_setinheritsched, pthread_attr_t, int)
GETS(pthread_attr_getinheritsched, pthread_attr_t, int)
SETS(pthread_attr_setschedpolicy, pthread_attr_t, int)
GETS(pthread_attr_getschedpolicy, pthread_attr_t, int)
SETS(pthread_attr_setschedparam, pthread_attr_t, const struct sched_param *)
GETS(pthread_attr_getschedparam, pthread_attr_t, struct sched_param)
SETS(pthread_attr_setscope, pthread_attr_t, int)
GETS(pthread_attr_getscope, pthread_attr_t, int)

ALONE(pthread_mutexattr_init, pthread_mutexattr_t)
ALONE(pthread_mutexattr_destroy, pthread_mutexattr_t)
SETS(pthread_mutexattr_settype, pthread_mutexattr_t, int)
GETS(pthread_mutexattr_gettype, pthread_mutexattr_t, int)
SETS(pthread_mutexattr_setrobust, pthread_mutexattr_t, int)
GETS(pthread_mutexattr_getrobust, pthread_mutexattr_t, int)
SETS(pthread_mutexattr_setpshared, pthread_mutexattr_t, int)
GETS(pthread_mutexattr_getpshared, pthread_mutexattr_t, int)
SETS(pthread_mutexattr_setprotocol, pthread_mutexattr_t, int)
GETS(pthread_mutexattr_getprotocol, pthread_mutexattr_t, int)
SETS(pthread_mutexattr_setprioceiling, pthread_mutexattr_t, int)
GETS(pthread_mutexattr_getprioceiling, pthread_mutexattr_t, int)

ALONE(pthread_rwlockattr_init, pthread_rwlockattr_t)
ALONE(pthread_rwlockattr_destroy, pthread_rwlockattr_t)
SETS(pthread_rwlockattr_setpshared, pthread_rwlockattr_t, int)
GETS(pthread_rwlockattr_getpshared, pthread_rwlockattr_t, int)
SETS(pthread_rwlockattr_setkind_np, pthread_rwlockattr_t, int)
GETS(pthread_rwlockattr_getkind_np, pthread_rwlockattr_t, int)

ALONE(pthread_condattr_init, pthread_condattr_t)
ALONE(pthread_condattr_destroy, pthread_condattr_t)
SETS(pthread_condattr_setpshared, pthread_condattr_t, int)
GETS(pthread_condattr_getpshared, pthread_condattr_t, int)
SETS(pthread_condattr_setclock, pthread_condattr_t, clockid_t)
GETS(pthread_condattr_getclock, pthread_condattr_t, clockid_t)

ALONE(pthread_barrierattr_init, pthread_barrierattr_t)
ALONE(pthread_barrierattr_destroy, pthread_barrierattr_t)
SETS(pthread_barrierattr_setpshared, pthread_barrierattr_t, int)
GETS(pthread_barrierattr_getpshared, pthread_barrierattr_t, int)

int model_pthread_attr_setstack(pthread_attr_t *attributes, void *stack, size_t size)
{
    rfn_wrote(attributes, sizeof *attributes);
    return pthread_attr_setstack(attributes, stack, size);
}

int model_pthread_attr_getstack(const pthread_attr_t *attributes, void **stack, size_t *size)
{
    rfn_wrote(stack, sizeof *stack);
    rfn_wrote(size, sizeof *size);
    return pthread_attr_getstack(attributes, stack, size);
}

/* The stack that the thread really has. */
int model_pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes)
{
    const rfn_fiber *fiber = rfn_fiber_of(thread);
    int result;
    if (fiber == NULL) {
        return ESRCH;
    }
    rfn_wrote(attributes, sizeof *attributes);
    result = pthread_attr_init(attributes);
    if (result == 0) {
        result = pthread_attr_setstack(attributes, (void *)(fiber->base + RFN_PAGE), fiber->top - fiber->base - RFN_PAGE);
    }
    if (result == 0) {
        result = pthread_attr_setdetachstate(
            attributes, fiber->detached ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE);
    }
    return result;
}
