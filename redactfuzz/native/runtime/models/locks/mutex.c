/* Mutexes of all kinds. State lies where glibc keeps it, so that every static initialiser works:
 *
 *     __lock   0 free, 1 locked          __kind   type, and the bits of its attributes; -1 when destroyed
 *     __owner  1 + number of the thread  __nusers what a robust mutex went through, see below
 *     __count  how often a recursive one is locked
 *     __list   robust ones that a thread holds are chained through __next
 *
 * Priority inheritance and ceilings are accepted and change nothing: the scheduler knows no priorities.
 */
#include "models/locks/mutex.h"

#include <errno.h>

#include "base/parts.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/threads/sync.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/control.h"
#include "state/outcome.h"
#include "state/self.h"

enum {
    TYPE = 3,          /* PTHREAD_MUTEX_NORMAL, _RECURSIVE, _ERRORCHECK, _ADAPTIVE_NP */
    ROBUST = 16,
    SHARED = 128,      /* between processes */
    KNOWN = 1023,      /* these, priority protocols, process-shared, lock elision */
    DESTROYED = -1,
    LABEL = 24,
};

/* Of a robust mutex. */
typedef enum fate { CONSISTENT = 0, OWNER_DIED, INCONSISTENT, NOT_RECOVERABLE } fate;

static int is_free(const void *object)
{
    return ((const pthread_mutex_t *)object)->__data.__lock == 0;
}

/* Of one that processes share: threads of a child of fork have the numbers of its parent's. */
static int mark_of(const pthread_mutex_t *mutex)
{
    return rfn_owner_mark() + (mutex->__data.__kind & SHARED ? (int)rfn_child() * RFN_THREADS : 0);
}

static uint32_t holder(const void *object)
{
    const pthread_mutex_t *mutex = object;
    int mark = mutex->__data.__owner - (mutex->__data.__kind & SHARED ? (int)rfn_child() * RFN_THREADS : 0);
    return mark > 0 && mark <= RFN_THREADS ? (uint32_t)mark - 1 : RFN_THREADS;
}

static const rfn_condition free_mutex = {
    .can = is_free, .name = "a mutex", .holder = holder, .place = rfn_itself, .flags = RFN_LOOKS_AGAIN};

int rfn_mutex_is_mine(const pthread_mutex_t *mutex)
{
    return mutex->__data.__lock != 0 && mutex->__data.__owner == mark_of(mutex);
}

static int type_of(const pthread_mutex_t *mutex)
{
    return mutex->__data.__kind & TYPE;
}

static int is_robust(const pthread_mutex_t *mutex)
{
    return (mutex->__data.__kind & ROBUST) != 0;
}

static void must_be_one(const pthread_mutex_t *mutex, uintptr_t site, const char *what)
{
    if (mutex->__data.__kind == DESTROYED) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of a mutex that was destroyed", what);
    }
    if ((mutex->__data.__kind & ~KNOWN) != 0) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of a mutex that was never initialised", what);
    }
}

static void chain(pthread_mutex_t *mutex)
{
    rfn_control *control = rfn_control_of(rfn_current);
    mutex->__data.__list.__next = (struct __pthread_internal_list *)(void *)control->robust;
    control->robust = mutex;
}

static void unchain(pthread_mutex_t *mutex)
{
    rfn_control *control = rfn_control_of(rfn_current);
    pthread_mutex_t *at = control->robust;
    if (at == mutex) {
        control->robust = (pthread_mutex_t *)(void *)mutex->__data.__list.__next;
        return;
    }
    while (at != NULL && (void *)at->__data.__list.__next != (void *)mutex) {
        at = (pthread_mutex_t *)(void *)at->__data.__list.__next;
    }
    if (at != NULL) {
        rfn_wrote(at, sizeof *at);
        at->__data.__list.__next = mutex->__data.__list.__next;
    }
}

