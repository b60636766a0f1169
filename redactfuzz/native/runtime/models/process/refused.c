#include "models/process/refused.h"

#include <errno.h>
#include <stddef.h>

#include "schedule/point.h"
#include "state/outcome.h"
#include "state/run.h"

int rfn_fails_always(uintptr_t site, const char *call)
{
    rfn_problem(RFN_PROBLEM_REFUSED, site, "the program calls %s, which is not carried out: it fails", call);
    errno = ENOSYS;
    return -1;
}

int rfn_fails(uintptr_t site, const char *call)
{
    return rfn.control_block->plan.lift & RFN_LIFT_REFUSAL ? 0 : rfn_fails_always(site, call);
}

int rfn_starts_nothing(uintptr_t site, const char *call)
{
    rfn_problem(RFN_PROBLEM_CHILD_PROCESS, site, "the program calls %s, which is not carried out: it fails", call);
    errno = EAGAIN;
    return -1;
}

/* 0: is there a shell? There is none. */
int model_system(const char *command)
{
    return command == NULL ? 0 : rfn_starts_nothing(SITE(), "system");
}
