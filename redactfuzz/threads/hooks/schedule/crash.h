/* The crash: how a trigger strikes, how its handler runs. */
#ifndef RFH_CRASH_H
#define RFH_CRASH_H

#include "state/execution.h"

/* The crash strikes the running thread at its point. by="signal": runs the handler, returns 0.
 * by="exception": sets the exception, returns -1. */
int rfh_struck(rfh_thread *t);
/* Raises the exception of `t->injector` in the running thread, now or where it may: -1 with it set, or 0. */
int rfh_inject(rfh_thread *t);
/* Runs the handler of a trigger that fired in a thread of its own. */
void rfh_run_trigger(rfh_thread *trigger);
/* Is the exception that is set in `t` a crash: by="exception" struck it, or its exception came over from the thread that it
 * struck, by a future or a queue? Then `t` unwinds it from now on. */
int rfh_is_crash(rfh_thread *t);
/* An exception left the callable of `t` (it is set). Consumes it. */
void rfh_escaped(rfh_thread *t);
/* The callable of `t` returned: an injected exception that was swallowed is settled. */
void rfh_settle(rfh_thread *t);

#endif
