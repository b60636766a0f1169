/* The inside of the exploration core. Everything lies in one block and is reached by offsets from its start. */
#ifndef RF_CORE_H
#define RF_CORE_H

#include "choices/event.h"
#include "choices/onward.h"
#include "choices/rng.h"
#include "choices/set.h"
#include "choices/types.h"

enum {
    RF_SPIN_SITE = 5000,    /* passes of one backward jump, nobody else running, that count as spinning */
    RF_SPIN_ANY = 50000,    /* the same for any backward jumps: loops inside loops */
    RF_SPIN_AGAIN = 100,    /* passes of one backward jump that count as spinning in a thread that did before */
    RF_GRANTS = 16,         /* places (thread, site) remembered for fairness */
    RF_GRANT_TIMES = 2,     /* how often one of them may be passed before everybody has run */
    RF_FIRST_LENGTH = 64,   /* steps that an execution is taken to have before one was seen */
};

typedef enum rf_slot_state { RF_SLOT_NONE = 0, RF_SLOT_PENDED, RF_SLOT_BLOCKED, RF_SLOT_ARMED } rf_slot_state;

/* What a thread (or trigger) is about to do. */
typedef struct rf_slot {
    uint64_t site;
    uint64_t deadline;
    uint64_t rank;     /* in the winner tree, 0: not in it; of an armed trigger: the step at which it is due */
    uint64_t priority; /* the policy's, kept while the thread is not in the tree */
    uint32_t object;
    uint32_t offset;
    uint32_t size;
    uint32_t heap;   /* place in the heap of deadlines */
    uint8_t state;   /* rf_slot_state */
    uint8_t kind;
    uint8_t flags;
    uint8_t owes;    /* it was expired (1), or spins (2): at its next point it counts as yielding */
    uint8_t seen;    /* it was announced in this execution */
    uint8_t tired;   /* it handed over where it stands, because it yielded, spins or was expired */
    uint8_t spun;    /* it was seen to spin in this execution */
    uint8_t trigger; /* it was armed in this execution: a handler, no thread of the program */
    uint8_t origin;
    uint8_t room;
    uint32_t parent; /* the thread that ran when it was first announced */
    uint32_t round;  /* the round in which it was last chosen */
} rf_slot;

/* Fairness of enumerations. A thread that stands at a yield, or waits with a timeout, is chosen out of turn at one place only
 * RF_GRANT_TIMES in a round; a round is over when every thread that was enabled has run (after the fair scheduler of
 * Musuvathi, Qadeer: PLDI 2008). Without this the free choices of `while not event.wait(1)` have no end. */
typedef struct rf_grant {
    uint64_t site;
    uint32_t thread;
    uint32_t times;
} rf_grant;

typedef struct rf_stage_state {
    rf_stage config;
    uint64_t executions;
    uint64_t preempted;  /* executions in which some thread was displaced */
    uint64_t repeated;   /* executions that showed nothing new, as a reduction found out on their way */
    uint64_t offset;     /* of the policy's state */
    uint64_t room;       /* bytes of the frontier that are this stage's */
    int64_t credit;      /* smooth weighted round robin */
    double estimate;
    uint64_t same;       /* of a part: see pieces.h */
    uint8_t finished;    /* nothing left to run */
    uint8_t truncated;
    uint8_t cut;
    uint8_t reserved[5];
    uint64_t cuts[RF_CUTS]; /* sites of those that were left out; 0 behind the last */
} rf_stage_state;

/* A choice point. */
typedef struct rf_point {
    uint64_t from_site;  /* where `current` stands; 0 when it has ended */
    uint32_t current;
    uint8_t goes_on;     /* the current thread is enabled and does not yield */
    uint8_t yields;      /* it is enabled and yields */
    uint8_t spins;       /* it yields because it spins */
    uint8_t local;       /* it goes on, and what it does is RF_LOCAL: beside that only a crash can be chosen */
    rf_choice preferred; /* the default order's choice */
} rf_point;

struct rf_core {
    rf_status status;
    uint32_t quiet;      /* while steps < quiet and only the current thread moves, it goes on without asking anybody */
    uint32_t due;        /* before this step no trigger strikes, where chance says when (crash_time.c) */
    uint32_t current;
    uint64_t spin_site;
    uint32_t spin_same;
    uint32_t spin_limit; /* of spin_same: RF_SPIN_SITE or RF_SPIN_AGAIN */
    uint32_t spin_any;
    uint64_t trace;      /* offset */
    uint64_t slots;      /* offset */
    uint64_t rng;
    rf_set enabled;
    rf_set blocked;
    rf_set timed;
    rf_set armed;
    rf_set fresh;        /* enabled and not chosen in this round; kept for enumerations only */
    rf_set preemptible;  /* threads that could be displaced at some point of any execution so far */
    rf_set preempted;    /* those of them that were */
    uint64_t heap;       /* offset: uint32_t[threads], a binary heap of timed waits by (deadline, thread) */
    uint64_t tree;       /* offset: uint32_t[2 * leaves], the winner tree of rank.c */
    uint64_t scratch;    /* offset: rf_run[scratch_count], what one execution collects */
    uint64_t replay;     /* offset of rf_replay_state */
    uint32_t leaves;
    uint32_t scratch_count;
    uint32_t used;       /* thread numbers announced in this execution are below */
    uint32_t stage_count;
    uint64_t stages;     /* offset */
    rf_limits limits;
    uint64_t seed;
    uint32_t round;
    uint32_t fair;       /* the policy is an enumeration */
    uint32_t grants;
    uint32_t started;    /* an execution is in progress */
    uint32_t outcome;    /* of the one before */
    rf_grant grant[RF_GRANTS];
    uint32_t length[3];  /* most steps of an execution, by granularity */
    uint32_t choices[3]; /* most points with more than one thread that could go on, by granularity */
    uint32_t contended;  /* such points of this execution */
    uint32_t shown;      /* at the point that is to come: rf_shows */
    uint32_t touches;    /* how often rf_touches_more was said */
    uint32_t dead;       /* rf_died was said in this execution, */
    rf_status died;      /* and this was the status */
    uint32_t named;      /* objects up to this number have been met in this execution: rf_named */
    rf_onward onward;
    uint64_t known;      /* see rf_knows */
    uint64_t notes[RF_NOTES];
};

