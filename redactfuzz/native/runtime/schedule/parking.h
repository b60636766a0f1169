/* Threads that stand at objects: each told what it will do next, and can do it while a condition holds. See point.h. */
#ifndef RFN_PARKING_H
#define RFN_PARKING_H

#include "processor/aside.h"
#include "schedule/fiber.h"

/* On the runtime's stack: who stands at the object is looked at again. Gives the current fiber. */
rfn_fiber *rfn_look_again(void *object);

/* The same for everybody who stands. `current`: the current fiber; NULL: nobody runs. */
rfn_fiber *rfn_look_at_all(void *current);

/* Announces what a fiber stands for (again). */
void rfn_announce(rfn_fiber *fiber);
/* Nobody stands anywhere any more: an execution is over, or a child of fork has its one thread alone. */
void rfn_nobody_parked(void);
/* It does not stand there any more. */
void rfn_unpark(rfn_fiber *fiber);

/* How a wait that begins now may end by itself: RF_TIMED, RF_IN_TURN. */
uint8_t rfn_ends_by(rfn_fiber *fiber, uint64_t deadline);

/* How deep the stack of a fiber that left has gone. */
static inline void rfn_reached(rfn_fiber *fiber)
{
    rfn_fiber_reached(fiber, rfn_stack_pointer(fiber));
}

#endif
