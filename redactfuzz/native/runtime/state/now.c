#include "state/now.h"

uint64_t rfn_now = RFN_EPOCH;
