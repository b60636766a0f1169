/* Signals that somebody sends: to whom they go, and when they are delivered. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/parts.h"
#include "models/signals/receiver.h"
#include "models/signals/signals.h"
#include "schedule/above.h"
#include "schedule/point.h"
#include "schedule/parking.h"
#include "state/dispositions.h"
#include "state/fibers.h"
#include "state/run.h"

static RFN_STATE uint16_t queued[RFN_SIGNALS + 1]; /* real-time signals that were sent again while they were pending: signal(7) */

/* Of the kernel's; libc keeps the first two for itself, and SIGRTMIN is a call. */
enum { FIRST_REAL_TIME = 32, QUEUE = 64 };

/* What comes with a signal: the kernel keeps it until the signal is taken, and no dump shows it. */
typedef struct sent {
    union sigval value;
    int has; /* by sigqueue */
} sent;

static RFN_STATE struct {
    sent waiting[QUEUE]; /* of those that are pending, in their order */
    uint16_t count;
    sent taken;          /* of the one that strikes */
} of_signal[RFN_SIGNALS + 1];
static RFN_STATE sent coming; /* with the one that is being sent */
static RFN_STATE int used;    /* any of that, in this execution */

int rfn_sent_with(int number, union sigval *value)
{
    sent taken = of_signal[number].taken;
    of_signal[number].taken.has = 0;
    *value = taken.value;
    return taken.has;
}

static void strikes(int number)
{
    of_signal[number].taken = coming;
}

static void pend(uint64_t *set, int number)
{
    int again = (*set & rfn_bit(number)) != 0;
    used = 1;
    if ((!again || number >= FIRST_REAL_TIME) && of_signal[number].count < QUEUE) {
        of_signal[number].waiting[of_signal[number].count++] = coming;
    }
    queued[number] = (uint16_t)(queued[number] + (again && number >= FIRST_REAL_TIME));
    *set |= rfn_bit(number);
}

void rfn_forget_pending(void)
{
    rfn_pending = 0;
    if (used) {
        memset(queued, 0, sizeof queued);
        memset(of_signal, 0, sizeof of_signal);
        memset(&coming, 0, sizeof coming);
        used = 0;
    }
}

static rfn_fiber *decide_raise(void *argument)
{
    rfn_fiber *fiber = rfn_current;
    int number = (int)(intptr_t)argument;
    if (fiber->blocked & rfn_bit(number)) {
        pend(&fiber->pending, number);
        return fiber;
    }
    strikes(number);
    return rfn_deliver_signal(fiber, number, number == SIGABRT ? 2 : 0);
}

void rfn_raise(int number, uintptr_t site)
{
    rfn_send(rfn_current, number, site);
}

static rfn_fiber *decide_pending(void *argument)
{
    rfn_fiber *fiber = rfn_current;
    uint64_t ready = (fiber->pending | rfn_pending) & ~fiber->blocked;
    int number = ready ? __builtin_ctzll(ready) + 1 : 0;
    (void)argument;
    if (number == 0) {
        return fiber;
    }
    rfn_take(fiber, number);
    return rfn_deliver_signal(fiber, number, 0);
}

void rfn_deliver_pending(void)
{
    while (rfn_has_signal(rfn_current)) {
        rfn_leave(decide_pending, NULL);
    }
}

int rfn_has_signal(const void *object)
{
    const rfn_fiber *fiber = object;
    return ((fiber->pending | rfn_pending) & ~fiber->blocked) != 0;
}

static int has_awaited(const void *object)
{
    const rfn_fiber *fiber = object;
    return ((fiber->pending | rfn_pending) & fiber->awaited) != 0;
}

const rfn_condition rfn_any_signal = {
    .can = rfn_has_signal,
    .name = "a signal",
    .is_from_outside = rfn_always,
    .flags = RFN_ENDED_BY_FAMILY | RFN_LOOKS_AGAIN,
};
const rfn_condition rfn_awaited_signal = {
    .can = has_awaited, .name = "a signal", .is_from_outside = rfn_always, .flags = RFN_ENDED_BY_FAMILY};

void rfn_take(rfn_fiber *fiber, int number)
{
    of_signal[number].taken = of_signal[number].waiting[0];
    if (of_signal[number].count == 0) {
        of_signal[number].taken.has = 0;
    } else {
        of_signal[number].count--;
        memmove(of_signal[number].waiting, of_signal[number].waiting + 1, of_signal[number].count * sizeof(sent));
    }
    if (queued[number] > 0) {
        queued[number]--;
    } else if (fiber->pending & rfn_bit(number)) {
        fiber->pending &= ~rfn_bit(number);
    } else {
        rfn_pending &= ~rfn_bit(number);
    }
}

