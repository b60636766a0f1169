/* Busy waiting. */
#ifndef RFN_BUSY_H
#define RFN_BUSY_H

#include "state/fibers.h"

/* The fiber reads an object at a place. Does it wait for somebody, and is it to hand over? */
int rfn_spins(rfn_fiber *fiber, uint64_t site, uint32_t object);

#endif
