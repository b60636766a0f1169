#include "state/fibers.h"

rfn_fiber *rfn_current;
rfn_fiber *rfn_fibers;
uint32_t rfn_fiber_count;
uint8_t rfn_keep_vectors;
volatile uint32_t rfn_standing_in;
uint8_t *rfn_runtime_stack;
rfn_context rfn_driver_context;
uint32_t rfn_turns;
