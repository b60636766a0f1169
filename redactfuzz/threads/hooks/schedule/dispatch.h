/* Who runs next. Each function that returns a thread has made it the current one; the caller hands over to it. */
#ifndef RFH_DISPATCH_H
#define RFH_DISPATCH_H

#include "state/execution.h"

/* How often a thread is made to leave before it counts as one that cannot be unwound. */
enum { RFH_LEAVES = 50 };

/* What the exploration core chose. NULL: nobody is left, the execution is done. */
rfh_thread *rfh_dispatch(rf_choice choice);
/* The process is dead. Where a reduction searches, what its threads would still do is explored on, though nothing of it counts: who would have
 * touched what the crash handler has read, after its end, might have done so before. 0: it is not. */
int rfh_goes_on_after(void);
/* The process counts as dead: nothing is recorded from now on. */
void rfh_start_drain(void);
/* After death: whoever is ready goes on in cyclic order; waits expire, but for those of daemons, which may begin anew for ever;
 * what is left is made to leave. NULL as above. */
rfh_thread *rfh_next_drained(void);
/* Crash triggers that have not struck may strike from now on. Returns whether there is one. */
int rfh_arm_triggers(void);
/* One has struck: the others cannot, where executions have one crash. */
void rfh_disarm_triggers(void);
/* rf_choose after the end of a thread. Daemons end with the process: when nobody else is left the execution is over, and a
 * crash that has not struck strikes now. */
rf_choice rfh_choose_after_end(void);
/* Lets `t` run; the caller gives up control at once. No GIL needed. */
void rfh_release_to(rfh_thread *t);

#endif
