/* Selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury: ASPLOS 2025). The stage's first execution counts the
 * accesses by thread and key. Each later one draws a key that several threads touch, and samples the interleavings of its
 * accesses uniformly: a thread is drawn with the weight of the accesses that remain to it and its unborn children, and
 * until it has made its access the others wait at theirs. Everything else goes by random priorities.
 *
 * Where no key qualifies, every event is an access (uniform random walk). Crashes and timed waits: as in POS.
 */
#include "key.h"
#include "policy.h"
#include "profile.h"

typedef struct rf_share {
    uint32_t weight; /* accesses that remain to the thread and its unborn children */
    uint32_t parent; /* that announced it in the profile; RF_NO_THREAD: nobody */
    uint32_t born;   /* in this execution */
} rf_share;

/* Followed by rf_share[threads]. */
typedef struct rf_surw_state {
    rf_profile profile;
    uint64_t key;      /* of this execution; 0: it is the one that is profiled */
    uint64_t low;      /* the next priority of one that yields; falls */
    uint32_t intended; /* the thread drawn for the next access */
    uint32_t reserved;
} rf_surw_state;

static const uint64_t START = (uint64_t)1 << 63;

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)stage;
    (void)room;
    return sizeof(rf_surw_state) + sizeof(rf_share) * limits->threads;
}

static rf_surw_state *state_of(rf_core *core, const rf_stage_state *stage)
{
    return RF_AT(core, stage->offset, rf_surw_state);
}

static rf_share *share_of(rf_surw_state *state, uint32_t thread)
{
    return (rf_share *)(state + 1) + thread;
}

static void init(rf_core *core, rf_stage_state *stage)
{
    for (uint32_t thread = 0; thread < core->limits.threads; thread++) {
        share_of(state_of(core, stage), thread)->parent = RF_NO_THREAD;
    }
}

static void weigh(rf_core *core, rf_surw_state *state)
{
    for (uint32_t thread = 0; thread < core->limits.threads; thread++) {
        share_of(state, thread)->weight = 0;
        share_of(state, thread)->born = 0;
    }
    for (uint32_t i = 0; i < RF_PROFILE_COUNTS; i++) {
        const rf_profile_count *place = &state->profile.counts[i];
        if (place->key == state->key) {
            uint32_t thread = place->thread;
            for (; thread != RF_NO_THREAD; thread = share_of(state, thread)->parent) {
                share_of(state, thread)->weight += place->count;
            }
        }
    }
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    rf_surw_state *state = state_of(core, stage);
    state->low = START - 1;
    state->intended = RF_NONE;
    state->key = 0;
    if (stage->executions > 1) {
        state->key = rf_profile_draw(&state->profile, &core->rng);
        weigh(core, state);
    }
}

static int accesses(const rf_surw_state *state, const rf_slot *slot)
{
    return slot->state == RF_SLOT_PENDED && (state->key == RF_ANY_KEY || rf_key(slot) == state->key);
}

static void bear(rf_core *core, rf_surw_state *state, uint32_t thread)
{
    rf_share *share = share_of(state, thread);
    uint32_t above = share->parent;
    if (share->born) {
        return;
    }
    share->born = 1;
    if (state->key == 0) {
        share->parent = rf_slot_of(core, thread)->parent;
        return;
    }
    for (; above != RF_NO_THREAD; above = share_of(state, above)->parent) {
        rf_share *ancestor = share_of(state, above);
        if (above == state->intended && share->weight > 0 && rf_below(&core->rng, ancestor->weight) < share->weight) {
            state->intended = thread; /* the ancestor was drawn for itself and its unborn children alike */
        }
        ancestor->weight -= ancestor->weight < share->weight ? ancestor->weight : share->weight;
    }
}

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    rf_surw_state *state = state_of(core, stage);
    rf_slot *slot = rf_slot_of(core, thread);
    uint64_t rank;
    if (slot->state == RF_SLOT_ARMED) {
        if (state->key == 0) {
            slot->rank = ~(uint64_t)0; /* while profiling the crash comes last */
        } else {
            rf_draw_crash(core, thread);
        }
        return;
    }
    bear(core, state, thread);
    if (slot->priority == 0) {
        slot->priority = START | rf_random(&core->rng) >> 1;
    }
    rank = slot->priority;
    if (slot->state == RF_SLOT_BLOCKED) {
        int competes = (slot->flags & RF_TIMED) != 0 && rf_below(&core->rng, RF_WAIT_KEEPS) == 0;
        rank = competes ? rank : 0;
    }
    rf_rank_set(core, thread, rank);
}

