/* Spin locks: 0 is free, else 1 + number of the thread. Who waits is blocked, not spinning: nothing distinguishes the two,
 * but for a deadlock, which is found at once. */
#include <errno.h>
#include <pthread.h>

#include "memory/memory.h"
#include "models/threads/sync.h"
#include "schedule/describe.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "state/control.h"
#include "state/outcome.h"

enum { LABEL = 24 };

static int is_free(const void *object)
{
    return *(const volatile pthread_spinlock_t *)object == 0;
}

static uint32_t holder(const void *object)
{
    int mark = *(const volatile pthread_spinlock_t *)object;
    return mark > 0 ? (uint32_t)mark - 1 : RFN_THREADS;
}

static const rfn_condition free_lock = {.can = is_free, .name = "a spin lock", .holder = holder, .place = rfn_itself};

static void set(pthread_spinlock_t *lock, int owner)
{
    rfn_wrote((const void *)lock, sizeof *lock);
    *lock = owner;
    rfn_changed((const void *)lock);
}

static const void *object_of(pthread_spinlock_t *lock)
{
    return (const void *)lock;
}

int model_pthread_spin_init(pthread_spinlock_t *lock, int shared)
{
    (void)shared;
    rfn_at_range(RF_WRITE, object_of(lock), sizeof *lock, SITE());
    set(lock, 0);
    return 0;
}

int model_pthread_spin_destroy(pthread_spinlock_t *lock)
{
    uintptr_t site = SITE();
    rfn_at(RF_RMW, object_of(lock), site);
    if (*lock != 0) {
        rfn_bug(RFN_BUG_MISUSE, site, "destroy of a spin lock that is held");
    }
    return 0;
}

int model_pthread_spin_lock(pthread_spinlock_t *lock)
{
    uintptr_t site = SITE();
    do {
        rfn_when(&free_lock, object_of(lock), RF_ACQUIRE, site, RFN_FOREVER);
    } while (*lock != 0 && rfn_current != NULL);
    set(lock, rfn_owner_mark());
    return 0;
}

int model_pthread_spin_trylock(pthread_spinlock_t *lock)
{
    rfn_at(RF_ACQUIRE, object_of(lock), SITE());
    if (*lock != 0) {
        return EBUSY;
    }
    set(lock, rfn_owner_mark());
    return 0;
}

int model_pthread_spin_unlock(pthread_spinlock_t *lock)
{
    uintptr_t site = SITE();
    char holder[LABEL];
    rfn_at(RF_RELEASE, object_of(lock), site);
    if (*lock == 0) {
        rfn_bug(RFN_BUG_MISUSE, site, "unlock of a spin lock that is not locked");
    }
    if (*lock != rfn_owner_mark()) {
        rfn_name_of((uint32_t)*lock - 1, holder, sizeof holder);
        rfn_bug(RFN_BUG_MISUSE, site, "unlock of a spin lock that %s holds", holder);
    }
    set(lock, 0);
    return 0;
}
