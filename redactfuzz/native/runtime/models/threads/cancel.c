/* Cancellation. It is acted on at cancellation points: the blocking models, sleeps, pthread_testcancel. A thread of the
 * asynchronous type is interrupted wherever it is, as in glibc by a signal that nobody else uses. */
#include <errno.h>
#include <pthread.h>

#include "memory/memory.h"
#include "memory/touched.h"
#include "models/threads/leaving.h"
#include "models/threads/sync.h"
#include "processor/machine.h"
#include "schedule/above.h"
#include "schedule/point.h"
#include "state/control.h"
#include "state/dispositions.h"

static const rfn_condition always = {.can = rfn_always, .place = rfn_itself};

static int is_due(const rfn_fiber *fiber)
{
    return fiber->cancel && !fiber->cancel_disabled && !rfn_control_of(fiber)->leaving;
}

void rfn_cancellation_point(uintptr_t site)
{
    (void)site;
    if (rfn_current != NULL && is_due(rfn_current)) {
        rfn_thread_leaves(PTHREAD_CANCELED);
    }
}

static void at_once_if_asynchronous(void)
{
    if (rfn_current != NULL && rfn_control_of(rfn_current)->asynchronous && is_due(rfn_current)) {
        rfn_thread_leaves(PTHREAD_CANCELED);
    }
}

/* Its handler, on the thread that was cancelled. */
static void leaves_at_once(int number, siginfo_t *info, void *context)
{
    rfn_fiber *fiber = rfn_current;
    (void)number;
    (void)info;
    (void)context;
    if (rfn_control_of(fiber)->asynchronous && is_due(fiber)) {
        rfn_handlers_left(fiber, (uint8_t)(fiber->in_handler - 1));
        rfn_thread_leaves(PTHREAD_CANCELED);
    }
}

const struct sigaction rfn_cancel_action = {.sa_sigaction = leaves_at_once, .sa_flags = SA_SIGINFO | SA_RESTART};

int model_pthread_cancel(pthread_t handle)
{
    uintptr_t site = SITE();
    rfn_fiber *fiber = rfn_fiber_of(handle);
    rfn_control *control = rfn_control_of(fiber);
    if (fiber == NULL) {
        return ESRCH;
    }
    rfn_at(RF_SIGNAL, control, site);
    rfn_touched_all(); /* the other thread looks at it wherever it waits */
    if (fiber->life != RFN_ALIVE) {
        return 0;
    }
    fiber->cancel = 1;
    if (fiber == rfn_current) {
        at_once_if_asynchronous();
        return 0;
    }
    if (!is_due(fiber)) {
        return 0;
    }
    if (control->cancellable == fiber->in_handler + 1 && fiber->parked && fiber->can != NULL) {
        /* It is parked at a cancellation point: whatever it waits for, it can go on. */
        fiber->can = &always;
        rfn_changed(fiber->object);
    } else if (control->asynchronous) {
        fiber->blocked &= ~rfn_bit(RFN_CANCELS);
        rfn_above.send(fiber, RFN_CANCELS, site);
    }
    return 0;
}

int model_pthread_setcancelstate(int state, int *old)
{
    if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) {
        return EINVAL;
    }
    if (rfn_current == NULL) {
        return 0;
    }
    if (old != NULL) {
        rfn_wrote(old, sizeof *old);
        *old = rfn_current->cancel_disabled ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE;
    }
    rfn_current->cancel_disabled = state == PTHREAD_CANCEL_DISABLE;
    at_once_if_asynchronous();
    return 0;
}

int model_pthread_setcanceltype(int type, int *old)
{
    rfn_control *control = rfn_control_of(rfn_current);
    if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS) {
        return EINVAL;
    }
    if (old != NULL) {
        rfn_wrote(old, sizeof *old);
        *old = control->asynchronous ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED;
    }
    control->asynchronous = type == PTHREAD_CANCEL_ASYNCHRONOUS;
    at_once_if_asynchronous();
    return 0;
}

void model_pthread_testcancel(void)
{
    uintptr_t site = SITE();
    if (rfn_current != NULL) {
        /* As a read: a loop of it waits for somebody. */
        rfn_at_atomic(RF_READ, rfn_control_of(rfn_current), 1, site, 0);
        rfn_cancellation_point(site);
    }
}
