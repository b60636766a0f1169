#include "state/fibers.h"

#include "base/parts.h"

RFN_STATE rfn_fiber *rfn_current;
rfn_fiber *rfn_fibers;
RFN_STATE uint32_t rfn_fiber_count;
uint8_t rfn_keep_vectors;
RFN_STATE volatile uint32_t rfn_standing_in;
uint8_t *rfn_runtime_stack;
rfn_context rfn_driver_context;
RFN_STATE uint32_t rfn_turns;
