/* How an execution ends: by exit, by a signal, by a bug, by the crash. */
#ifndef RFN_ENDING_H
#define RFN_ENDING_H

#include "state/fibers.h"
#include "state/outcome.h"

/* Ends the execution. None of these returns when called by the program's threads. */
_Noreturn void rfn_exit(int status);
/* The same, and its own point, of an end before which nothing is done: it is seen what others would still do (after.h). */
_Noreturn void rfn_exit_at_once(int status, uintptr_t site);
/* Death by a signal: everything stops, the kernel would write a core. `number`: of the signal. */
_Noreturn void rfn_killed(int number);
/* The summary is a printf format; no argument of it may be a byte of the program's memory. */
_Noreturn void rfn_bug(rfn_bug_kind kind, uintptr_t site, const char *summary, ...) __attribute__((format(printf, 3, 4)));
/* Of a thread that goes on: what is left when the process has ended are dumps, and the execution is a bug. */
void rfn_bug_noted(rfn_bug_kind kind, uint32_t thread, uint64_t site, const char *summary);

/* On the runtime's stack: what rfn_exit and the others do, without leaving. NULL is what `decide` then returns. */
rfn_fiber *rfn_ended(rfn_end end, int status);
rfn_fiber *rfn_bug_found(rfn_bug_kind kind, uint32_t thread, uint64_t site, const char *summary, ...)
    __attribute__((format(printf, 4, 5)));
/* Trigger fires on a thread (number; itself when every thread has ended). Who goes on. */
rfn_fiber *rfn_fire(uint32_t trigger, uint32_t thread);

#endif
