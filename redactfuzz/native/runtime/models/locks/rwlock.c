/* Read-write locks. State lies where glibc keeps what is like it, so that the static initialisers work:
 *
 *     __readers     that hold it              __cur_writer  1 + number of the thread that writes
 *     __writers     that wait for it          __flags       preference; -1 when destroyed
 *
 * As in glibc, readers pass waiting writers unless PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP was asked for. Who holds it
 * for reading is not kept, so that a thread that unlocks what another holds for reading goes unnoticed.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "memory/memory.h"
#include "memory/touched.h"
#include "models/threads/sync.h"
#include "schedule/describe.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/control.h"
#include "state/outcome.h"

enum { DESTROYED = UINT_MAX, LABEL = 24 };

static int can_read(const void *object)
{
    const pthread_rwlock_t *lock = object;
    return lock->__data.__cur_writer == 0 &&
           (lock->__data.__writers == 0 || lock->__data.__flags != PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
}

static int can_write(const void *object)
{
    const pthread_rwlock_t *lock = object;
    return lock->__data.__cur_writer == 0 && lock->__data.__readers == 0;
}

static uint32_t holder(const void *object)
{
    int mark = ((const pthread_rwlock_t *)object)->__data.__cur_writer;
    return mark > 0 ? (uint32_t)mark - 1 : RFN_THREADS;
}

static const rfn_condition to_read = {
    .can = can_read, .name = "a read-write lock, to read", .holder = holder, .place = rfn_itself};
static const rfn_condition to_write = {
    .can = can_write, .name = "a read-write lock, to write", .holder = holder, .place = rfn_itself};

static void must_be_one(const pthread_rwlock_t *lock, uintptr_t site, const char *what)
{
    if (lock->__data.__flags == DESTROYED) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of a read-write lock that was destroyed", what);
    }
    if (lock->__data.__flags > PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s of a read-write lock that was never initialised", what);
    }
}

static int is_mine(const pthread_rwlock_t *lock)
{
    return lock->__data.__cur_writer == rfn_owner_mark();
}

static int take_reading(pthread_rwlock_t *lock)
{
    rfn_wrote(lock, sizeof *lock);
    lock->__data.__readers++;
    rfn_changed(lock);
    return 0;
}

static int take_writing(pthread_rwlock_t *lock)
{
    rfn_wrote(lock, sizeof *lock);
    lock->__data.__cur_writer = rfn_owner_mark();
    rfn_changed(lock);
    return 0;
}

static int read_lock(pthread_rwlock_t *lock, uintptr_t site, uint64_t deadline)
{
    rfn_turn turn;
    must_be_one(lock, site, "lock");
    if (is_mine(lock)) { /* until others make another lock of it */
        rfn_at(RF_ACQUIRE, lock, site);
        must_be_one(lock, site, "lock");
        rfn_touched(RF_READ, lock, sizeof *lock);
        if (is_mine(lock)) {
            return EDEADLK;
        }
    }
    do {
        turn = rfn_when(&to_read, lock, RF_ACQUIRE, site, deadline);
        must_be_one(lock, site, "lock");
    } while (turn == RFN_GO && !can_read(lock) && rfn_current != NULL);
    return can_read(lock) ? take_reading(lock) : ETIMEDOUT;
}

static void count_writer(pthread_rwlock_t *lock, int change)
{
    rfn_wrote(lock, sizeof *lock);
    lock->__data.__writers += (unsigned)change;
    rfn_changed(lock);
}

static int write_lock(pthread_rwlock_t *lock, uintptr_t site, uint64_t deadline)
{
    rfn_turn turn;
    must_be_one(lock, site, "lock");
    rfn_at(RF_ACQUIRE, lock, site); /* it counts among those who wait from here on */
    must_be_one(lock, site, "lock");
    if (is_mine(lock)) {
        rfn_touched(RF_READ, lock, sizeof *lock);
        return EDEADLK;
    }
    do {
        int waits = !can_write(lock);
        rfn_touched(RF_READ, lock, sizeof *lock);
        if (waits) {
            count_writer(lock, 1);
        }
        turn = rfn_when(&to_write, lock, RF_ACQUIRE, site, deadline);
        must_be_one(lock, site, "lock");
        if (waits) {
            count_writer(lock, -1);
        }
    } while (turn == RFN_GO && !can_write(lock) && rfn_current != NULL);
    return can_write(lock) ? take_writing(lock) : ETIMEDOUT;
}

