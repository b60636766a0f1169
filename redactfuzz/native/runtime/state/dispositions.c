#include "state/dispositions.h"

#include "base/parts.h"

RFN_STATE struct sigaction rfn_actions[RFN_SIGNALS + 1];
RFN_STATE uint64_t rfn_actions_touched;
RFN_STATE uint64_t rfn_pending, rfn_by_kill;
