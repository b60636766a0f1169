/* How a thread comes to a point: what it will do next is filled in, and then its turn is asked for. For this folder. */
#ifndef RFN_TURN_H
#define RFN_TURN_H

#include "base/shadow.h"
#include "memory/moves.h"
#include "memory/touched.h"
#include "schedule/fiber.h"
#include "schedule/published.h"
#include "state/run.h"

static inline void rfn_will_do(rfn_fiber *fiber, uint8_t kind, uint8_t flags, uint32_t object, uint64_t site)
{
    fiber->site = site;
    fiber->event.site = site;
    fiber->uses = 0;
    fiber->event.object = object;
    fiber->event.kind = kind;
    fiber->event.flags = rfn.profiles ? flags | rfn_secret_moved() : flags;
}

/* An access at `at` is carried out now. It is a bug if some of it lies in the heap and in no live block, or in a frame that has ended.
 * Returns the fiber, which goes on; or NULL: it goes on after a death, and the bug is to come before that. */
rfn_fiber *rfn_memory_error(rfn_fiber *fiber, uintptr_t struck, size_t size, int reads, uint64_t site);
static inline rfn_fiber *rfn_strikes(rfn_fiber *fiber, uintptr_t at, size_t size, int reads, uint64_t site)
{
    uintptr_t struck = rfn_shadow_struck(at, size, reads);
    if (at >= RFN_STACKS && rfn_is_ended_frame(at)) {
        struck = at;
    }
    return __builtin_expect(struck == 0, 1) ? fiber : rfn_memory_error(fiber, struck, size, reads, site);
}

/* What it announced is carried out, likewise. */
static inline rfn_fiber *rfn_does(rfn_fiber *fiber)
{
    uintptr_t at = fiber->uses;
    rfn_does_touch(fiber);
    fiber->uses = 0;
    return at == 0 ? fiber : rfn_strikes(fiber, at, fiber->uses_size, fiber->event.kind == RF_READ, fiber->event.site);
}

/* The hot path: a fiber whose event is always possible. Who goes on. */
rfn_fiber *rfn_step(rfn_fiber *fiber);

#endif