/* -- what the program calls */

int model_pthread_rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attributes)
{
    rfn_at_range(RF_WRITE, lock, sizeof *lock, SITE());
    rfn_touched_if(RF_READ, attributes, sizeof *attributes);
    rfn_wrote(lock, sizeof *lock);
    return pthread_rwlock_init(lock, attributes); /* fills the bytes, no more */
}

int model_pthread_rwlock_destroy(pthread_rwlock_t *lock)
{
    uintptr_t site = SITE();
    must_be_one(lock, site, "destroy");
    rfn_at(RF_RMW, lock, site);
    if (!can_write(lock)) {
        rfn_bug(RFN_BUG_MISUSE, site, "destroy of a read-write lock that is held");
    }
    rfn_wrote(lock, sizeof *lock);
    lock->__data.__flags = DESTROYED;
    rfn_changed(lock);
    return 0;
}

int model_pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    return read_lock(lock, SITE(), RFN_FOREVER);
}

int model_pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
    return write_lock(lock, SITE(), RFN_FOREVER);
}

int model_pthread_rwlock_tryrdlock(pthread_rwlock_t *lock)
{
    uintptr_t site = SITE();
    must_be_one(lock, site, "trylock");
    rfn_at(RF_ACQUIRE, lock, site);
    must_be_one(lock, site, "trylock");
    rfn_touched(RF_READ, lock, sizeof *lock);
    return can_read(lock) ? take_reading(lock) : EBUSY;
}

int model_pthread_rwlock_trywrlock(pthread_rwlock_t *lock)
{
    uintptr_t site = SITE();
    must_be_one(lock, site, "trylock");
    rfn_at(RF_ACQUIRE, lock, site);
    must_be_one(lock, site, "trylock");
    rfn_touched(RF_READ, lock, sizeof *lock);
    return can_write(lock) ? take_writing(lock) : EBUSY;
}

int model_pthread_rwlock_timedrdlock(pthread_rwlock_t *lock, const struct timespec *until)
{
    return rfn_is_time(until) ? read_lock(lock, SITE(), rfn_deadline(until)) : EINVAL;
}

int model_pthread_rwlock_timedwrlock(pthread_rwlock_t *lock, const struct timespec *until)
{
    return rfn_is_time(until) ? write_lock(lock, SITE(), rfn_deadline(until)) : EINVAL;
}

int model_pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until)
{
    if ((clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) || !rfn_is_time(until)) {
        return EINVAL;
    }
    return read_lock(lock, SITE(), rfn_deadline(until));
}

int model_pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until)
{
    if ((clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) || !rfn_is_time(until)) {
        return EINVAL;
    }
    return write_lock(lock, SITE(), rfn_deadline(until));
}

int model_pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
    uintptr_t site = SITE();
    char holder[LABEL];
    must_be_one(lock, site, "unlock");
    rfn_at(RF_RELEASE, lock, site);
    rfn_touched(RF_READ, lock, sizeof *lock);
    if (lock->__data.__cur_writer != 0 && !is_mine(lock)) {
        rfn_name_of((uint32_t)lock->__data.__cur_writer - 1, holder, sizeof holder);
        rfn_bug(RFN_BUG_MISUSE, site, "unlock of a read-write lock that %s holds", holder);
    }
    if (lock->__data.__cur_writer == 0 && lock->__data.__readers == 0) {
        rfn_bug(RFN_BUG_MISUSE, site, "unlock of a read-write lock that is not locked");
    }
    rfn_wrote(lock, sizeof *lock);
    if (lock->__data.__cur_writer != 0) {
        lock->__data.__cur_writer = 0;
    } else {
        lock->__data.__readers--;
    }
    rfn_changed(lock);
    return 0;
}
