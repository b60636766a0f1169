#include "models/locks/futex.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>

#include "base/parts.h"
#include "memory/memory.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "schedule/wait.h"

/* Who waits at any word, those who came first in front. A word has no room for a queue of its own. */
static RFN_STATE rfn_waiter *waiting;

static void reset(void)
{
    waiting = NULL;
}

static void unlink_from_list(rfn_waiter *waiter)
{
    rfn_waiter *before = NULL; /* at the same word */
    for (rfn_waiter **at = &waiting; *at != NULL; at = &(*at)->next) {
        if (*at == waiter) {
            *at = waiter->next;
            if (before != NULL) {
                before->signals += waiter->signals; /* they are for the others */
            }
            return;
        }
        before = (*at)->object == waiter->object ? *at : before;
    }
}

/* Those who wait at the word: who goes on is not chosen any more, or may still be. */
static void settle(const void *word)
{
    rfn_waiter *next;
    rfn_waiters_settle(waiting, word);
    for (rfn_waiter *waiter = waiting; waiter != NULL; waiter = next) {
        next = waiter->next;
        if (waiter->object == word && waiter->woken) {
            unlink_from_list(waiter);
        }
    }
}

static void leave(rfn_waiter *waiter)
{
    unlink_from_list(waiter);
    settle(waiter->object);
}

static void join(rfn_waiter *waiter)
{
    rfn_waiter **at = &waiting;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    waiter->next = NULL;
    *at = waiter;
}

static const rfn_condition is_changed = {
    .can = rfn_is_woken,
    .name = "a change of a futex",
    .place = rfn_waiter_place,
    .flags = RFN_ENDED_BY_HANDLER | RFN_LOOKS_AGAIN,
};

int rfn_futex_wait(uint32_t *word, uint32_t value, uint32_t bits, uintptr_t site, uint64_t deadline)
{
    rfn_waiter waiter = {.object = word, .bits = bits};
    rfn_at(RF_ACQUIRE, word, site);
    if (*(volatile uint32_t *)word != value) {
        return EAGAIN;
    }
    join(&waiter);
    rfn_waiter_watch(&waiter, word);
    while (!rfn_is_woken(&waiter) && rfn_current != NULL) {
        rfn_turn turn = rfn_when(&is_changed, &waiter, RF_WAIT, site, deadline);
        if (!rfn_is_woken(&waiter) && (turn == RFN_EXPIRED || rfn_was_interrupted())) {
            leave(&waiter);
            return turn == RFN_EXPIRED ? ETIMEDOUT : EINTR;
        }
    }
    if (!waiter.woken) {
        rfn_waiter_takes(&waiter);
        leave(&waiter);
    }
    return 0;
}

/* Those who have waited longest, as Linux does: where it cannot be left to the scheduler. */
static long wake_oldest(const void *word, uint32_t most, uint32_t bits)
{
    long woken = 0;
    rfn_waiter *next;
    for (rfn_waiter *waiter = waiting; waiter != NULL && (uint32_t)woken < most; waiter = next) {
        next = waiter->next;
        if (waiter->object == word && (waiter->bits & bits) != 0) {
            unlink_from_list(waiter);
            waiter->woken = 1;
            rfn_changed(waiter);
            woken++;
        }
    }
    settle(word);
    return woken;
}

/* Whichever the scheduler chooses: futex(2) promises no order. */
static long wake_any(const void *word, uint32_t most)
{
    uint32_t idle = 0; /* who wait, without those for whom a signal is there */
    rfn_waiter *last = NULL;
    for (rfn_waiter *waiter = waiting; waiter != NULL; waiter = waiter->next) {
        if (waiter->object == word) {
            idle = idle + 1 - waiter->signals;
            last = waiter;
        }
    }
    most = most < idle ? most : idle;
    if (most > 0) {
        last->signals += most;
        settle(word);
    }
    return most;
}

long rfn_futex_wake(uint32_t *word, uint32_t most, uint32_t bits, uintptr_t site)
{
    rfn_at(RF_SIGNAL, word, site);
    return bits == FUTEX_BITSET_MATCH_ANY ? wake_any(word, most) : wake_oldest(word, most, bits);
}

/* Signals that nobody has taken yet are those' who have waited longest. */
static void hand_out(const void *word)
{
    uint32_t signals = 0;
    for (rfn_waiter *waiter = waiting; waiter != NULL; waiter = waiter->next) {
        if (waiter->object == word) {
            signals += waiter->signals;
            waiter->signals = 0;
        }
    }
    wake_oldest(word, signals, FUTEX_BITSET_MATCH_ANY);
}

static long requeue(uint32_t *word, uint32_t wake, uint32_t move, uint32_t *second, uintptr_t site)
{
    long moved;
    rfn_at(RF_SIGNAL, word, site);
    hand_out(word); /* who is moved follows from who is not woken */
    moved = wake_oldest(word, wake, FUTEX_BITSET_MATCH_ANY);
    for (rfn_waiter *waiter = waiting; waiter != NULL && move > 0; waiter = waiter->next) {
        if (waiter->object == word) {
            waiter->object = second;
            moved++;
            move--;
        }
    }
    return moved;
}

static long result_of(int error)
{
    if (error == 0) {
        return 0;
    }
    errno = error;
    return -1;
}

static int waited(uint32_t *word, uint32_t value, uint32_t bits, uintptr_t site, uint64_t deadline)
{
    rfn_interruption outer = rfn_interruptible(0);
    int error = rfn_futex_wait(word, value, bits, site, deadline);
    rfn_uninterruptible(outer);
    return error;
}

long rfn_futex(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout, uint32_t *second,
               uint32_t value3, uintptr_t site)
{
    int command = operation & FUTEX_CMD_MASK;
    uint64_t deadline = RFN_FOREVER;
    if (timeout != NULL && (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET)) {
        if (!rfn_is_time(timeout)) {
            return result_of(EINVAL);
        }
        deadline = command == FUTEX_WAIT ? rfn_deadline_in(rfn_length(timeout)) : rfn_deadline(timeout);
    }
    switch (command) {
    case FUTEX_WAIT:
        return result_of(waited(word, value, FUTEX_BITSET_MATCH_ANY, site, deadline));
    case FUTEX_WAIT_BITSET:
        return value3 == 0 ? result_of(EINVAL) : result_of(waited(word, value, value3, site, deadline));
    case FUTEX_WAKE:
        return rfn_futex_wake(word, value, FUTEX_BITSET_MATCH_ANY, site);
    case FUTEX_WAKE_BITSET:
        return value3 == 0 ? result_of(EINVAL) : rfn_futex_wake(word, value, value3, site);
    case FUTEX_CMP_REQUEUE:
        if (*(volatile uint32_t *)word != value3) {
            return result_of(EAGAIN);
        }
        /* fall through */
    case FUTEX_REQUEUE:
        return requeue(word, value, (uint32_t)(uintptr_t)timeout, second, site);
    default:
        return result_of(ENOSYS);
    }
}

RFN_PART(RFN_ON_MODELS_LOCKS, futex, .reset = reset);
