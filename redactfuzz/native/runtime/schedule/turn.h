/* How a thread comes to a point: what it will do next is filled in, and then its turn is asked for. For this folder. */
#ifndef RFN_TURN_H
#define RFN_TURN_H

#include "memory/moves.h"
#include "schedule/fiber.h"
#include "state/run.h"

static inline void rfn_will_do(rfn_fiber *fiber, uint8_t kind, uint8_t flags, uint32_t object, uint64_t site)
{
    fiber->site = site;
    fiber->event.site = site;
    fiber->event.object = object;
    fiber->event.kind = kind;
    fiber->event.flags = rfn.profiles ? flags | rfn_secret_moved() : flags;
}

/* The hot path: a fiber whose event is always possible. Who goes on. */
rfn_fiber *rfn_step(rfn_fiber *fiber);

#endif
