/* How executions end, and what is noted on the way. */
#ifndef RFN_OUTCOME_H
#define RFN_OUTCOME_H

#include <stdint.h>

#include "state/numbers.h"

/* Noted once for each `what`, and the execution goes on. */
void rfn_problem(rfn_problem_kind kind, uintptr_t site, const char *what, ...) __attribute__((format(printf, 3, 4)));

#endif
