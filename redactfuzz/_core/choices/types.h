/* What stages, schedules and what is recorded of them are made of. The verbs are in explore/explore.h. */
#ifndef RF_TYPES_H
#define RF_TYPES_H

#include <stdint.h>

typedef struct rf_core rf_core; /* all that exploring remembers: one block of memory */

typedef enum rf_action {
    RF_NOTHING = 0, /* no thread can go on and no trigger is armed: all ended, or a deadlock: see rf_status.state */
    RF_STEP,        /* `thread` does what it announced */
    RF_EXPIRE,      /* the timed wait of `thread` ends by its timeout */
    RF_FIRE,        /* crash `trigger` fires: on `thread` (RF_STRIKE), or as thread `trigger` itself (then thread == trigger) */
    RF_STOP,        /* the step limit is reached, or a replay diverged: see rf_status */
} rf_action;

typedef struct rf_choice {
    uint16_t thread;
    uint16_t trigger; /* RF_FIRE only */
    uint8_t action;
    uint8_t preempts; /* 1 when a thread that could go on was displaced */
    /* 1 when the default order would have chosen another. It has 16 bits to fill eight bytes, which fit a register: six
     * bytes go through memory in parts, and each read of them as one stalls. */
    uint16_t deviates;
} rf_choice;

typedef enum rf_granularity { RF_CALLS = 0, RF_SWITCHES = 1, RF_INSTRUCTIONS = 2 } rf_granularity;

typedef enum rf_policy_kind {
    /* No preemption, the crash last. All orders of up to 3 threads, or of up to `bound`; of more threads each one
     * first and each one last. */
    RF_SEQUENTIAL = 0,
    RF_RANDOM,
    RF_PCT,
    RF_POS,
    RF_SURW,
    RF_BOUNDED,    /* at most `bound` preemptions */
    RF_EXHAUSTIVE, /* everything */
    RF_REPLAY,     /* the deviations given to rf_replay */
    RF_NEAR,       /* whoever can be displaced is, where a secret has just moved: RF_SECRET */
    RF_NOVEL,      /* a random walk that begins as one did that led to a new state */
    RF_DPOR,       /* everything, but of schedules that lead to the same states one alone */
    RF_WALK,       /* the deviations given to rf_replay up to step `bound`, then a random walk */
} rf_policy_kind;

/* One stage of a portfolio. Stages take turns by `share`; see rf_begin. */
typedef struct rf_stage {
    uint8_t policy;      /* rf_policy_kind */
    uint8_t granularity; /* rf_granularity; the runtime reads it after rf_begin */
    uint8_t first;       /* 1: runs alone, before all stages that have 0 */
    uint8_t depth;       /* PCT: d */
    int16_t after;       /* index of the stage that must be exhausted before this one starts, -1: none */
    uint16_t share;      /* executions for each round of the portfolio */
    int32_t bound;       /* RF_SEQUENTIAL: threads; RF_BOUNDED: preemptions; RF_WALK: steps before the walk */
    uint8_t strike;      /* RF_BOUNDED: 1: a crash is free in addition to `bound` preemptions ("one preemption and a strike anywhere") */
    uint8_t proof;       /* RF_DPOR: rf_proof tells what each execution was */
    uint8_t follows;     /* RF_DPOR: no search: the way that was given to rf_follow is gone, and what is touched on it is told */
    uint8_t pairs;       /* RF_REPLAY: it notes which places met over memory, see rf_pair */
    uint16_t start;      /* executions of all stages before it has its first turn, while others have any */
    uint64_t limit; /* executions of this stage at most; 0: none */
    uint8_t beside; /* 1: it has nothing left to run once those have nothing that are not beside others */
    uint8_t asks;   /* RF_SURW: what is announced has no objects, so that its first execution asks what steps touch */
    uint16_t part;   /* RF_EXHAUSTIVE, RF_DPOR: the space is shared out, and this is the part with that number, from 0, */
    uint16_t parts;  /* of so many; 0 and 1: it is not, */
    uint16_t pieces; /* in at least so many pieces: see pieces.h */
} rf_stage;

enum { RF_LINE = 1u << 18 }; /* bytes of one line of rf_proof at most */

typedef struct rf_limits {
    uint32_t threads; /* threads and triggers together, at most 65535 */
    uint32_t steps;   /* choices of one execution; at most this many are recorded and allowed */
    uint32_t frontier; /* bytes for the enumeration's open schedules; when they run out the stage is `truncated`, never exhausted */
    uint32_t replay;  /* deviations of a replay at most */
} rf_limits;

/* One recorded choice. */
typedef struct rf_record {
    uint64_t site;     /* of the event that the chosen thread was about to do (or was blocked at) */
    uint64_t from_site; /* where `from` stood when the choice was made */
    uint16_t from;     /* the current thread before the choice; RF_NO_THREAD at the start */
    uint16_t thread;
    uint16_t trigger;  /* of RF_STEP: rf_origin of the event */
    uint8_t action;    /* rf_action */
    uint8_t flags;     /* RF_REC_* */
} rf_record;

