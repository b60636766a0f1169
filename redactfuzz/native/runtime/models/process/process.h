/* The process as its program sees it: how it ends, its arguments and environment, what it may leave behind. */
#ifndef RFN_PROCESS_H
#define RFN_PROCESS_H

#include <stddef.h>
#include <stdint.h>

enum { RFN_PID = 4242 }; /* what getpid gives; the main thread's gettid as well */

/* Lays argv and envp out at RFN_START as the kernel does above the stack, tells memory.c (rfn_start_is), which restores
 * them and searches them at each death, and hands them to rfn_set_arguments. Once, when the canaries are known. */
void rfn_start_area(int count, char **values, char **variables);

/* The value of a variable, as the program's environment is now; NULL: it has none. No event. */
const char *rfn_environment(const char *name);

/* Between executions, after rfn_reset and before the next one: environ, random numbers, exit handlers, limits and what
 * else models keep. It is also called once before the first. */
void rfn_process_reset(void);

/* The handlers of atexit in reverse order, streams are flushed, and the execution has ended. What main returns comes here,
 * and a thread that is the last one to end (with 0). Runs on the thread that exits. */
_Noreturn void rfn_exit_process(int status, uintptr_t site);
_Noreturn void model_exit(int status);

/* abort(): what died of it is a bug, unless a crash handler, or a child of fork, ended so. `place` is told, and
 * `why`, which is no text of the program's. */
_Noreturn void rfn_abort(uintptr_t site, uint64_t place, const char *why);

/* Does a death by a signal leave a core? 0: prctl(PR_SET_DUMPABLE, 0), or RLIMIT_CORE is 0. */
int rfn_leaves_core(void);
/* Could it lack its end, because RLIMIT_CORE allows less than it may take? Which part of memory it holds nobody can tell. */
int rfn_core_is_cut(void);

#endif
