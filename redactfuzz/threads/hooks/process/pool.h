/* The pool of C threads. Each attaches a fresh PyThreadState for each run, so that nothing is carried over. */
#ifndef RFH_POOL_H
#define RFH_POOL_H

#include "state/execution.h"

/* Gives `t` to an idle worker (started when there is none), which runs it at once. No GIL needed. */
void rfh_pool_run(rfh_thread *t);
/* Ends all idle workers and waits for them. Call without the GIL. Workers of abandoned threads stay. */
void rfh_pool_stop(void);
/* In a forked child: the workers are gone. */
void rfh_pool_forget(void);
/* Once in a process: a worker calls `run` with its thread, and then `ended`, when it can be given another. Returns 0, or an error
 * number. */
int rfh_pool_init(void (*run)(rfh_thread *t), void (*ended)(rfh_thread *t));
/* Ends the process when it is the child of a fork by the code under test. */
void rfh_leave_if_forked(void);

#endif
