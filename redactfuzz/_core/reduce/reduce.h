/* Partial order reduction: which schedules differ in nothing but the order of steps that have nothing to do with one another.
 *
 * An execution is a row of steps, and each of them has touched some objects. Two steps are DEPENDENT when they touch one
 * object and one of them changes it, when one enables the other, or when one thread does both. Schedules in which dependent
 * steps come in the same order lead to the same states, so one of them is enough. Which others are needed is seen in what
 * was run: two dependent steps of different threads that nothing else orders are a RACE, and the reverse order must be run
 * as well (source-DPOR with sleep sets: Abdulla, Aronis, Jonsson, Sagonas, POPL 2014 and J. ACM 64, 2017).
 *
 * This header is what the files of this folder share: the NODES (a scheduling point of the execution that runs, with what is
 * to be explored from it), the STEPS behind them with their vector clocks (Mattern 1989), and what they touched.
 */
#ifndef RF_REDUCE_H
#define RF_REDUCE_H

#include "choices/core.h"
#include "choices/pieces.h"

enum {
    RF_PROCESSES = 64,      /* threads and triggers of an execution: sets of them are one word */
    RF_BUCKETS = 1024,      /* of the table of objects; a power of two */
    RF_STEP_ACCESSES = 2048, /* of one step, which gets half of the room at most; one that touches more has touched everything */
};

typedef enum rf_mode { RF_LOOKS = 0, RF_CHANGES, RF_TAKES } rf_mode;

/* What a step touched. RF_TAKES: it can be done only while there is room: a lock, a semaphore, the end of a thread. */
typedef struct rf_access {
    uint32_t object; /* RF_OBJECT_UNKNOWN: everything */
    uint32_t offset;
    uint32_t size;   /* 0: all of it */
    uint32_t step;
    uint32_t before; /* 1 + index of the access before it in its bucket, */
    uint32_t changed; /* and of the last one before it there that did not only look */
    uint8_t mode;    /* rf_mode */
    uint8_t room;    /* rf_room */
    uint8_t tries;   /* where there is no room something else happens: it gives up, or waits with a limit */
    uint8_t announced : 1; /* what the step announced: the object as a whole, unless it reports which part of it */
    uint8_t plain : 1;     /* RF_PLAIN */
} rf_access;

/* What was explored from a node, or is asleep there: it is explored again only after a step that it depends on. */
typedef struct rf_sleeper {
    uint64_t struck; /* processes whose steps it takes away: see rf_behind */
    uint32_t process;
    uint32_t first; /* of its footprint, in `kept` */
    uint32_t count;
    uint32_t named; /* objects with a higher number were met after the node from which it was explored: see rf_named */
} rf_sleeper;

/* A scheduling point of the execution that runs. Sets of processes have a bit for each. */
typedef struct rf_node {
    uint64_t there;   /* those that had announced something */
    uint64_t enabled; /* of these, those that could take a step */
    uint64_t timed;   /* and those whose wait could end by its time, now or later */
    uint64_t able;    /* those that could be chosen: by a step, because a wait ends by its time, as a crash */
    uint64_t unfair;  /* those that fairness leaves out here: where one of them is needed, the search is cut */
    uint64_t aimed;   /* crashes at one thread each that could be chosen (rf_aims) */
    uint64_t dumps;   /* of a crash that runs no code of the program: it is no step, see policy_dpor.c */
    uint64_t todo;    /* to be explored from here */
    uint64_t done;    /* were explored from here, or are asleep */
    uint64_t struck;  /* of the step from here, whichever its victim */
    uint32_t process; /* that goes on */
    uint32_t victim;   /* of a crash that may strike several threads here: which of them, in the order of choices, */
    uint32_t victims;  /* of how many */
    uint32_t children; /* processes explored so far, without the one that runs */
    uint32_t first;  /* its sleepers, */
    uint32_t count;
    uint32_t kept;   /* and what of `kept` was in use before them */
    uint32_t check;  /* of the trace up to here */
    uint32_t shown;  /* a hash of the secrets that a dump would show here; 0: none */
    uint32_t told;   /* for the record: what was announced before it, up to this, */
    uint64_t asleep; /* and who was asleep when it was made */
    uint32_t named;  /* objects with a higher number have not been met yet */
    uint32_t undo;   /* what of the log was in use when it was left, */
    uint32_t processes; /* how many of them there were, */
    uint32_t unknown;   /* and the last step then that had touched everything: see rewind.c */
    rf_choice choice; /* by which its process goes on */
} rf_node;