#define RF_AT(core, offset, type) ((type *)(void *)((char *)(core) + (offset)))

static inline rf_slot *rf_slot_of(rf_core *core, uint32_t thread)
{
    return RF_AT(core, core->slots, rf_slot) + thread;
}

static inline rf_stage_state *rf_stage_of(rf_core *core, uint32_t stage)
{
    return RF_AT(core, core->stages, rf_stage_state) + stage;
}

/* Fairness has left out who stands at this site. */
static inline void rf_cut(rf_stage_state *stage, uint64_t site)
{
    uint32_t i = 0;
    while (i < RF_CUTS && stage->cuts[i] != 0 && stage->cuts[i] != site) {
        i++;
    }
    if (i < RF_CUTS) {
        stage->cuts[i] = site;
    }
    stage->cut = 1;
}

/* Leaves of a tree over so many threads: a power of two. */
static inline uint32_t rf_leaves_for(uint32_t threads)
{
    uint32_t leaves = 1;
    while (leaves < threads) {
        leaves *= 2;
    }
    return leaves;
}

static inline uint64_t rf_hash_step(uint64_t hash, uint64_t site, uint32_t thread, uint32_t action)
{
    hash = (hash ^ site ^ ((uint64_t)thread << 8) ^ action) * 0x9fb21c651e98df25u;
    return hash ^ (hash >> 29);
}

/* Is this an event that another thread may notice: a write, or a lock taken or let go, of something not local? */
static inline uint32_t rf_is_shared(uint32_t kind, uint32_t flags)
{
    const uint32_t kinds = 1u << RF_WRITE | 1u << RF_RMW | 1u << RF_ACQUIRE | 1u << RF_RELEASE;
    return ((kinds >> kind) & 1u) & ~(flags >> 1);
}

static inline rf_choice rf_pick(uint32_t action, uint32_t thread, uint32_t trigger)
{
    rf_choice choice = {(uint16_t)thread, (uint16_t)trigger, (uint8_t)action, 0, 0};
    return choice;
}

static inline int rf_same(const rf_choice *a, const rf_choice *b)
{
    return a->action == b->action && a->thread == b->thread && (a->action != RF_FIRE || a->trigger == b->trigger);
}

/* Does this choice displace a thread that could go on? */
static inline int rf_preempts(const rf_core *core, const rf_point *point, const rf_choice *choice)
{
    if (choice->action == RF_FIRE) {
        return core->enabled.count > 0;
    }
    return point->goes_on && !(choice->action == RF_STEP && choice->thread == point->current);
}

/* trace.c */
void rf_trace_add(rf_core *core, const rf_point *point, const rf_choice *choice, uint32_t flags);

/* point.c: what can be chosen. */
rf_choice rf_pick(uint32_t action, uint32_t thread, uint32_t trigger);
/* The default order's choice is that time passes, while the only enabled thread spins. */
static inline int rf_time_passes(const rf_point *point)
{
    return point->spins && point->preferred.action == RF_EXPIRE;
}
int rf_same(const rf_choice *a, const rf_choice *b);
void rf_look(rf_core *core, rf_point *point);
/* Is this choice out of turn, of a thread that stands at a yield or waits with a timeout? */
int rf_out_of_turn(rf_core *core, const rf_point *point, const rf_choice *choice);
int rf_available(rf_core *core, const rf_choice *choice);
/* All choices in ascending order of (action, thread, trigger), the fair ones only. */
typedef struct rf_cursor {
    uint32_t phase;
    uint32_t at;
    uint32_t trigger;
} rf_cursor;
int rf_next_option(rf_core *core, const rf_point *point, rf_cursor *cursor, rf_choice *choice);
/* Chance has chosen: but a wait that ends in turn only (RF_IN_TURN) goes on. */
rf_choice rf_in_turn(rf_core *core, const rf_point *point, rf_choice choice);
/* Is it one of those? */
int rf_is_option(rf_core *core, const rf_point *point, const rf_choice *choice);
/* A choice of trigger `trigger`, its victim drawn at random. */
rf_choice rf_fire_at_random(rf_core *core, uint32_t trigger);
/* The execution met another program than the one it was made for. */
rf_choice rf_diverge(rf_core *core);

/* waits.c: timed waits by deadline. */
void rf_wait_add(rf_core *core, uint32_t thread);
void rf_wait_remove(rf_core *core, uint32_t thread);
uint32_t rf_wait_first(rf_core *core);

/* rank.c: the enabled thread of the highest rank. */
void rf_rank_set(rf_core *core, uint32_t thread, uint64_t rank);
uint32_t rf_rank_best(rf_core *core); /* RF_NONE: when nothing is ranked */
void rf_rank_clear(rf_core *core);

/* onward.c: who has the next turn; RF_STOP: there will be no end. */
rf_choice rf_onward_choose(rf_core *core, const rf_point *point);

/* crash_time.c: when a trigger is due, for the policies that choose at random. */
void rf_draw_crash(rf_core *core, uint32_t trigger);
uint32_t rf_due_trigger(rf_core *core); /* RF_NONE: none */
void rf_next_due(rf_core *core);        /* one has fired: when is the next? */

#endif
