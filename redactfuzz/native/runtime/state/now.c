#include "state/now.h"

#include "base/parts.h"

RFN_STATE uint64_t rfn_now = RFN_EPOCH;

static void reset(void) { rfn_now = RFN_EPOCH; }

RFN_PART(RFN_ON_STATE, now, .reset = reset);