typedef struct sending {
    rfn_fiber *fiber;
    int number;
} sending;

/* The target's handler is made ready; it runs when the target has its turn. */
static rfn_fiber *decide_send(void *argument)
{
    const sending *what = argument;
    rfn_fiber *target = what->fiber;
    rfn_fiber *self = rfn_current;
    rfn_fiber *next;
    uint8_t depth = target->in_handler;
    if (target->life != RFN_ALIVE) { /* it has ended since it was looked for */
        return self;
    }
    if (target->can == &rfn_any_signal || target->can == &rfn_awaited_signal) { /* it goes on, and sees to it itself */
        const rfn_condition *can = target->can;
        int awaited = can == &rfn_awaited_signal && (target->awaited & rfn_bit(what->number));
        if (awaited || (can == &rfn_any_signal && !(target->blocked & rfn_bit(what->number)))) {
            pend(&target->pending, what->number);
            rfn_unpark(target);
            target->can = can;
            rfn_announce(target);
            return self;
        }
    }
    if (target->blocked & rfn_bit(what->number)) {
        pend(&target->pending, what->number);
        return self;
    }
    strikes(what->number);
    next = rfn_deliver_signal(target, what->number, 0);
    if (next != target || target->in_handler == depth) {
        return next == target ? self : next;
    }
    target->called = rfn_turns;
    target->event.kind = RF_SIGNAL;
    target->event.flags = 0;
    target->event.object = RF_OBJECT_UNKNOWN;
    rfn_announce(target);
    return self;
}

/* Who gets a signal for the process, as Linux has it: the main thread, another that does not block it, one that awaits it;
 * NULL: nobody yet. Where one is on its way to that thread already see receiver.c. */
static rfn_fiber *receiver(int number)
{
    rfn_fiber *waits = NULL;
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life != RFN_ALIVE) {
            continue;
        }
        if (!(fiber->blocked & rfn_bit(number))) {
            return fiber;
        }
        if (waits == NULL && fiber->can == &rfn_awaited_signal && (fiber->awaited & rfn_bit(number))) {
            waits = fiber;
        }
    }
    return waits;
}

int rfn_signal_comes(int number)
{
    sending what = {receiver(number), number};
    coming.has = 0;
    rfn_by_kill |= rfn_bit(number);
    if (what.fiber == NULL) {
        pend(&rfn_pending, number);
        return 1;
    }
    if (!what.fiber->parked) { /* it sees to it when its call returns */
        pend(&what.fiber->pending, number);
        return 1;
    }
    return decide_send(&what) != NULL;
}

static void send_with(rfn_fiber *fiber, int number, sent with, uintptr_t site)
{
    sending what = {fiber, number};
    if (fiber == NULL) {
        what.fiber = rfn_receiver_chosen(receiver(number), number, site);
    }
    coming = with; /* points lie behind */
    used |= with.has;
    rfn_by_kill = fiber == NULL ? rfn_by_kill | rfn_bit(number) : rfn_by_kill & ~rfn_bit(number);
    if (what.fiber == NULL) { /* until somebody does not block it any more, or asks for it */
        pend(&rfn_pending, number);
    } else if (what.fiber == rfn_current) {
        rfn_leave(decide_raise, (void *)(intptr_t)number);
    } else {
        rfn_leave(decide_send, &what);
    }
}

void rfn_send(rfn_fiber *fiber, int number, uintptr_t site)
{
    rfn_at(RF_SIGNAL, NULL, site);
    send_with(fiber, number, (sent){.has = 0}, site);
}

int rfn_send_value(rfn_fiber *fiber, int number, union sigval value, uintptr_t site)
{
    rfn_at(RF_SIGNAL, NULL, site);
    if (of_signal[number].count == QUEUE) {
        errno = EAGAIN;
        return -1;
    }
    send_with(fiber, number, (sent){.value = value, .has = 1}, site);
    return 0;
}

static void begins(void)
{
    rfn_above.deliver_pending = rfn_deliver_pending;
    rfn_above.send = rfn_send;
}

RFN_PART(RFN_ON_MODELS_SIGNALS, sending, .begins = begins);
