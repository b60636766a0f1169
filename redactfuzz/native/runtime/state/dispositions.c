#include "state/dispositions.h"

struct sigaction rfn_actions[RFN_SIGNALS + 1];
uint64_t rfn_actions_touched;
uint64_t rfn_pending, rfn_by_kill;
