/* A thread waits for what can only be looked at (schedule/looks.h). */
#ifndef RFH_LOOKING_H
#define RFH_LOOKING_H

#include "schedule/looks.h"

/* Can the running thread hand over here, in C code that has given up the interpreter lock? */
int rfh_may_hand_over(void);
/* The running thread waits, and others have their turn: 1 when it is there, 0 when the time is over, -1 with an exception
 * set. The interpreter lock is held. `look` NULL: it sleeps. */
int rfh_look_until(const rfh_look *look, uint64_t timeout_ns, int timed);
/* The same without the interpreter lock; -1: it must not wait on, and errno is set. */
int rfh_look_outside(const rfh_look *look, uint64_t timeout_ns, int timed);
/* A look that did not wait, in C code that has given up the interpreter lock: after many of them it spins, and hands over. */
void rfh_looked(void);

#endif