enum {
    RF_NO_THREAD = 0xffffu,
    RF_NOTES = 5,
    RF_CONFLICTS = 64, /* kept; beyond, the rarest gives way */
    RF_CUTS = 8,       /* places that are kept; nobody reads a longer list */
    RF_PAIRS = 8192,   /* room for pairs of one execution, of which three quarters are used; a power of two */
};
enum rf_record_flags {
    RF_REC_DEVIATION = 1u, /* not what the default order would have done */
    RF_REC_PREEMPTION = 2u,
    RF_REC_SHARED = 8u,     /* the event is a WRITE, RMW, ACQUIRE or RELEASE without RF_VISIBLE */
    RF_REC_KIND_SHIFT = 4u, /* bits 4..7: rf_kind of the chosen thread's event */
};

/* One deviation of a schedule: when `thread` is current and stands at `site` for the nth time (1-based), choose this. */
typedef struct rf_deviation {
    uint64_t site;
    uint32_t nth;
    uint16_t thread; /* RF_NO_THREAD: the very first choice */
    uint16_t target;
    uint16_t trigger;
    uint8_t action;
    uint8_t reserved[5];
} rf_deviation;

typedef enum rf_state {
    RF_RUNNING = 0,
    RF_ALL_ENDED,
    RF_DEADLOCK,
    RF_STEP_LIMIT,
    RF_DIVERGED, /* a replay, or the prefix of an enumerated schedule, met another program: rf_status.step says where */
    RF_TOO_MANY,  /* a thread number was not below rf_limits.threads */
} rf_state;

typedef enum rf_watched {
    RF_NOT_WATCHED = 0, /* nothing of it matters */
    RF_GROUPS_WATCHED,  /* which of its groups the last step has changed: the state was seen before */
    RF_ALL_WATCHED,     /* that, and whether it shows a secret: see rf_shows */
} rf_watched;

typedef struct rf_status {
    uint64_t execution;  /* 1-based number of the execution in progress, over all stages */
    uint64_t trace_hash; /* of all (thread, site, action) so far */
    uint32_t steps;
    uint32_t step;       /* RF_DIVERGED: the step */
    uint32_t preemptions;
    uint32_t switches;
    uint16_t stage;
    uint8_t granularity;
    uint8_t state;       /* rf_state */
    uint32_t pending_deviations; /* replay: deviations not yet used */
    uint32_t profiles;   /* 1: the runtime is to mark where the secret moves */
    uint32_t whole;      /* 1: the stage searches a whole space, so nothing that another thread may notice is one step with more */
    uint32_t reduces;    /* 1: the runtime is to report what each step touches beside what it announced */
    uint32_t watched;    /* rf_watched: what it is to say at its next point of what a dump would show */
    uint32_t pairs;      /* 1: and what each step touches, although nothing is reduced */
    uint32_t reserved;
} rf_status;

/* Two places of the program of which a reduction had to try the other order, and how often: those that make the space large. */
typedef struct rf_conflict {
    uint64_t first; /* sites of what was announced there; where `unknown` says so, of what touched everything */
    uint64_t then;
    uint64_t times;
    uint32_t object;  /* that both touched, when they were first met; RF_OBJECT_UNKNOWN: none that is known */
    uint32_t offset;  /* in it, of the second one's access */
    uint32_t size;    /* 0: all of it */
    uint32_t unknown; /* rf_side: which of them are reported to have touched everything at a place; the two have nothing else in common */
    uint32_t plain;   /* 1: both are accesses with RF_PLAIN, so that this is a data race (ISO C 2024, 5.1.2.5) */
    uint32_t reserved;
} rf_conflict;

enum rf_side { RF_SIDE_FIRST = 1u, RF_SIDE_THEN = 2u };

/* A place where memory was written, and one where another thread then came to it: it looked, or wrote over it without having looked. */
typedef struct rf_pair {
    uint64_t writer; /* sites */
    uint64_t other;
    uint32_t overwrites;
    uint32_t there; /* 0: none is kept here */
} rf_pair;

typedef struct rf_stage_report {
    uint64_t executions;
    uint64_t preempted; /* of them, those in which a thread was displaced */
    uint64_t repeated;  /* and those that a reduction found to be repetitions of others */
    double estimate;   /* Knuth's estimate of the number of schedules; 0 where there is none */
    uint8_t exhausted; /* every schedule of this stage's space was run */
    uint8_t truncated; /* the frontier was too small: never exhausted */
    uint8_t cut;       /* fairness left out a choice: a yield or an expiry repeated again and again while nobody else ran */
    uint8_t finished;  /* nothing left to run: exhausted, truncated to its end, or its limit met */
    uint8_t reserved[4];
    uint64_t known;    /* see rf_knows */
    uint64_t same;     /* of a part: see pieces.h */
} rf_stage_report;

#endif
