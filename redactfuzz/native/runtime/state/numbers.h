/* Numbers that Python knows as well. Declared to it through cffi: no preprocessor tricks in here, and no functions. */
#ifndef RFN_NUMBERS_H
#define RFN_NUMBERS_H

enum {
    RFN_THREADS = 1024,        /* fibers and crash triggers of one execution at most */
    RFN_MAIN = 0,              /* the number of the thread that runs main() */
    RFN_FIRST_TRIGGER = 1,     /* crash triggers have the numbers from here on */
    RFN_TRIGGERS = 2,          /* the crash, and a second one that may strike while the handler of the first runs */
    RFN_FIRST_THREAD = RFN_FIRST_TRIGGER + RFN_TRIGGERS, /* the first thread that the program starts */
};

/* Objects of the exploration core that have no place in memory: beyond the numbers of those that have, below the core's own. */
enum {
    RFN_TOUCHED_THREADS = 0xfffffffau, /* who has which number, which stack, and has joined whom */
    RFN_TOUCHED_PHASE = 0xfffffff9u,   /* which secrets may be in a dump now, and which memory is in it */
    RFN_TOUCHED_FILES = 0xffffeff8u,   /* what is written in files, and who has them open: see models/files/alone.h */
    RFN_TOUCHED_GROUPS = 0xffffeff9u,  /* 4,096 groups, see exposure/groups.h */
};

/* What the driver's process ends with when it is itself at fault: EX_SOFTWARE. */
enum { RFN_INTERNAL = 70 };

/* How an execution ends. */
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
    RFN_BUG_ASSERT, /* failed assert */
    RFN_BUG_FAULT, /* a real fault in the program */
    RFN_BUG_DEADLOCK,
    RFN_BUG_SPIN, /* step limit */
    RFN_BUG_HANDLER, /* the crash handler faults, waits for ever or returns again and again */
    RFN_BUG_MISUSE, /* what a library call must not be used for: unlock of a mutex of another thread, double free */
    RFN_BUG_MEMORY, /* an access of the heap outside of live blocks */
    RFN_BUG_ABORT, /* abort outside of a crash handler, an exception that nobody catches; asked for with assert */
} rfn_bug_kind;

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

/* Where a part of a dump lies. */
typedef enum rfn_where {
    RFN_IN_GLOBALS, RFN_IN_HEAP, RFN_IN_MAPPING, RFN_IN_STACK, RFN_IN_START, RFN_IN_REGISTERS, RFN_IN_FILE,
    RFN_ELSEWHERE, /* memory of a library, the heap of the real libc */
    RFN_IN_NOTES,  /* of a core: the name of the process, those of mapped files */
    RFN_IN_LIBRARY, /* static memory of the C library */
} rfn_where;

/* How a canary comes to the program. */
typedef enum rfn_way {
    RFN_ASKED_FOR = 0, /* by redactfuzz_canary */
    RFN_VARIABLE,      /* of the environment */
    RFN_ARGUMENT,
    RFN_STDIN,
} rfn_way;

#endif
