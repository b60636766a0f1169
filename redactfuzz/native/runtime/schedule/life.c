/* Threads from their first announcement to their end. */
#include "schedule/point.h"

#include "base/parts.h"
#include "memory/touched.h"
#include "schedule/ending.h"
#include "schedule/parking.h"
#include "schedule/published.h"
#include "schedule/turn.h"
#include "state/control.h"
#include "state/program.h"
#include "state/run.h"

static rfn_fiber *decide_spawn(void *argument)
{
    rfn_fiber *born = argument;
    rfn_fiber *fiber = rfn_current;
    rfn_reached(fiber);
    /* What lies on its stack from here up may be shared with threads from now on. */
    if (rfn_stack_pointer(fiber) < fiber->shared_from) {
        fiber->shared_from = rfn_stack_pointer(fiber);
    }
    rfn.alive++;
    rfn_will_do(born, RF_SPAWN, 0, RF_OBJECT_UNKNOWN, born->site);
    rfn_will_touch(born, RF_READ, 0, 0);
    rfn_announce(born);
    return rfn_step(fiber);
}

void rfn_spawn(rfn_fiber *fiber, uintptr_t site)
{
    rfn_current->spins = 0;
    rfn_touched_object(RF_RMW, RFN_TOUCHED_THREADS);
    rfn_will_touch(rfn_current, RF_READ, 0, 0);
    rfn_will_do(rfn_current, RF_SPAWN, 0, RF_OBJECT_UNKNOWN, rfn_site(site));
    rfn_leave(decide_spawn, fiber);
}

static rfn_fiber *decide_finish(void *argument)
{
    rfn_fiber *fiber = argument;
    const rfn_strike_at *strike = &rfn.control_block->plan.strike_at;
    rfn_reached(fiber);
    if (strike->offset == UINT64_MAX && strike->thread == fiber->number && rfn.strikes == 0) {
        return rfn_fire(RFN_FIRST_TRIGGER, fiber->number); /* a plain run: struck at the end of a thread */
    }
    rfn_has_returned(fiber, (uintptr_t)rfn_control_of(fiber));
    fiber->life = RFN_ENDED;
    rfn.alive--;
    rfn_touched_object(RF_END, rfn_object_number(fiber));
    rfn_recheck_waiters(fiber); /* who joins it is parked at the fiber itself */
    return rfn_next();
}

_Noreturn void rfn_finish(void)
{
    rfn_parts_thread_ends();
    rfn_leave(decide_finish, rfn_current);
    __builtin_unreachable();
}