/* A step, and its vector clock: of each process how many steps come before it in every order, itself included. */
typedef struct rf_behind {
    uint64_t site;      /* where its process stood, */
    uint64_t cause;     /* and where it touched everything; 0: it did not, or at no place that was told */
    uint64_t struck;    /* processes that it strikes or ends: where these stood is part of what it did */
    uint32_t process;
    uint32_t number;   /* among those of its process, from 1 */
    uint32_t accesses; /* its first one; those of the next step follow */
    uint32_t how;      /* rf_action, and 8 bits on the process that it strikes, or its own */
    uint32_t clock[RF_PROCESSES]; /* of those that there are now: see `add` in space.c */
} rf_behind;

typedef struct rf_process {
    uint32_t thread;
    uint32_t victim;  /* of a crash that is a process for each thread that it may strike (rf_aims); RF_NONE */
    uint32_t steps;
    uint32_t born;    /* 1 + the step in which it was first announced; 0: it was there from the beginning */
    uint32_t woken;   /* 1 + the step that let it go on, since its last one, */
    uint32_t moved;   /* and that which made it wait for something else */
    uint32_t last;    /* 1 + its last step, or that of another which struck or ended it */
    uint32_t taken;   /* 1 + the step that ended it, and with it what it was about to do */
    uint32_t before;  /* its `last` before that */
    uint32_t object;  /* for which it waits */
    uint32_t state;   /* rf_slot_state, as it was last announced */
    uint32_t wide;    /* taken where nobody could go on: see rf_aims */
    uint64_t interval; /* in which it was changed last: see rewind.c */
} rf_process;

/* What a process was before it was changed. */
typedef struct rf_undo {
    rf_process was;
    uint32_t process;
    uint32_t reserved;
} rf_undo;

/* What a process announced, as the record has it. */
typedef struct rf_told {
    rf_access access; /* `step`: the process; `announced`: it touches nothing */
    uint32_t thread;
    uint8_t state; /* rf_slot_state */
    uint8_t flags;
    uint8_t reserved[2];
} rf_told;

typedef enum rf_leaf { RF_LEAF_NONE = 0, RF_LEAF_END, RF_LEAF_ASLEEP, RF_LEAF_OVER } rf_leaf;

/* What rf_proof writes of the execution that has ended, where the stage records (proof.c). */
typedef struct rf_proof_state {
    rf_node leaf;      /* how things stood at its end, */
    uint64_t told;     /* offset of what was announced: rf_told[touched] */
    uint32_t used;
    uint32_t accesses; /* in use at its end */
    uint32_t next;     /* the step that is written next, */
    uint32_t end;      /* and where they end */
    uint32_t written;  /* announcements */
    uint8_t on;
    uint8_t root;      /* the first node is to be written */
    uint8_t kind;      /* rf_leaf */
    uint8_t lost;      /* there was no room for something */
} rf_proof_state;

typedef struct rf_reduction {
    uint64_t nodes;    /* offsets of the arrays: rf_node[steps], rf_behind[steps], */
    uint64_t behind;
    uint64_t accesses; /* rf_access[touched], */
    uint64_t kept;     /* rf_access[touched], */
    uint64_t sleepers; /* rf_sleeper[touched], */
    uint64_t found;    /* uint32_t[2 * steps], */
    uint64_t undo;     /* rf_undo[touched], */
    uint64_t number;   /* uint8_t[threads]: 1 + process of a thread */
    uint64_t interval; /* between two nodes, of all executions together */
    uint32_t steps;    /* room for so many */
    uint32_t touched;
    uint32_t planned;  /* nodes whose process is given */
    uint32_t depth;    /* nodes of this execution */
    uint32_t closed;   /* steps whose clocks are known */
    uint32_t used_accesses;
    uint32_t used_kept;
    uint32_t used_sleepers;
    uint32_t used_undo;
    uint32_t entered;  /* accesses, into the table of objects */
    uint32_t processes;
    uint32_t unknown;  /* 1 + the last step that touched everything */
    uint32_t print;    /* a hash of what was chosen and touched so far */
    uint32_t touches;  /* what steps touch is as it was when core->touches was so */
    uint8_t off;       /* what follows is not recorded: everything that could go on was asleep, or there is no room */
    uint8_t full;      /* there is no room */
    volatile uint8_t within; /* code of the reduction runs: a process that is killed then leaves half of something */
    uint8_t reserved;
    uint32_t reserved_too;
    rf_summed same;      /* of the pieces of a space that is shared */
    rf_proof_state proof;
    rf_conflict conflicts[RF_CONFLICTS];
    rf_process process[RF_PROCESSES];
    uint32_t heads[RF_BUCKETS]; /* 1 + index of the last access of a bucket */
} rf_reduction;

