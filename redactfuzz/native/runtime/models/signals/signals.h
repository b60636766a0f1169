/* Signals of the program, and the crash. A handler runs on the thread's stack or its alternate stack, below a frame that
 * holds what the kernel would have put there: siginfo, registers, vector registers.
 */
#ifndef RFN_SIGNALS_H
#define RFN_SIGNALS_H

#include <signal.h>

#include "schedule/fiber.h"

extern const struct sigaction rfn_cancel_action; /* cancel.c */

/* From here on real faults of the program are bugs of it. */
int rfn_signals_init(void);
/* For the current thread: to itself (raise, abort). Returns when the handler has. */
void rfn_raise(int number, uintptr_t site);
/* For any thread; NULL: for the process, which is this thread, or the first that does not block it. A point. */
void rfn_send(rfn_fiber *fiber, int number, uintptr_t site);
/* The same with a value. -1, and errno: too many wait. */
int rfn_send_value(rfn_fiber *fiber, int number, union sigval value, uintptr_t site);

/* On the runtime's stack: the signal strikes `fiber` now. `forced`: as by a fault, which cannot be blocked or ignored. Who
 * goes on: the fiber, in its handler; another, when it is to be ignored; NULL when the process dies. */
rfn_fiber *rfn_deliver_signal(rfn_fiber *fiber, int number, int forced);
/* Real deaths, at an instruction of the plain build: everything is made ready for the signal that is sent next: this one. */
int rfn_strike_here(rfn_fiber *fiber);
/* Real deaths: the fiber really raises the signal, with its registers and stack as they are. */
rfn_fiber *rfn_really(rfn_fiber *fiber, int number);

/* One comes from another process, on the runtime's stack. 0: this one has ended of it. */
int rfn_signal_comes(int number);

#endif
