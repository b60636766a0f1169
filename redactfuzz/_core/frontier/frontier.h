/* The open schedules of a bounded enumeration.
 *
 * Every schedule that was run is a list of deviations; its children have one more, at a later step. The tree of that
 * relation reaches each schedule exactly once. The children of one execution that displace the same thread in the same way
 * form a group. Groups take turns, so that a thread of thousands of points does not starve one of ten; inside a
 * group come the steps in the program's own code, then those in packages, then those in the standard library, and of each those
 * that another thread may notice first. They are visited in bit-reversed order, because windows are often wide: one of w
 * steps in n is met after about n / w tries.
 */
#ifndef RF_FRONTIER_H
#define RF_FRONTIER_H

#include "frontier/arena.h"
#include "frontier/runs.h"

enum {
    RF_MAX_LEVELS = 1024,
    RF_MAX_DEVIATIONS = 4096,
    RF_TURNS = 4,        /* one schedule in so many has a preemption, while there are any without; */
    RF_MANY = 64,        /* after so many */
    RF_LATER_TURNS = 16, /* one in so many */
    RF_PHASES = 2 * RF_ORIGINS, /* of a group */
};

/* A schedule that was run and has children. Followed by its deviations (uint64_t), one bit a step for the shared
 * events (if bitmap) and for each origin but the first (if there is any other), and checks (uint16_t): hashes of the trace up to every 2^shift-th step. */
typedef struct rf_parent {
    uint32_t references;
    uint32_t deviations;
    uint32_t base;  /* first step after the last deviation */
    uint32_t steps; /* number of steps from there */
    uint32_t cost;
    uint8_t struck;
    uint8_t bitmap;
    uint8_t shift;
    uint8_t origins; /* bitmaps of them */
} rf_parent;

/* Followed by `count` runs as {lo, hi}, or, where nobody is displaced, items (choice and step). */
typedef struct rf_group {
    uint64_t next;
    uint64_t parent;
    uint64_t key;      /* of the runs */
    uint32_t total[RF_PHASES]; /* candidates: of each origin those at shared events, then the others */
    uint32_t at;       /* counter whose bits are reversed */
    uint32_t count;
    uint8_t phase;     /* which of total is being visited */
    uint8_t strikes;   /* its children have had their free strike */
    uint8_t reserved[6];
} rf_group;

typedef struct rf_level {
    uint64_t head;
    uint64_t tail;
    uint64_t open; /* candidates not yet run */
    uint64_t done; /* schedules run */
} rf_level;

typedef struct rf_frontier {
    rf_arena arena;
    uint64_t levels; /* offset of rf_level[count] */
    uint32_t count;
    uint32_t taken; /* schedules without a preemption, and those between them */
} rf_frontier;

/* The schedule being run. */
typedef struct rf_plan {
    uint64_t deviations; /* offset of uint64_t[RF_MAX_DEVIATIONS] */
    uint64_t parent;     /* offset; 0: the first schedule of all */
    uint32_t count;
    uint32_t cost;
    uint8_t struck;
    uint8_t reserved[7];
} rf_plan;

/* The next schedule into `plan`; 0: there is none. Fewer preemptions come first; but schedules with one do not wait for the
 * end of those without, which may be many: six threads have 720 orders. */
int rf_frontier_next(rf_core *core, rf_frontier *frontier, rf_plan *plan);
/* Adds the children of `plan`, as collected: `runs` runs in the scratch area. 0: something did not fit. */
int rf_frontier_add(rf_core *core, rf_frontier *frontier, const rf_plan *plan, uint32_t runs, int strike, int bitmap);
void rf_frontier_release(rf_core *core, rf_frontier *frontier, uint64_t parent);
int rf_frontier_empty(rf_core *core, const rf_frontier *frontier);
/* Does the execution stand where the parent stood at the last deviation's step? Else the step where they part. */
int rf_frontier_agrees(rf_core *core, const rf_plan *plan, const rf_point *point, uint32_t *step);
/* How many schedules there will be, judged by what was seen so far (after Knuth 1975: as many children as so far). */
double rf_frontier_estimate(rf_core *core, const rf_frontier *frontier);

#endif
