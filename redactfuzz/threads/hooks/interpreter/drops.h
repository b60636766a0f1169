/* An interpreter that is linked without a shared library calls PyEval_SaveThread directly: there its lock is seen to be given
 * up by the condition that it signals as it does so, when it is too late to run Python code. What is reported is reported at the
 * thread's next instruction, with the place of the call that it was in. A release that coincides with a request of another thread is not distinguished from one that the
 * interpreter was forced to between two instructions, and left out.
 */
#ifndef RFH_DROPS_H
#define RFH_DROPS_H

/* Finds that condition. Returns whether it was found. The GIL is held. */
int rfh_drops_install(void);

#endif