static inline rf_node *rf_nodes(rf_core *core, const rf_reduction *r) { return RF_AT(core, r->nodes, rf_node); }
static inline rf_behind *rf_steps(rf_core *core, const rf_reduction *r) { return RF_AT(core, r->behind, rf_behind); }
static inline rf_access *rf_accesses(rf_core *core, const rf_reduction *r)
{
    return RF_AT(core, r->accesses, rf_access);
}
static inline rf_access *rf_kept(rf_core *core, const rf_reduction *r) { return RF_AT(core, r->kept, rf_access); }
static inline rf_sleeper *rf_sleepers(rf_core *core, const rf_reduction *r)
{
    return RF_AT(core, r->sleepers, rf_sleeper);
}
static inline uint64_t rf_bit(uint32_t process) { return (uint64_t)1 << process; }
static inline uint32_t rf_first_of(uint64_t set) { return (uint32_t)__builtin_ctzll(set); }

/* space.c: the arrays in so many bytes, and the beginning of a first execution. `proof`: with room for what rf_proof writes. */
void rf_reduction_init(rf_core *core, rf_reduction *r, uint64_t offset, uint64_t room, int proof);
void rf_reduction_begin(rf_core *core, rf_reduction *r);
/* The number of a thread among the processes; RF_PROCESSES: there are too many. */
uint32_t rf_process_of(rf_core *core, rf_reduction *r, uint32_t thread);
/* A crash that strikes whichever thread can go on, and touches no more than it tells and how far the process is from its end, is a
 * process for each of these threads: it has to do with what that one does, and not with what others do. Where nobody can go on it
 * strikes who waits, and has to do with everything. Who checks the record knows crashes as one process each. */
int rf_aims(rf_core *core, uint32_t trigger);
/* That of a choice, and those of a crash that aims, as things stand: all, or those that can be chosen. */
uint32_t rf_process_of_choice(rf_core *core, rf_reduction *r, const rf_choice *choice);
uint64_t rf_aimed(rf_core *core, rf_reduction *r, uint32_t trigger, int able);
/* Those of all crashes. */
uint64_t rf_armed(rf_core *core, rf_reduction *r, int able);
/* There is no room: the search goes on, but is no longer complete. */
void rf_reduction_full(rf_reduction *r);

/* rewind.c: an execution that goes the way of the one before, up to where it parts from it, makes all that is kept here as it was
 * then. So that is kept, and not made again. */
/* A process that is about to be changed. */
rf_process *rf_change(rf_core *core, rf_reduction *r, uint32_t process);
/* Everything that is known at the node is known; what follows comes of the step from it. */
void rf_mark(rf_reduction *r, rf_node *node);
/* Back to how it was at the last of the nodes that are planned. */
void rf_rewind(rf_core *core, rf_reduction *r);
/* The next execution begins, with the way up to there before it. */
void rf_reduction_again(rf_reduction *r);

/* footprint.c: what steps touch. */
/* 0: nothing that another thread, or a dump, could notice. What only a dump notices touches RF_OBJECT_ALL. */
int rf_access_of(const rf_event *event, rf_access *access);
int rf_depend(const rf_access *a, const rf_access *b);
/* Notes an access of the last step. */
void rf_add_access(rf_core *core, rf_reduction *r, const rf_access *access);
/* Those of a step. */
rf_access *rf_accesses_of(rf_core *core, const rf_reduction *r, uint32_t step, uint32_t *count);
/* Enters those of a step into the table of objects. */
void rf_enter_accesses(rf_core *core, rf_reduction *r, uint32_t step);
/* Walks through what was entered in the bucket of an object, the latest first; each is 1 + an index, 0: there is no more. Who only looks
 * depends on nobody who only looks, and there may be as many of these as there are steps: `changes` leaves them out. */
static inline uint32_t rf_bucket_changed(const rf_access *accesses, uint32_t at)
{
    return at != 0 && accesses[at - 1].mode == RF_LOOKS ? accesses[at - 1].changed : at;
}
static inline uint32_t rf_bucket_last(const rf_reduction *r, const rf_access *accesses, uint32_t object, int changes)
{
    uint32_t at = r->heads[object & (RF_BUCKETS - 1)];
    return changes ? rf_bucket_changed(accesses, at) : at;
}
static inline uint32_t rf_bucket_before(const rf_access *accesses, uint32_t at, int changes)
{
    return changes ? rf_bucket_changed(accesses, accesses[at - 1].before) : accesses[at - 1].before;
}