/* It is free, and this thread's turn. */
static int take(pthread_mutex_t *mutex, uint32_t times)
{
    if (is_robust(mutex) && mutex->__data.__nusers == NOT_RECOVERABLE) {
        return ENOTRECOVERABLE;
    }
    rfn_wrote(mutex, sizeof *mutex);
    mutex->__data.__lock = 1;
    mutex->__data.__owner = mark_of(mutex);
    mutex->__data.__count = times;
    rfn_changed(mutex);
    if (!is_robust(mutex)) {
        return 0;
    }
    chain(mutex);
    if (mutex->__data.__nusers == OWNER_DIED) {
        mutex->__data.__nusers = INCONSISTENT;
        return EOWNERDEAD;
    }
    return 0;
}

static int wait_and_take(pthread_mutex_t *mutex, uint32_t times, uintptr_t site, uint64_t deadline)
{
    rfn_turn turn;
    do {
        turn = rfn_when(&free_mutex, mutex, RF_ACQUIRE, site, deadline);
        must_be_one(mutex, site, "lock");
        /* A signal handler that ran meanwhile may have locked it, and left it so. */
    } while (turn == RFN_GO && !is_free(mutex) && rfn_current != NULL);
    return is_free(mutex) ? take(mutex, times) : ETIMEDOUT;
}

static int once_more(pthread_mutex_t *mutex)
{
    if (mutex->__data.__count == UINT32_MAX) {
        return EAGAIN;
    }
    rfn_wrote(mutex, sizeof *mutex);
    mutex->__data.__count++;
    return 0;
}

/* The current thread held it when it came here: what another lock gives; -1: it waits, for itself perhaps. Whatever is decided is
 * looked at behind the point: meanwhile others may have made another mutex of it. */
static int lock_again(pthread_mutex_t *mutex, uintptr_t site)
{
    if (type_of(mutex) != PTHREAD_MUTEX_RECURSIVE && type_of(mutex) != PTHREAD_MUTEX_ERRORCHECK) {
        return -1;
    }
    rfn_at(RF_ACQUIRE, mutex, site);
    must_be_one(mutex, site, "lock");
    rfn_touched(RF_READ, mutex, sizeof *mutex);
    if (!rfn_mutex_is_mine(mutex)) {
        return -1;
    }
    switch (type_of(mutex)) {
    case PTHREAD_MUTEX_RECURSIVE:
        return once_more(mutex);
    case PTHREAD_MUTEX_ERRORCHECK:
        return EDEADLK;
    default:
        return -1;
    }
}

int rfn_mutex_lock(pthread_mutex_t *mutex, uintptr_t site, uint64_t deadline)
{
    must_be_one(mutex, site, "lock");
    if (rfn_mutex_is_mine(mutex)) {
        int result = lock_again(mutex, site);
        if (result >= 0) {
            return result;
        }
    }
    return wait_and_take(mutex, 1, site, deadline);
}

int rfn_mutex_trylock(pthread_mutex_t *mutex, uintptr_t site)
{
    must_be_one(mutex, site, "trylock");
    rfn_at(RF_ACQUIRE, mutex, site);
    must_be_one(mutex, site, "trylock");
    rfn_touched(RF_READ, mutex, sizeof *mutex);
    if (rfn_mutex_is_mine(mutex) && type_of(mutex) == PTHREAD_MUTEX_RECURSIVE) {
        return once_more(mutex);
    }
    return is_free(mutex) ? take(mutex, 1) : EBUSY;
}

static void must_be_mine(const pthread_mutex_t *mutex, uintptr_t site)
{
    char holder[LABEL];
    if (rfn_mutex_is_mine(mutex)) {
        return;
    }
    if (is_free(mutex)) {
        rfn_bug(RFN_BUG_MISUSE, site, "unlock of a mutex that is not locked");
    }
    rfn_name_of((uint32_t)mutex->__data.__owner - 1, holder, sizeof holder);
    rfn_bug(RFN_BUG_MISUSE, site, "unlock of a mutex that %s holds", holder);
}

