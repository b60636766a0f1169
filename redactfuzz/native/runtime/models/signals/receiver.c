/* A signal for the process goes to the first thread that does not block it, as long as none is on its way to that one. Where one is,
 * Linux wakes another thread, unless the first one has its turn before: whoever is scheduled at the point that the sender makes here
 * gets it. A thread that waits is scheduled there too: it looks at what it waits for, and waits on. */
#include "models/signals/receiver.h"

#include <stddef.h>

#include "choices/event.h"
#include "schedule/point.h"
#include "schedule/parking.h"
#include "state/dispositions.h"
#include "state/fibers.h"

static int is_called(const rfn_fiber *fiber)
{
    return (fiber->pending & ~fiber->blocked) != 0 || (fiber->called != 0 && fiber->called >= fiber->ran);
}

static int may_get(const rfn_fiber *fiber, const rfn_fiber *usual, int number)
{
    return fiber != usual && fiber != rfn_current && fiber->life == RFN_ALIVE && fiber->parked
           && !(fiber->blocked & rfn_bit(number)) && !is_called(fiber);
}

/* Those who wait so look again when they have their turn for nothing. */
static int looks_again(const rfn_fiber *fiber) { return fiber->can != NULL && (fiber->can->flags & RFN_LOOKS_AGAIN); }

static const rfn_condition always = {.can = rfn_always, .place = rfn_itself};

typedef struct asking {
    const rfn_fiber *usual;
    int number;
    int found;
} asking;

static rfn_fiber *decide_ask(void *argument)
{
    asking *what = argument;
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fiber *fiber = &rfn_fibers[i];
        if (!may_get(fiber, what->usual, what->number)) {
            continue;
        }
        what->found = 1;
        if (!fiber->enabled && looks_again(fiber)) {
            fiber->asked = fiber->can;
            fiber->can = &always;
            rfn_recheck_waiters((void *)(uintptr_t)fiber->object);
        }
    }
    return rfn_current;
}

static rfn_fiber *decide_asked(void *unused)
{
    (void)unused;
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life == RFN_ALIVE && fiber->parked && fiber->can == &always) {
            fiber->can = fiber->asked;
            rfn_recheck_waiters((void *)(uintptr_t)fiber->object);
        }
    }
    return rfn_current;
}

rfn_fiber *rfn_receiver_chosen(rfn_fiber *usual, int number, uintptr_t site)
{
    asking what = {usual, number, 0};
    uint32_t before = rfn_turns;
    rfn_fiber *chosen = usual;
    uint32_t latest = before;
    if (usual == NULL || usual == rfn_current || !is_called(usual)) {
        return usual;
    }
    rfn_leave(decide_ask, &what);
    if (!what.found) {
        return usual;
    }
    rfn_at(RF_SIGNAL, NULL, site);
    rfn_leave(decide_asked, NULL);
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->ran > latest && (fiber == usual || may_get(fiber, usual, number))) {
            latest = fiber->ran;
            chosen = fiber;
        }
    }
    return chosen;
}
