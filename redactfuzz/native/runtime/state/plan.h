/* What the campaign and the driver share: one block of memory each for the plan with its counters (the control block), for
 * the secrets (the vault), and for the exploration core. Made by Python (memfd, inherited), mapped by both; fields are written by
 * one side only. Declared to Python through cffi: no preprocessor tricks in here.
 *
 * The driver: rfn-driver PROGRAM.so BOARD_FD VAULT_FD CORE_FD EVENTS_FD COMMANDS_FD -- ARGUMENTS OF THE PROGRAM
 *
 * It writes events to EVENTS_FD, a line of JSON each (see events.c), and after each "executed" event waits for one byte on
 * COMMANDS_FD: 'n' go on, 's' stop. One that is asked to stop, or whose COMMANDS_FD is closed, ends the batch.
 */
#ifndef RFN_PLAN_H
#define RFN_PLAN_H

#include <stdint.h>

typedef enum rfn_crash_mode {
    RFN_CRASH_NONE = 0,   /* only what the program itself writes counts */
    RFN_CRASH_SIGNAL = 1, /* `signal` strikes a thread, and does what the program's disposition says */
    RFN_CRASH_KILL = 2,   /* everything stops, an outside dumper reads */
} rfn_crash_mode;

typedef enum rfn_isolation {
    RFN_IN_PLACE = 0, /* memory is put back after each execution */
    RFN_FORKED = 1,   /* a forked child for each execution; the whole writable memory is searched */
} rfn_isolation;

typedef enum rfn_reality {
    RFN_IN_LOOP = 0,
    RFN_REAL = 1,         /* run one execution and then really die: real signals, a real core by the kernel */
    RFN_REAL_STOPPED = 2, /* the same where the kernel writes no core: stopped, traced by the parent, before the signal kills */
    RFN_REAL_DEBUGGED = 3, /* under a debugger, which stops at a bug that nobody dies of as well */
} rfn_reality;

/* A breakpoint of the plain build: where a thread that comes here is struck. */
typedef struct rfn_strike_at {
    uint64_t offset; /* of an instruction in the program; 0: none */
    uint32_t nth;    /* 1-based */
    uint32_t thread; /* number, or 0xffffffff: whoever comes */
} rfn_strike_at;

/* Ways to keep memory out of a core. */
typedef enum rfn_lift {
    RFN_LIFT_ADVICE = 1, /* MADV_DONTDUMP */
    RFN_LIFT_SECRET = 2, /* memfd_secret */
    RFN_LIFT_CORE = 4,   /* PR_SET_DUMPABLE, RLIMIT_CORE */
    RFN_LIFT_REFUSAL = 8, /* and none of these: calls that fail here alone give 0, as if they had succeeded */
} rfn_lift;

/* What of the driver's process is confined, see confine.h. */
typedef enum rfn_held {
    RFN_HOLDS_FILES = 1,   /* no file is written, made or removed outside of its folder, */
    RFN_HOLDS_SIGNALS = 2, /* no other process is signalled, */
    RFN_HOLDS_CALLS = 4,   /* and no file's mode, owner, times or attributes are changed, nothing is mounted */
} rfn_held;

typedef struct rfn_plan {
    uint32_t version;      /* RFN_PLAN_VERSION */
    uint32_t crash;        /* rfn_crash_mode */
    int32_t signal;        /* RFN_CRASH_SIGNAL: its number */
    uint32_t isolation;    /* rfn_isolation */
    uint32_t bypass;       /* 1: redactors return at once */
    uint32_t crash_last;   /* 1: the crash strikes only when the program has come to its end */
    uint32_t every;        /* 1: an event for every execution, not only for those that are not clean */
    uint32_t real;         /* rfn_reality */
    uint32_t plain;        /* 1: not instrumented; the whole memory is searched */
    uint32_t step_limit;
    uint32_t vectors;      /* 1: vector registers are kept at switches and searched (the program uses some) */
    uint32_t no_dump_is_bug; /* 1: an execution without any dump is a bug */
    uint32_t oracles;      /* bits, by rfn_bug_kind: which bugs end an execution as such */
    uint32_t trace;        /* 1: keep what provenance needs (last writers) */
    uint64_t executions;   /* at most */
    double seconds;        /* at most, */
    uint64_t least;        /* unless fewer executions than these were run, */
    double patience;       /* and so many seconds are not over */
    double threshold;      /* bits of a secret that count */
    uint32_t redactors;    /* number of entries in redactor[] */
    uint32_t canaries;     /* number of canaries in the vault */
    uint32_t sources;      /* number of sources in the vault */
    uint32_t unlike;       /* 1: clean executions are reported as well that leave what none before has left */
    uint64_t redactor[16]; /* offsets of their entries in the program: 16 patchable bytes each */
    rfn_strike_at strike_at;
    uint32_t crashes;      /* 2: a second crash may strike while the handler of the first runs */
    int32_t image;         /* descriptor that the image of each execution is kept in (rfn_image); 0: none */
    uint32_t chance;       /* other random numbers than usual; 0: the usual ones */
    uint32_t leaking;      /* 1: a leak in memory was known before */
    uint64_t after_leak;   /* executions without a new leak in memory after which the batch ends; 0: it goes on */
    uint32_t lift;         /* rfn_lift, bits: what is taken for nothing, to see what else protects */
    int32_t folder;        /* descriptor of the folder in which it may write, and goes to before it dies; 0: none */
    int32_t cores;         /* descriptor of the folder in which the kernel writes cores; 0: the one to which it goes before it dies */
    uint32_t compares;     /* 1: after each execution it is checked that all of the driver's own state was put back */
    int32_t proof;         /* descriptor to which the record of each execution goes, see rf_proof; 0: none */
} rfn_plan;

