#include "schedule/parking.h"

#include "base/parts.h"
#include "memory/touched.h"
#include "schedule/point.h"
#include "state/now.h"
#include "state/run.h"

enum { BUCKETS = 64 /* of objects that somebody is parked at */ };

static RFN_STATE rfn_fiber *buckets[BUCKETS];

void rfn_nobody_parked(void)
{
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life != RFN_UNUSED && fiber->can != NULL) {
            buckets[((uintptr_t)fiber->object >> 3) % BUCKETS] = NULL;
        }
    }
}

static void enlist(rfn_fiber *fiber)
{
    rfn_fiber **bucket = &buckets[((uintptr_t)fiber->object >> 3) % BUCKETS];
    fiber->next = *bucket;
    *bucket = fiber;
}

static void delist(rfn_fiber *fiber)
{
    rfn_fiber **at = &buckets[((uintptr_t)fiber->object >> 3) % BUCKETS];
    while (*at != fiber) {
        at = &(*at)->next;
    }
    *at = fiber->next;
}

void rfn_announce(rfn_fiber *fiber)
{
    int can = fiber->can == NULL || fiber->can->can(fiber->object);
    fiber->parked = 1;
    if (fiber->can != NULL) {
        enlist(fiber);
    }
    if (can) {
        fiber->enabled = 1;
        rfn.enabled++;
        rf_pend(rfn.core, fiber->number, &fiber->event);
    } else {
        fiber->enabled = 0;
        rfn.timed += (fiber->event.flags & RF_TIMED) != 0;
        rf_block(rfn.core, fiber->number, fiber->event.object, &fiber->event);
    }
}

void rfn_unpark(rfn_fiber *fiber)
{
    if (!fiber->parked) {
        return;
    }
    if (fiber->can != NULL) {
        delist(fiber);
        fiber->can = NULL;
    }
    if (fiber->enabled) {
        rfn.enabled--;
    } else {
        rfn.timed -= (fiber->event.flags & RF_TIMED) != 0;
    }
    fiber->parked = 0;
    fiber->enabled = 0;
}

rfn_fiber *rfn_recheck_waiters(void *argument)
{
    const void *object = argument;
    rfn_fiber *next;
    rfn_reached(rfn_current);
    rfn_touches_told();
    for (rfn_fiber *fiber = buckets[((uintptr_t)object >> 3) % BUCKETS]; fiber != NULL; fiber = next) {
        int can;
        next = fiber->next;
        if (fiber->object != object) {
            continue;
        }
        can = fiber->can->can(object) != 0;
        if (can == fiber->enabled) {
            continue;
        }
        fiber->enabled = (uint8_t)can;
        if (can) {
            rfn.enabled++;
            rfn.timed -= (fiber->event.flags & RF_TIMED) != 0;
            rf_pend(rfn.core, fiber->number, &fiber->event);
        } else {
            rfn.enabled--;
            rfn.timed += (fiber->event.flags & RF_TIMED) != 0;
            rf_block(rfn.core, fiber->number, fiber->event.object, &fiber->event);
        }
    }
    return rfn_current;
}

rfn_fiber *rfn_recheck_all(void *current)
{
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life == RFN_ALIVE && fiber->parked && fiber->can != NULL) {
            rfn_recheck_waiters((void *)(uintptr_t)fiber->object);
        }
    }
    return current;
}

void rfn_changed(const void *object)
{
    if (rfn_current != NULL && buckets[((uintptr_t)object >> 3) % BUCKETS] != NULL) {
        rfn_leave(rfn_recheck_waiters, (void *)(uintptr_t)object);
    }
}
