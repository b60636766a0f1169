#define _GNU_SOURCE
#include "state/core_limit.h"

#include "base/parts.h"
#include "state/run.h"

RFN_STATE int rfn_dumpable = 1;
RFN_STATE struct rlimit rfn_core_limit = {RLIM_INFINITY, RLIM_INFINITY};

int rfn_leaves_core(void)
{
    enum { LEAST = 4096 }; /* the kernel writes none where less than a page is allowed */
    return (rfn_dumpable && rfn_core_limit.rlim_cur >= LEAST) || (rfn.control_block->plan.lift & RFN_LIFT_CORE);
}