enum { RFN_PLAN_VERSION = 7 };

/* What is searched of an execution, for one that is compared with another. The file begins with what Python asks for
 * the place of, then come the parts, each with its bytes behind it. */
enum { RFN_ASKED = 16 };

typedef struct rfn_image_part {
    uint64_t address; /* in the core, or in the file; of registers: in those of the thread */
    uint64_t size;
    uint64_t allowed; /* bits, by canary: may be there */
    uint32_t where;   /* rfn_where */
    uint32_t thread;
    char file[128];
} rfn_image_part;

typedef struct rfn_image {
    uint64_t size;    /* of everything; 0 while it is not whole */
    uint32_t asked;   /* places, at most RFN_ASKED: Python writes them */
    uint32_t reserved;
    rfn_image_part place[16];
} rfn_image;

/* Written by the driver, read by Python at any time. */
typedef struct rfn_counters {
    uint64_t executions;
    uint64_t steps;
    uint64_t switches;
    uint64_t leaks;      /* executions that leaked */
    uint64_t bugs;
    uint64_t dumps;
    uint64_t dropped;    /* executions that ended without a dump */
    uint64_t redactions; /* calls of redactors */
    uint64_t counted;    /* bits, by canary: was forbidden in some dump */
    uint64_t beat;       /* grows while the driver is alive and moving: the watchdog looks at it */
    uint64_t execution;  /* number of the one that runs */
    uint64_t struck;     /* children of fork, all in all */
    uint64_t calls;      /* of the child that had most, as far as they were counted */
    uint32_t thread;     /* that runs now */
    uint32_t held;       /* rfn_held, bits */
} rfn_counters;

/* What was reported in this batch, by hashes: most of it comes again in every execution. */
typedef struct rfn_reported {
    uint64_t leak[1024];
    uint64_t problem[64];
    uint32_t leaks;
    uint32_t problems;
    uint64_t until; /* executions: where the batch ends because of after_leak; 0: no leak yet */
} rfn_reported;

/* Where a child of fork is struck. `at`: its so-manyth call, or, negative, before its so-manyth store. */
typedef struct rfn_moment {
    uint32_t child; /* its number; 0: none */
    int32_t at;
} rfn_moment;

typedef struct rfn_twins {
    rfn_moment asked;   /* the only one that is struck; child 0: as struck.c chooses. Written by Python */
    uint32_t rotates;   /* 1: other moments in each execution. Written by Python */
    uint32_t reserved;
    rfn_moment leaked;  /* of this execution: beside the first moments, which are struck in each */
    uint32_t calls[64]; /* by the child's number: how many it was seen to have, where not all of them are struck; */
    uint32_t stores[64]; /* the same of stores near a secret */
} rfn_twins;

typedef struct rfn_control_block {
    rfn_plan plan;
    rfn_counters counters;
    rfn_reported reported;
    rfn_twins twins;
} rfn_control_block;

/* The vault: rfn_vault, then `canaries` of rfn_vault_canary, then `sources` of rfn_vault_source, then bytes. Offsets count
 * from the start of the vault. */
typedef struct rfn_vault_canary {
    char name[64];
    uint32_t offset;   /* of its bytes, in clear: what redactfuzz_canary gives */
    uint32_t size;
    uint32_t delivery; /* rfn_way; `target`: the variable */
    uint32_t asked;    /* written by the driver: the program asked for it */
    char target[64];
} rfn_vault_canary;

typedef struct rfn_vault_source {
    uint32_t offset;  /* of its bytes, each XORed with `mask` */
    uint32_t size;
    uint32_t canary;  /* index */
    uint16_t group;
    uint8_t mask;
    uint8_t shape;    /* rf_shape */
    uint8_t plain;
    uint8_t letters;
    uint8_t reserved[6];
    double bits;
} rfn_vault_source;

typedef struct rfn_vault {
    uint32_t size; /* of everything */
    uint32_t reserved;
} rfn_vault;

#endif
