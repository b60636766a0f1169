/* Signals of the program, and the crash. */
#ifndef RFN_SIGNALS_H
#define RFN_SIGNALS_H

#include "fiber.h"

void rfn_signals_reset(void);
/* Runs on the current fiber, when its turn has come: delivers the strike or the pending signals, if there are any. */
void rfn_deliver(uintptr_t site);
/* A signal for a fiber (pthread_kill, raise) or for the process (kill: fiber NULL). It is delivered at the target's next
 * turn; to the current fiber at once. */
void rfn_send(rfn_fiber *fiber, int number, uintptr_t site);

#endif