static void let_go(pthread_mutex_t *mutex)
{
    rfn_wrote(mutex, sizeof *mutex);
    if (is_robust(mutex)) {
        unchain(mutex);
        if (mutex->__data.__nusers == INCONSISTENT) {
            mutex->__data.__nusers = NOT_RECOVERABLE;
        }
    }
    mutex->__data.__lock = 0;
    mutex->__data.__owner = 0;
    mutex->__data.__count = 0;
    rfn_changed(mutex);
}

int rfn_mutex_unlock(pthread_mutex_t *mutex, uintptr_t site)
{
    must_be_one(mutex, site, "unlock");
    rfn_at(RF_RELEASE, mutex, site);
    rfn_touched(RF_READ, mutex, sizeof *mutex);
    if (!rfn_mutex_is_mine(mutex) && (type_of(mutex) == PTHREAD_MUTEX_RECURSIVE ||
                                      type_of(mutex) == PTHREAD_MUTEX_ERRORCHECK || is_robust(mutex))) {
        return EPERM;
    }
    must_be_mine(mutex, site);
    if (mutex->__data.__count > 1) {
        rfn_wrote(mutex, sizeof *mutex);
        mutex->__data.__count--;
        return 0;
    }
    let_go(mutex);
    return 0;
}

void rfn_mutex_destroy(pthread_mutex_t *mutex, uintptr_t site)
{
    char holder[LABEL];
    must_be_one(mutex, site, "destroy");
    rfn_at(RF_RMW, mutex, site);
    if (!is_free(mutex)) {
        rfn_name_of((uint32_t)mutex->__data.__owner - 1, holder, sizeof holder);
        rfn_bug(RFN_BUG_MISUSE, site, "destroy of a mutex that %s holds", holder);
    }
    rfn_wrote(mutex, sizeof *mutex);
    mutex->__data.__kind = DESTROYED;
    rfn_changed(mutex);
}

uint32_t rfn_mutex_drop(pthread_mutex_t *mutex)
{
    uint32_t times = mutex->__data.__count;
    let_go(mutex);
    return times;
}

int rfn_mutex_retake(pthread_mutex_t *mutex, uint32_t times, uintptr_t site)
{
    must_be_one(mutex, site, "lock");
    return wait_and_take(mutex, times, site, RFN_FOREVER);
}

static void thread_ended(void)
{
    rfn_control *control = rfn_control_of(rfn_current);
    while (control->robust != NULL) {
        pthread_mutex_t *mutex = control->robust;
        let_go(mutex);
        if (mutex->__data.__nusers != NOT_RECOVERABLE) {
            mutex->__data.__nusers = OWNER_DIED;
        }
    }
}

/* -- what the program calls */

int model_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    rfn_at_range(RF_WRITE, mutex, sizeof *mutex, SITE());
    rfn_touched_if(RF_READ, attributes, sizeof *attributes);
    rfn_wrote(mutex, sizeof *mutex);
    return pthread_mutex_init(mutex, attributes); /* fills the bytes, no more */
}

int model_pthread_mutex_destroy(pthread_mutex_t *mutex)
{
    rfn_mutex_destroy(mutex, SITE());
    return 0;
}

int model_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    return rfn_mutex_lock(mutex, SITE(), RFN_FOREVER);
}

int model_pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    return rfn_mutex_trylock(mutex, SITE());
}

int model_pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until)
{
    if (!rfn_is_time(until)) {
        return EINVAL;
    }
    return rfn_mutex_lock(mutex, SITE(), rfn_deadline(until));
}

int model_pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
    if ((clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) || !rfn_is_time(until)) {
        return EINVAL;
    }
    return rfn_mutex_lock(mutex, SITE(), rfn_deadline(until));
}

int model_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    return rfn_mutex_unlock(mutex, SITE());
}

int model_pthread_mutex_consistent(pthread_mutex_t *mutex)
{
    if (!is_robust(mutex) || mutex->__data.__nusers != INCONSISTENT) {
        return EINVAL;
    }
    rfn_wrote(mutex, sizeof *mutex);
    mutex->__data.__nusers = CONSISTENT;
    return 0;
}

RFN_PART(RFN_ON_MODELS_LOCKS, mutex, .thread_ended = thread_ended);
