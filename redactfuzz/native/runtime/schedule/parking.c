#include "schedule/parking.h"

#include "base/parts.h"
#include "memory/touched.h"
#include "schedule/point.h"
#include "state/now.h"
#include "state/run.h"

enum { LONG = 2000 /* steps of others, after which a wait of more than a minute may end before them */ };

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

/* Others have gone on for long since it began to wait: they may do so for ever, and it may end at any time now. */
static void let_end(rfn_fiber *fiber)
{
    fiber->event.flags &= (uint8_t)~RF_IN_TURN;
    rf_block(rfn.core, fiber->number, fiber->event.object, &fiber->event);
}

static void look_at_long_waits(void)
{
    uint32_t steps = rf_get_status(rfn.core)->steps;
    if (rfn.timed == 0 || steps < rfn.long_due) {
        return;
    }
    rfn.long_due = UINT32_MAX;
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fiber *fiber = &rfn_fibers[i];
        uint32_t due = fiber->since + LONG;
        if (fiber->life != RFN_ALIVE || !fiber->parked || fiber->enabled || !(fiber->event.flags & RF_IN_TURN)) {
            continue;
        }
        if (due <= steps) {
            let_end(fiber);
        } else if (due < rfn.long_due) {
            rfn.long_due = due;
        }
    }
}

uint8_t rfn_ends_by(rfn_fiber *fiber, uint64_t deadline)
{
    if (deadline == RFN_FOREVER) {
        return 0;
    }
    if (deadline <= rfn_now || deadline - rfn_now <= RFN_MOST_EARLY) {
        return RF_TIMED;
    }
    fiber->since = rf_get_status(rfn.core)->steps;
    if (rfn.long_due == 0 || fiber->since + LONG < rfn.long_due) {
        rfn.long_due = fiber->since + LONG;
    }
    return RF_TIMED | RF_IN_TURN;
}

rfn_fiber *rfn_recheck_waiters(void *argument)
{
    const void *object = argument;
    rfn_fiber *next;
    rfn_reached(rfn_current);
    rfn_touches_told();
    look_at_long_waits();
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
