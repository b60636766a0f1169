/* Confirmation: the process really dies, and the kernel writes a real core of it. */
#ifndef RFN_REAL_H
#define RFN_REAL_H

#include "schedule/fiber.h"
#include "state/outcome.h"

/* What is to be kept of the process is written, and what its core must not hold is left out of it: it may die now. */
void rfn_last_words(void);
/* On the runtime's stack. RFN_KILLED: leaves out of the core what the program's real process would not have there, and lets
 * the victim raise the signal with its own registers; RFN_EXITED: writes the program's files into the working folder
 * and exits. Does not return NULL. */
rfn_fiber *rfn_die(rfn_end end, int status);

#endif
