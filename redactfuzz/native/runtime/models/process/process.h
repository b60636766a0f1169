/* The process as its program sees it: how it ends, its arguments and environment, what it may leave behind. */
#ifndef RFN_PROCESS_H
#define RFN_PROCESS_H

#include <stddef.h>
#include <stdint.h>

typedef int rfn_main(int, char **, char **);
typedef void rfn_destructor(void);

/* The program was loaded. Its __attribute__((destructor)) run from the last to the first, after the handlers of exit. */
void rfn_program_is(rfn_main *main, rfn_destructor *const *destructors, size_t count);
void rfn_run_destructors(void);

/* Lays argv and envp out at RFN_START as the kernel does above the stack, gives them to memory.c (rfn_start_is), which restores
 * them and searches them at each death, and keeps them for main. Once, when the canaries are known. */
void rfn_start_area(int count, char **values, char **variables);

/* The handlers of atexit in reverse order, streams are flushed, and the execution has ended. What main returns comes here,
 * and a thread that is the last one to end (with 0). Runs on the thread that exits. */
_Noreturn void rfn_exit_process(int status, uintptr_t site);
_Noreturn void model_exit(int status);

/* abort(): what died of it is a bug, unless a crash handler, or a child of fork, ended so. `place` is reported, and
 * `why`, which is no text of the program's. */
_Noreturn void rfn_abort(uintptr_t site, uint64_t place, const char *why);

/* Could the core of a death by a signal lack its end, because RLIMIT_CORE allows less than it may take? Which part of memory it holds is unknown. */
int rfn_core_is_cut(void);

#endif