/* options.c: who can be chosen at a scheduling point. Fairness may say on the way that it has cut something. */
uint64_t rf_members(rf_core *core, rf_reduction *r, const rf_set *set);
uint64_t rf_able_at(rf_core *core, rf_reduction *r, const rf_point *point);
/* Who is there, which of them can take a step, which wait for so long at most, and which crashes can be chosen. */
typedef struct rf_present {
    uint64_t there, enabled, timed, armed;
} rf_present;
rf_present rf_present_at(rf_core *core, rf_reduction *r);
/* The crashes that end the process in a dump, and run no code of the program. */
uint64_t rf_dumps_at(rf_core *core, rf_reduction *r);
int rf_choose_for(rf_core *core, rf_reduction *r, const rf_point *point, uint64_t wanted, rf_node *node, rf_choice *choice);
/* Of the execution up to here, and of what stands there. */
uint32_t rf_check_at(const rf_core *core, const rf_reduction *r, const rf_point *point);
void rf_look_from(rf_core *core, rf_reduction *r, const rf_point *point, const rf_present *now, rf_node *node);

/* A step that is, or may have been, behind the others: with what it touches. */
typedef struct rf_later {
    uint32_t step;
    uint32_t process;
    const uint32_t *clock;
    const rf_access *accesses;
    uint32_t count;
} rf_later;

/* conflicts.c: which places make the space large. Nothing is decided by it. */
/* The other order of a node's step and this one has to be run. */
void rf_count_conflict(rf_core *core, rf_reduction *r, uint32_t node, const rf_later *later);
/* Where a step stands, or one that is only announced. */
uint64_t rf_site_of_later(rf_core *core, const rf_reduction *r, const rf_later *later);

/* races.c: what comes before what. */
/* Gives a step its clock, now that all that it touched is known, and adds to nodes what must be explored. */
void rf_close_step(rf_core *core, rf_reduction *r, uint32_t step);
/* The same for what a process was about to do when another ended it: it may have come before that, behind what follows. */
void rf_close_taken(rf_core *core, rf_reduction *r, uint32_t process, uint64_t struck, const rf_access *accesses,
                    uint32_t count);
/* The same for what a process that is blocked before this step would do, were it not blocked. */
void rf_close_blocked(rf_core *core, rf_reduction *r, uint32_t step, uint32_t process, const rf_access *access);

/* steps.c: a step is made, and is over. */
/* What is chosen touches what it announced; the rest it reports. */
void rf_enter(rf_core *core, rf_reduction *r, rf_node *node, const rf_choice *choice);
/* The last step is over. `now`: who is there behind it. */
void rf_close_last(rf_core *core, rf_reduction *r, const rf_present *now);

/* undone.c: what was not done. */
/* What a blocked process waits for it may have had: it has not done it, and may never. */
void rf_close_if_blocked(rf_core *core, rf_reduction *r, uint32_t process);
/* When an execution is left. */
void rf_close_undone(rf_core *core, rf_reduction *r);

/* branch.c: where the next execution parts from this one. */
/* Where the space is shared: leaves the piece in which the execution lies, if it is of another part (pieces.h). */
void rf_leave_piece(rf_core *core, rf_reduction *r, rf_stage_state *stage);
/* The deepest node from which something is left to explore is where the next execution parts from this one; 0: there is none. */
int rf_next_branch(rf_core *core, rf_reduction *r);
/* How many classes there may be, after so many executions: as many branches as those that were gone through (after Knuth, Math. Comp. 29, 1975). */
double rf_estimate(rf_core *core, const rf_reduction *r, uint64_t executions);
/* What fairness leaves out at this point is left out for good: where these stand. */
void rf_note_cut(rf_core *core, rf_stage_state *stage, const rf_reduction *r, uint64_t processes);

/* sleep.c: what need not be run again. */
/* Of a new node: what is asleep there, since it was at the node before and is independent of the step between. */
void rf_inherit_sleepers(rf_core *core, rf_reduction *r, uint32_t node);
/* The process of a node has been explored: it is asleep there from now on, with what its step touched. */
void rf_put_to_sleep(rf_core *core, rf_reduction *r, uint32_t node);

/* proof.c: what an execution was, for those who check that none is missing. Nothing is decided by it. */
/* A process has announced something. */
void rf_proof_told(rf_core *core, rf_reduction *r, uint32_t process);
/* The execution has come to its end, or there is nothing more to be explored in it: this is how things stand. */
void rf_proof_leaf(rf_core *core, rf_reduction *r, const rf_node *leaf, rf_leaf kind);
/* Everything is known about it. */
void rf_proof_close(rf_reduction *r);
/* The next lines that are whole in so many bytes; 0: there is no more. */
uint32_t rf_proof_lines(rf_core *core, rf_reduction *r, char *out, uint32_t size);

#endif
