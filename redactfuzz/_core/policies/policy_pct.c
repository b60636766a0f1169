/* Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatti: ASPLOS 2010): threads have random
 * distinct priorities, the highest that is enabled runs; at d - 1 points drawn uniformly from the k of an execution the
 * thread about to run falls below all that did not fall yet. A bug of depth d among n threads is met with
 * probability at least 1 / (n k^(d-1)).
 *
 * k is the most contended points that an execution had so far: points with one enabled thread do not count. A thread that
 * yields or spins falls below all others, else the highest would spin for ever. A trigger is one more thread. A timed
 * wait keeps its thread's priority one time in eight, which is when it may expire early; else it does so when nothing
 * is enabled.
 */
#include "policies/key.h"
#include "policies/policy.h"

enum { MAX_DEPTH = 255 };

typedef struct rf_pct_state {
    uint64_t low;      /* the next priority of one that yields; falls */
    uint32_t contended;
    uint32_t changes;
    uint32_t change[MAX_DEPTH]; /* contended points, 1-based */
} rf_pct_state;

/* Priorities: yielded < fallen at a change point < drawn at the start. */
static const uint64_t START = (uint64_t)1 << 63;
static const uint64_t FALLEN = (uint64_t)1 << 62;

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)stage;
    (void)limits;
    (void)room;
    return sizeof(rf_pct_state);
}

static void init(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    rf_pct_state *state = RF_AT(core, stage->offset, rf_pct_state);
    uint32_t length = core->choices[stage->config.granularity];
    if (length == 0) {
        length = RF_FIRST_LENGTH;
    }
    state->low = FALLEN - 1;
    state->contended = 0;
    state->changes = stage->config.depth > 0 ? stage->config.depth - 1u : 0;
    for (uint32_t i = 0; i < state->changes; i++) {
        state->change[i] = 1 + rf_below(&core->rng, length);
    }
}

static uint64_t priority_of(rf_core *core, uint32_t thread)
{
    rf_slot *slot = rf_slot_of(core, thread);
    if (slot->priority == 0) {
        slot->priority = START | rf_random(&core->rng) >> 1;
    }
    return slot->priority;
}

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    const rf_slot *slot = rf_slot_of(core, thread);
    uint64_t priority = priority_of(core, thread);
    (void)stage;
    if (slot->state == RF_SLOT_BLOCKED) {
        int keeps = rf_may_keep(slot) && rf_below(&core->rng, RF_WAIT_KEEPS) == 0;
        priority = keeps ? priority : 0;
    }
    rf_rank_set(core, thread, priority);
}

static void fall(rf_core *core, uint32_t thread, uint64_t priority)
{
    rf_slot_of(core, thread)->priority = priority;
    rf_rank_set(core, thread, priority);
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    rf_pct_state *state = RF_AT(core, stage->offset, rf_pct_state);
    uint32_t best;
    if (rf_time_passes(point)) {
        return point->preferred;
    }
    if (point->yields && core->enabled.count > 1) {
        fall(core, point->current, state->low--);
    }
    best = rf_rank_best(core);
    if (best == RF_NONE) {
        return point->preferred;
    }
    if (core->enabled.count + core->armed.count > 1) {
        state->contended++;
        for (uint32_t i = 0; i < state->changes; i++) {
            if (state->change[i] == state->contended) {
                fall(core, best, FALLEN + i);
                best = rf_rank_best(core);
            }
        }
    }
    switch (rf_slot_of(core, best)->state) {
    case RF_SLOT_ARMED:
        return rf_fire_at_random(core, best);
    case RF_SLOT_BLOCKED:
        return rf_pick(RF_EXPIRE, best, 0);
    default:
        return rf_pick(RF_STEP, best, 0);
    }
}

static int end(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
    return 1;
}

const rf_policy rf_pct = {
    .name = "pct", .size = size, .init = init, .begin = begin, .pended = pended, .choose = choose,
    .end = end, .draws = 1,
};
