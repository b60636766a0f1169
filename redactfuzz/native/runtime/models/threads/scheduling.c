/* Priorities, policies and processors of threads: accepted, and without effect. Every order of threads is explored. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "memory/memory.h"
#include "models/threads/sync.h"

enum { PROCESSORS = 4 };

static int is_thread(pthread_t handle)
{
    return rfn_fiber_of(handle) != NULL ? 0 : ESRCH;
}

int model_pthread_setschedparam(pthread_t handle, int policy, const struct sched_param *parameters)
{
    (void)policy;
    (void)parameters;
    return is_thread(handle);
}

int model_pthread_getschedparam(pthread_t handle, int *policy, struct sched_param *parameters)
{
    rfn_wrote(policy, sizeof *policy);
    rfn_wrote(parameters, sizeof *parameters);
    *policy = SCHED_OTHER;
    parameters->sched_priority = 0;
    return is_thread(handle);
}

int model_pthread_setschedprio(pthread_t handle, int priority)
{
    (void)priority;
    return is_thread(handle);
}

int model_pthread_setconcurrency(int level)
{
    return level < 0 ? EINVAL : 0;
}

int model_pthread_setaffinity_np(pthread_t handle, size_t size, const cpu_set_t *processors)
{
    (void)size;
    (void)processors;
    return is_thread(handle);
}

int model_pthread_getaffinity_np(pthread_t handle, size_t size, cpu_set_t *processors)
{
    uint8_t *bytes = (uint8_t *)processors;
    if (size == 0) {
        return EINVAL;
    }
    rfn_wrote(processors, size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = 0;
    }
    bytes[0] = (1 << PROCESSORS) - 1;
    return is_thread(handle);
}
