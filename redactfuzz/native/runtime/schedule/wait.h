/* How models wait: deadlines, cancellation points, and queues of those who wait for a signal.
 *
 * A condition of point.h looks at one object. Where each waiting thread has a condition of its own (was I signalled?) the
 * object is its place in a queue: a record on its stack, linked to the program's object.
 *
 * Not modelled: spurious wakeups, and EINTR of other waits than those of semaphores, futexes and sleeps during which a signal
 * handler ran (they go on, as with SA_RESTART).
 */
#ifndef RFN_WAIT_H
#define RFN_WAIT_H

#include <stdint.h>
#include <time.h>

#include "schedule/fiber.h"
#include "schedule/point.h"

/* -- deadlines, in virtual nanoseconds, never RFN_FOREVER. Times that do not fit become the last one that does. */

/* NULL, or a number of nanoseconds that no timespec may hold: 0, and the caller gives EINVAL. */
int rfn_is_time(const struct timespec *time);
uint64_t rfn_deadline(const struct timespec *time);
uint64_t rfn_deadline_in(uint64_t nanoseconds);
/* A length of time, as far as it fits. */
uint64_t rfn_length(const struct timespec *time);

/* -- cancellation points */

typedef enum rfn_wake { RFN_WOKEN = 0, RFN_TIMED_OUT, RFN_CANCELLED, RFN_INTERRUPTED } rfn_wake;

/* rfn_when at a cancellation point. RFN_CANCELLED: nothing was waited for; the caller puts its own house in order and calls
 * rfn_cancellation_point. */
rfn_wake rfn_wait(const rfn_condition *can, const void *object, uint8_t kind, uintptr_t site, uint64_t deadline);

/* -- waits that end when a signal handler has run meanwhile: EINTR */

/* What an outer wait was, whose handler the thread may be in. */
typedef struct rfn_interruption {
    uint8_t interruptible, sleeps, interrupted;
} rfn_interruption;

rfn_interruption rfn_interruptible(int sleeps);
/* The end of it. Whether it was interrupted. */
int rfn_uninterruptible(rfn_interruption outer);
/* The same with a handler in between: RFN_INTERRUPTED. */
rfn_wake rfn_wait_interruptibly(const rfn_condition *can, const void *object, uint8_t kind, uintptr_t site, uint64_t deadline);
/* Whether one has run since the wait of the current thread began. */
int rfn_was_interrupted(void);

/* -- queues */

typedef struct rfn_waiter {
    struct rfn_waiter *next;
    const void *object; /* what it waits at, for those who describe it */
    uint32_t bits;      /* FUTEX_WAIT_BITSET */
    uint32_t woken;
    uint32_t able;      /* a signal may be its own: the first one who is scheduled takes it */
    uint32_t signals;   /* not taken yet, for this one and those before it: it was the last to wait when they were given */
    /* In memory that processes share no waiter of another can be known: who waits goes on when the word is not what it was. */
    const void *word;   /* NULL: it is in a queue of this process */
    uint32_t was;
} rfn_waiter;

/* Part of the program's object; all zero: empty. In memory that processes share `last` counts how often it was woken, and all who
 * wait go on then: POSIX allows it. */
typedef struct rfn_queue {
    rfn_waiter *first;
    rfn_waiter *last;
} rfn_queue;

/* What waits goes on when this word has changed, where processes share it. */
void rfn_waiter_watch(rfn_waiter *waiter, const void *word);
void rfn_queue_add(rfn_queue *queue, rfn_waiter *waiter);
void rfn_queue_remove(rfn_queue *queue, rfn_waiter *waiter);
/* Takes the one that has waited longest, and lets it go on. 0: there is none. */
int rfn_queue_wake(rfn_queue *queue);
/* One of those who wait now goes on, whichever the scheduler chooses. */
void rfn_queue_signal(rfn_queue *queue);
/* It goes on: a signal that was given is its own, and the others wait. Without a point since it was chosen. */
void rfn_queue_take(rfn_queue *queue, rfn_waiter *waiter);
/* The same of a list: of those from `first` on who wait at `object` each learns whether a signal may be its own. Where there are
 * as many signals as may take them these are woken, and the caller unlinks them. */
void rfn_waiters_settle(rfn_waiter *first, const void *object);
/* Uses up the signal that is the waiter's own, if there is one. */
void rfn_waiter_takes(rfn_waiter *waiter);
int rfn_is_woken(const void *waiter);
/* Its place in a queue, of a condition variable or a barrier. */
extern const rfn_condition rfn_waits_in_queue;
/* The object that a waiter waits at: `place` of such a condition. */
const void *rfn_waiter_place(const void *waiter);
/* Those in it are threads that wait at `object`; bytes that were never initialised are not. */
int rfn_queue_is_sound(const rfn_queue *queue, const void *object);

#endif
