/* Attribute objects: glibc fills them (threads.toml). What the models use of them: detach state, type of a mutex, robustness,
 * preference of a read-write lock, and the size of a stack that is larger than those of memory.h. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>

#include "memory/memory.h"
#include "models/threads/sync.h"
#include "state/control.h"

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
