/* How executions end, and what is noted on the way. */
#ifndef RFN_OUTCOME_H
#define RFN_OUTCOME_H

#include <stdint.h>

typedef enum rfn_end {
    RFN_RUNNING = 0,
    RFN_EXITED,      /* exit, _exit, main returned: no core; the files that it wrote are dumps */
    RFN_KILLED,      /* a signal's default action, or an outside dumper: the memory is a dump, and so are files */
    RFN_BUG,         /* see rfn_bug */
    RFN_CUT,         /* step limit, or a replay that diverged */
} rfn_end;

/* The names are those of BugKind in model/outcome.py. */
typedef enum rfn_bug_kind {
    RFN_BUG_NONE = 0,
    RFN_BUG_ASSERT,    /* failed assert */
    RFN_BUG_FAULT,     /* a real fault in the program */
    RFN_BUG_DEADLOCK,
    RFN_BUG_SPIN,      /* step limit */
    RFN_BUG_HANDLER,   /* the crash handler faults, waits for ever or returns again and again */
    RFN_BUG_MISUSE,    /* what a library call must not be used for: unlock of a mutex of another thread, double free */
    RFN_BUG_ABORT,     /* abort outside of a crash handler, an exception that nobody catches; asked for with assert */
} rfn_bug_kind;

/* The names are those of ProblemKind in model/outcome.py. */
typedef enum rfn_problem_kind {
    RFN_PROBLEM_OPAQUE = 0,   /* a call during which the tool cannot see or stop what happens */
    RFN_PROBLEM_FORK,
    RFN_PROBLEM_CHILD_PROCESS,
    RFN_PROBLEM_UNREADABLE,
    RFN_PROBLEM_INCOMPLETE,   /* only listed */
    RFN_PROBLEM_OUTSIDE,      /* what comes from outside of the process, or goes there */
    RFN_PROBLEM_THREAD,       /* a thread that nobody controls */
    RFN_PROBLEM_CHANCE,       /* random numbers are drawn: others may go another way; only listed */
    RFN_PROBLEM_REFUSED,      /* a call fails that would not elsewhere */
} rfn_problem_kind;

/* Noted once for each `what`, and the execution goes on. */
void rfn_problem(rfn_problem_kind kind, uintptr_t site, const char *what, ...) __attribute__((format(printf, 3, 4)));

#endif
