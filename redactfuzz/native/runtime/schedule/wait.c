#include "schedule/wait.h"

#include "mappings/maps.h"
#include "memory/memory.h"
#include "processor/aside.h"
#include "schedule/parking.h"
#include "state/control.h"
#include "state/now.h"

static const uint64_t SECOND = UINT64_C(1000000000);

int rfn_is_time(const struct timespec *time)
{
    return time != NULL && time->tv_nsec >= 0 && time->tv_nsec < 1000000000;
}

uint64_t rfn_length(const struct timespec *time)
{
    if (time->tv_sec < 0) {
        return 0;
    }
    if ((uint64_t)time->tv_sec >= UINT64_MAX / SECOND - 1) {
        return UINT64_MAX;
    }
    return rfn_nanoseconds(time);
}

uint64_t rfn_deadline(const struct timespec *time)
{
    uint64_t length = rfn_length(time);
    return length == RFN_FOREVER ? 1 : length;
}

uint64_t rfn_deadline_in(uint64_t nanoseconds)
{
    return nanoseconds > UINT64_MAX - rfn_now ? UINT64_MAX : rfn_now + nanoseconds;
}

rfn_wake rfn_wait(const rfn_condition *can, const void *object, uint8_t kind, uintptr_t site, uint64_t deadline)
{
    rfn_control *control = rfn_control_of(rfn_current);
    uint8_t outer = control->cancellable;
    rfn_turn turn;
    if (rfn_current == NULL) {
        return RFN_WOKEN;
    }
    if (rfn_current->cancel && !rfn_current->cancel_disabled && !control->leaving) {
        return RFN_CANCELLED;
    }
    control->cancellable = rfn_current->in_handler + 1;
    do {
        turn = rfn_when(can, object, kind, site, deadline);
        if (rfn_was_interrupted()) {
            control->cancellable = outer;
            return RFN_INTERRUPTED;
        }
        if (rfn_current->cancel && !rfn_current->cancel_disabled && !control->leaving) {
            control->cancellable = outer;
            return RFN_CANCELLED;
        }
        /* A signal handler that ran meanwhile may have taken what was there. */
    } while (turn == RFN_GO && !can->can(object));
    control->cancellable = outer;
    return turn == RFN_EXPIRED && !can->can(object) ? RFN_TIMED_OUT : RFN_WOKEN;
}

rfn_interruption rfn_interruptible(int sleeps)
{
    rfn_control *control = rfn_control_of(rfn_current);
    rfn_interruption outer = {control->interruptible, control->sleeps, control->interrupted};
    control->interruptible = rfn_current == NULL ? 0 : rfn_current->in_handler + 1;
    control->sleeps = sleeps != 0;
    control->interrupted = 0;
    return outer;
}

int rfn_uninterruptible(rfn_interruption outer)
{
    rfn_control *control = rfn_control_of(rfn_current);
    int interrupted = control->interrupted;
    control->interruptible = outer.interruptible;
    control->sleeps = outer.sleeps;
    control->interrupted = outer.interrupted;
    return interrupted;
}

int rfn_was_interrupted(void)
{
    const rfn_control *control = rfn_control_of(rfn_current);
    return rfn_current != NULL && control->interrupted && control->interruptible == rfn_current->in_handler + 1;
}

rfn_wake rfn_wait_interruptibly(const rfn_condition *can, const void *object, uint8_t kind, uintptr_t site, uint64_t deadline)
{
    rfn_interruption outer = rfn_interruptible(0);
    rfn_wake wake = rfn_wait(can, object, kind, site, deadline);
    rfn_uninterruptible(outer);
    return wake;
}

void rfn_waiter_watch(rfn_waiter *waiter, const void *word)
{
    waiter->word = rfn_maps_shares((uintptr_t)word) ? word : NULL;
    waiter->was = waiter->word != NULL ? *(const volatile uint32_t *)word : 0;
}

void rfn_queue_add(rfn_queue *queue, rfn_waiter *waiter)
{
    waiter->next = NULL;
    waiter->woken = waiter->able = waiter->signals = 0;
    rfn_waiter_watch(waiter, &queue->last);
    if (waiter->word != NULL) {
        return;
    }
    rfn_wrote(queue, sizeof *queue);
    if (queue->first == NULL) {
        queue->first = waiter;
    } else {
        queue->last->next = waiter;
    }
    queue->last = waiter;
}

