/* What other threads would still do when the process has died by itself.
 *
 * Where a reduction runs (rfn.reduces), the end of the process by _exit is a step like others, and no cut through all threads: of
 * memory it looks at nothing. The outcome is what it is at that moment. The other threads go on all the same, and nothing of that
 * counts: who would have touched what the dead one had read might have done so before, and a reduction learns it by seeing it.
 * docs/native.md has the argument.
 */
#ifndef RFN_AFTER_H
#define RFN_AFTER_H

#include "state/fibers.h"

/* Would an end by _exit now be such a step? Then its outcome is decided by steps that are known to have to do with it. */
int rfn_end_is_a_step(void);
/* The current thread ends the process; `rfn` says how. 1: the dumps were searched, and others go on. 0: nobody does, and the end has
 * to do with everything. */
int rfn_goes_on_after(void);
/* The process is dead, and it is the turn of `fiber`: whether what is left of the execution is left out. */
int rfn_left_out_after(const rfn_fiber *fiber);
/* The execution is over: what was counted after the death is not. */
void rfn_after_ends(void);

#endif
