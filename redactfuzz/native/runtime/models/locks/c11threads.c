/* <threads.h>: in glibc a mtx_t is a mutex, a cnd_t a condition variable, a thrd_t a pthread_t, a tss_t a key. The results are
 * others. thrd_exit is in leaving.c, thrd_sleep and thrd_yield in clock.c, call_once in once.c. */
#include <threads.h>

#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "memory/memory.h"
#include "models/locks/condition.h"
#include "models/locks/mutex.h"
#include "models/threads/join.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/control.h"

static int result_of(int error)
{
    switch (error) {
    case 0:
        return thrd_success;
    case EBUSY:
        return thrd_busy;
    case ETIMEDOUT:
        return thrd_timedout;
    case ENOMEM:
        return thrd_nomem;
    default:
        return thrd_error;
    }
}

/* -- threads */

static void *begin(void *argument)
{
    thrd_start_t start = (thrd_start_t)(void (*)(void))rfn_control_of(rfn_current)->start;
    return (void *)(intptr_t)start(argument);
}

int model_thrd_create(thrd_t *thread, thrd_start_t start, void *argument)
{
    int error = rfn_thread_create(thread, 0, begin, argument, (void *)(uintptr_t)start, 0, SITE());
    return error == EAGAIN ? thrd_error : result_of(error);
}

int model_thrd_join(thrd_t thread, int *result)
{
    void *given;
    int error = rfn_thread_join(thread, &given, SITE(), RFN_FOREVER);
    if (error == 0 && result != NULL) {
        rfn_wrote(result, sizeof *result);
        *result = (int)(intptr_t)given;
    }
    return result_of(error);
}

int model_thrd_detach(thrd_t thread)
{
    return result_of(rfn_thread_detach(thread, SITE()));
}

thrd_t model_thrd_current(void)
{
    return rfn_handle_of(rfn_current != NULL ? rfn_current : rfn_fibers);
}

int model_thrd_equal(thrd_t one, thrd_t other)
{
    return one == other;
}

/* -- mutexes */

static pthread_mutex_t *mutex_of(mtx_t *mutex)
{
    return (pthread_mutex_t *)(void *)mutex;
}

void model_mtx_destroy(mtx_t *mutex)
{
    rfn_mutex_destroy(mutex_of(mutex), SITE());
}

int model_mtx_lock(mtx_t *mutex)
{
    return result_of(rfn_mutex_lock(mutex_of(mutex), SITE(), RFN_FOREVER));
}

int model_mtx_trylock(mtx_t *mutex)
{
    return result_of(rfn_mutex_trylock(mutex_of(mutex), SITE()));
}

int model_mtx_timedlock(mtx_t *mutex, const struct timespec *until)
{
    if (!rfn_is_time(until)) {
        return thrd_error;
    }
    return result_of(rfn_mutex_lock(mutex_of(mutex), SITE(), rfn_deadline(until)));
}

int model_mtx_unlock(mtx_t *mutex)
{
    return result_of(rfn_mutex_unlock(mutex_of(mutex), SITE()));
}

/* -- condition variables */

static pthread_cond_t *condition_of(cnd_t *condition)
{
    return (pthread_cond_t *)(void *)condition;
}

int model_cnd_init(cnd_t *condition)
{
    rfn_condition_init(condition_of(condition));
    return thrd_success;
}

void model_cnd_destroy(cnd_t *condition)
{
    rfn_condition_destroy(condition_of(condition), SITE());
}

int model_cnd_signal(cnd_t *condition)
{
    rfn_condition_signal(condition_of(condition), SITE());
    return thrd_success;
}

int model_cnd_broadcast(cnd_t *condition)
{
    rfn_condition_broadcast(condition_of(condition), SITE());
    return thrd_success;
}

int model_cnd_wait(cnd_t *condition, mtx_t *mutex)
{
    return result_of(rfn_condition_wait(condition_of(condition), mutex_of(mutex), SITE(), RFN_FOREVER));
}

int model_cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until)
{
    if (!rfn_is_time(until)) {
        return thrd_error;
    }
    return result_of(rfn_condition_wait(condition_of(condition), mutex_of(mutex), SITE(), rfn_deadline(until)));
}

/* -- thread-specific storage */

int model_pthread_key_create(pthread_key_t *key, void (*end)(void *));
int model_pthread_key_delete(pthread_key_t key);
int model_pthread_setspecific(pthread_key_t key, const void *value);
void *model_pthread_getspecific(pthread_key_t key);

int model_tss_create(tss_t *key, tss_dtor_t end)
{
    return result_of(model_pthread_key_create(key, end));
}

void model_tss_delete(tss_t key)
{
    model_pthread_key_delete(key);
}

int model_tss_set(tss_t key, void *value)
{
    return result_of(model_pthread_setspecific(key, value));
}

void *model_tss_get(tss_t key)
{
    return model_pthread_getspecific(key);
}
