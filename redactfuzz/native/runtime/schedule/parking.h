/* Threads that are parked at objects: each has announced what it will do next, and can do it while a condition holds. See point.h. */
#ifndef RFN_PARKING_H
#define RFN_PARKING_H

#include "processor/aside.h"
#include "schedule/fiber.h"
#include "schedule/published.h"

/* On the runtime's stack: the conditions of those who are parked at the object are rechecked. Gives the current fiber. */
rfn_fiber *rfn_recheck_waiters(void *object);

/* The same for everybody who is parked. `current`: the current fiber; NULL: nobody runs. */
rfn_fiber *rfn_recheck_all(void *current);

/* Announces what a fiber is parked for (again). */
void rfn_announce(rfn_fiber *fiber);
/* Nobody is parked any more: an execution is over, or a child of fork has its one thread alone. */
void rfn_nobody_parked(void);
/* It is not parked there any more. */
void rfn_unpark(rfn_fiber *fiber);

/* How deep the stack of a fiber that left has gone, and what of it is shared by what it wrote. */
static inline void rfn_reached(rfn_fiber *fiber)
{
    rfn_fiber_reached(fiber, rfn_stack_pointer(fiber));
    rfn_has_written(fiber);
    rfn_has_returned(fiber, rfn_stack_pointer(fiber));
}

#endif
