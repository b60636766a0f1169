#include "models/files/file_locks.h"

#include <errno.h>
#include <string.h>

#include "base/hidden.h"
#include "base/parts.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/self.h"

enum { LOCKS = 256 };

static struct locks {
    rfn_file_lock lock[LOCKS];
    uint32_t used; /* those in use are below */
} *locks;

static void reset(void)
{
    if (locks == NULL) {
        locks = rfn_hidden_shared(sizeof *locks);
    }
    if (locks->used > 0) {
        memset(locks->lock, 0, locks->used * sizeof locks->lock[0]);
        locks->used = 0;
    }
}

void rfn_file_locks_apart(void) { rfn_hidden_apart(locks, sizeof *locks); }

/* No description lies at an odd address. */
uintptr_t rfn_process_owns(void) { return 2 * (uintptr_t)rfn_child() + 1; }
uintptr_t rfn_open_owns(const rfn_open *open) { return (uintptr_t)open; }
pid_t rfn_process_of(const rfn_file_lock *lock) { return lock->owner % 2 ? RFN_PID + (pid_t)(lock->owner / 2) : -1; }

static int overlaps(const rfn_file_lock *one, const rfn_file_lock *other)
{
    return one->kind == other->kind && one->file == other->file && one->from < other->to && other->from < one->to;
}

const rfn_file_lock *rfn_file_lock_against(const rfn_file_lock *wanted)
{
    for (uint32_t i = 0; i < locks->used; i++) {
        const rfn_file_lock *lock = &locks->lock[i];
        if (overlaps(lock, wanted) && lock->owner != wanted->owner && (lock->alone || wanted->alone)) {
            return lock;
        }
    }
    return NULL;
}

int rfn_file_locks_any(void) { return locks->used > 0; }

static int is_free(const void *wanted) { return rfn_file_lock_against(wanted) == NULL; }

static const rfn_condition free_lock = {
    .can = is_free, .name = "a lock of a file", .flags = RFN_ENDED_BY_FAMILY | RFN_LOOKS_AGAIN};

/* Everybody who waits for one looks again. */
static void changed(void)
{
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        if (rfn_fibers[i].can == &free_lock) {
            rfn_changed(rfn_fibers[i].object);
        }
    }
}

static int add(const rfn_file_lock *lock)
{
    uint32_t i = 0;
    while (i < locks->used && locks->lock[i].kind != 0) {
        i++;
    }
    if (i == LOCKS) {
        errno = ENOLCK;
        return -1;
    }
    locks->used = i == locks->used ? i + 1 : locks->used;
    locks->lock[i] = *lock;
    return 0;
}

int rfn_file_lock_drop(const rfn_file_lock *part)
{
    int done = 0;
    for (uint32_t i = 0; i < locks->used; i++) {
        rfn_file_lock *lock = &locks->lock[i], behind = *lock;
        if (!overlaps(lock, part) || lock->owner != part->owner) {
            continue;
        }
        behind.from = part->to;
        if (lock->from < part->from) {
            lock->to = part->from;
        } else {
            lock->kind = 0;
        }
        if (behind.from < behind.to) {
            done = add(&behind);
        }
    }
    changed();
    return done;
}

int rfn_file_lock_take(const rfn_file_lock *wanted)
{
    return rfn_file_lock_drop(wanted) == 0 && add(wanted) == 0 ? 0 : -1;
}

void rfn_file_locks_end(uintptr_t owner, const rfn_file *file)
{
    for (uint32_t i = 0; i < locks->used; i++) {
        if (locks->lock[i].owner == owner && (file == NULL || locks->lock[i].file == file)) {
            locks->lock[i].kind = 0;
        }
    }
    changed();
}

int rfn_file_lock_await(const rfn_file_lock *wanted, uintptr_t site)
{
    while (rfn_file_lock_against(wanted) != NULL) {
        switch (rfn_wait_interruptibly(&free_lock, wanted, RF_ACQUIRE, site, RFN_FOREVER)) {
        case RFN_CANCELLED:
            rfn_cancellation_point(site);
            break;
        case RFN_INTERRUPTED:
            errno = EINTR;
            return -1;
        default:
            break;
        }
    }
    return rfn_file_lock_take(wanted);
}

RFN_PART(RFN_ON_MODELS_FILES, file_locks, .begins = reset, .reset = reset);