void rfn_waiters_settle(rfn_waiter *first, const void *object)
{
    uint32_t waiting = 0, signals = 0;
    rfn_waiter *from = first, *last = NULL;
    for (rfn_waiter *at = first; at != NULL; at = at->next) {
        if (at->object != object) {
            continue;
        }
        waiting++;
        signals += at->signals;
        last = at->signals > 0 ? at : last;
        if (signals == waiting) {
            for (; from != at->next; from = from->next) {
                if (from->object == object) {
                    from->woken = 1;
                    from->signals = 0;
                    rfn_changed(from);
                }
            }
            waiting = signals = 0;
            last = NULL;
        }
    }
    for (; from != NULL; from = from->next) { /* what was given later is for those before it as well */
        if (from->object == object && from->able != (last != NULL)) {
            from->able = last != NULL;
            rfn_changed(from);
        }
        last = from == last ? NULL : last;
    }
}

void rfn_waiter_takes(rfn_waiter *waiter)
{
    for (rfn_waiter *at = waiter; at != NULL; at = at->next) { /* the oldest: those behind have the others for themselves */
        if (at->object == waiter->object && at->signals > 0) {
            at->signals--;
            return;
        }
    }
}

static void settle(rfn_queue *queue)
{
    if (queue->first == NULL) {
        return;
    }
    rfn_waiters_settle(queue->first, queue->first->object);
    rfn_wrote(queue, sizeof *queue);
    while (queue->first != NULL && queue->first->woken) {
        queue->first = queue->first->next;
    }
    queue->last = queue->first == NULL ? NULL : queue->last;
}

void rfn_queue_remove(rfn_queue *queue, rfn_waiter *waiter)
{
    rfn_waiter *before = NULL;
    rfn_waiter *at = queue->first;
    while (at != NULL && at != waiter) {
        before = at;
        at = at->next;
    }
    if (at == NULL) {
        return;
    }
    rfn_wrote(queue, sizeof *queue);
    if (before == NULL) {
        queue->first = at->next;
    } else {
        before->next = at->next;
        before->signals += at->signals; /* they are for the others */
    }
    if (queue->last == at) {
        queue->last = before;
    }
    settle(queue);
}

int rfn_queue_wake(rfn_queue *queue)
{
    rfn_waiter *waiter = queue->first;
    if (rfn_maps_shares((uintptr_t)queue)) {
        rfn_wrote(queue, sizeof *queue);
        queue->last = (rfn_waiter *)((uintptr_t)queue->last + 1);
        if (rfn_current != NULL) {
            rfn_leave(rfn_recheck_all, rfn_current);
        }
        return 0;
    }
    if (waiter == NULL) {
        return 0;
    }
    rfn_wrote(queue, sizeof *queue);
    queue->first = waiter->next;
    if (queue->first == NULL) {
        queue->last = NULL;
    }
    waiter->woken = 1;
    rfn_changed(waiter);
    return 1;
}

void rfn_queue_signal(rfn_queue *queue)
{
    if (queue->first == NULL || rfn_maps_shares((uintptr_t)queue)) {
        rfn_queue_wake(queue);
        return;
    }
    queue->last->signals++;
    settle(queue);
}

void rfn_queue_take(rfn_queue *queue, rfn_waiter *waiter)
{
    if (!waiter->woken && waiter->word == NULL) {
        rfn_waiter_takes(waiter);
        rfn_queue_remove(queue, waiter);
    }
}

static int is_waiter(const rfn_waiter *waiter, const void *object)
{
    uintptr_t at = (uintptr_t)waiter;
    const rfn_fiber *fiber;
    if (at - RFN_ASIDE < RFN_THREADS * (uintptr_t)RFN_ASIDE_SIZE) { /* of a model that runs aside */
        uintptr_t number = (at - RFN_ASIDE) / RFN_ASIDE_SIZE;
        return at % _Alignof(rfn_waiter) == 0 && number < rfn_fiber_count && rfn_fibers[number].life == RFN_ALIVE
               && waiter->object == object;
    }
    fiber = at % _Alignof(rfn_waiter) == 0 ? rfn_fiber_at(at) : NULL;
    return fiber != NULL && fiber->life == RFN_ALIVE && at >= fiber->low && at < fiber->top && waiter->object == object;
}

int rfn_queue_is_sound(const rfn_queue *queue, const void *object)
{
    return queue->first == NULL || rfn_maps_shares((uintptr_t)queue)
           || (is_waiter(queue->first, object) && is_waiter(queue->last, object));
}

int rfn_is_woken(const void *object)
{
    const rfn_waiter *waiter = object;
    return waiter->woken != 0 || waiter->able != 0 || (waiter->word != NULL && *(const volatile uint32_t *)waiter->word != waiter->was);
}

const void *rfn_waiter_place(const void *object) { return ((const rfn_waiter *)object)->object; }

const rfn_condition rfn_waits_in_queue = {
    .can = rfn_is_woken,
    .name = "a signal (condition variable, barrier or futex)",
    .place = rfn_waiter_place,
    .flags = RFN_ENDED_BY_HANDLER | RFN_LOOKS_AGAIN,
};