/* A thread that finished its accesses has weight 0; one that stands at an access beyond what was profiled has 1. */
static uint32_t weight_of(rf_core *core, rf_surw_state *state, uint32_t thread)
{
    uint32_t weight = share_of(state, thread)->weight;
    return weight == 0 && accesses(state, rf_slot_of(core, thread)) ? 1 : weight;
}

/* Draws the thread whose access is next. `waiting`: among those that stand at one only. */
static void intend(rf_core *core, rf_surw_state *state, int waiting)
{
    const rf_set *sets[2] = {&core->enabled, &core->blocked};
    uint32_t total = 0;
    uint32_t drawn;
    state->intended = RF_NONE;
    for (int pass = 0; pass < 2; pass++) {
        drawn = pass == 1 ? rf_below(&core->rng, total) : 0;
        for (int i = 0; i < (waiting ? 1 : 2); i++) {
            uint32_t thread;
            for (thread = rf_set_next(core, sets[i], 0); thread != RF_NONE;
                 thread = rf_set_next(core, sets[i], thread + 1)) {
                rf_slot *slot = rf_slot_of(core, thread);
                uint32_t weight = weight_of(core, state, thread);
                if (waiting && !accesses(state, slot)) {
                    continue;
                }
                if (pass == 0) {
                    total += weight;
                    if (slot->state == RF_SLOT_PENDED && slot->rank == 0) {
                        rf_rank_set(core, thread, slot->priority); /* it waited for its turn */
                    }
                } else if (drawn < weight) {
                    state->intended = thread;
                    return;
                } else {
                    drawn -= weight;
                }
            }
        }
        if (total == 0) {
            return;
        }
    }
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    rf_surw_state *state = state_of(core, stage);
    uint32_t trigger = rf_due_trigger(core);
    uint32_t best;
    rf_slot *slot;
    if (trigger != RF_NONE) {
        return rf_fire_at_random(core, trigger);
    }
    if (core->enabled.count == 0 && (state->key == 0 || rf_rank_best(core) == RF_NONE)) {
        return point->preferred;
    }
    if (state->key == 0) {
        slot = rf_slot_of(core, point->preferred.thread);
        rf_profile_add(&state->profile, rf_key(slot), point->preferred.thread, slot->kind != RF_READ);
        return point->preferred;
    }
    if (point->yields && core->enabled.count > 1) {
        slot = rf_slot_of(core, point->current);
        slot->priority = state->low--;
        rf_rank_set(core, point->current, slot->priority);
    }
    if (state->intended == RF_NONE || rf_slot_of(core, state->intended)->state == RF_SLOT_NONE) {
        intend(core, state, 0);
    }
    for (;;) {
        best = rf_rank_best(core);
        if (best == RF_NONE) {
            if (core->enabled.count == 0) {
                return point->preferred;
            }
            intend(core, state, 1); /* the one that was drawn cannot come: another's turn */
            continue;
        }
        slot = rf_slot_of(core, best);
        if (best == state->intended || !accesses(state, slot)) {
            break;
        }
        rf_rank_set(core, best, 0);
    }
    if (slot->state == RF_SLOT_BLOCKED) {
        return rf_pick(RF_EXPIRE, best, 0);
    }
    if (accesses(state, slot)) {
        rf_share *share = share_of(state, best);
        share->weight -= share->weight > 0;
        state->intended = RF_NONE;
    }
    return rf_pick(RF_STEP, best, 0);
}

static int end(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
    return 1;
}

const rf_policy rf_surw = {
    .name = "surw", .size = size, .init = init, .begin = begin, .pended = pended, .choose = choose, .end = end,
};
