/* Selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury: ASPLOS 2025). The stage's first execution counts the
 * accesses by thread and key. Each later one draws a key that several threads touch, and samples the interleavings of its
 * accesses uniformly: a thread is drawn with the weight of the accesses that remain to it and its unborn children, and
 * until it has made its access the others wait at theirs. Everything else goes by random priorities.
 *
 * Where events have no objects, as in Python, keys are names, and the steps of containers and calls have none. A stage that asks
 * (rf_stage.asks) has the runtime report in its first execution what steps touch (places.h). Of the others every second one then draws
 * such a place, and its accesses are the steps from sites that touched it; the rest go by names, since what did not run in the
 * default order is not known.
 *
 * Where no key qualifies, every event is an access (uniform random walk). Crashes and timed waits: as in POS.
 */
#include "policies/key.h"
#include "policies/policy.h"
#include "policies/profile.h"
#include "policies/places.h"
#include "policies/weights.h"

typedef struct rf_share {
    uint32_t weight; /* accesses that remain to the thread and its unborn children */
    uint32_t parent; /* that announced it in the profile; RF_NO_THREAD: nobody */
    uint32_t unborn; /* children that it had in the profile, and has not yet in this execution */
    uint32_t born;   /* in this execution */
} rf_share;

/* Of a stage that asks what steps touch. */
typedef struct rf_surw_asked {
    rf_places places;
    rf_profile profile; /* by bits of `places` */
} rf_surw_asked;

enum { PATIENCE = 16 /* times that a parent may yield before its next child is born, and remains the one that is meant */ };

/* Followed by rf_share[threads] and the tree of weights. Those that stand at an access and are not `intended` have no rank:
 * a choice looks at nobody who waits for its turn. */
typedef struct rf_surw_state {
    rf_profile profile;
    rf_weights weights;
    uint64_t asked;    /* offset of rf_surw_asked; 0: it does not ask */
    uint64_t key;      /* of this execution; 0: it is the one that is profiled */
    uint64_t low;      /* the next priority of one that yields; falls */
    uint32_t intended; /* the thread drawn for the next access */
    uint32_t last;     /* the thread chosen last: what it weighs now is known when it is announced, or has ended */
    uint32_t seen;     /* threads in any execution so far have numbers below */
    uint32_t patience; /* that is left */
    uint32_t yields;   /* since an access was made */
    uint32_t by_place;  /* the key is a bit of `places` */
} rf_surw_state;

static const uint64_t START = (uint64_t)1 << 63;

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)room;
    return sizeof(rf_surw_state) + sizeof(rf_share) * limits->threads + rf_weights_size(rf_leaves_for(limits->threads))
           + (stage->asks ? sizeof(rf_surw_asked) : 0);
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
    rf_surw_state *state = state_of(core, stage);
    for (uint32_t thread = 0; thread < core->limits.threads; thread++) {
        share_of(state, thread)->parent = RF_NO_THREAD;
    }
    rf_weights_init(&state->weights, stage->offset + sizeof *state + sizeof(rf_share) * (uint64_t)core->limits.threads,
                    core->leaves);
    if (stage->config.asks) {
        state->asked = state->weights.tree + rf_weights_size(core->leaves);
    }
}

static rf_places *places_of(rf_core *core, const rf_surw_state *state)
{
    return &RF_AT(core, state->asked, rf_surw_asked)->places;
}

static rf_profile *profile_of(rf_core *core, rf_surw_state *state)
{
    return state->by_place ? &RF_AT(core, state->asked, rf_surw_asked)->profile : &state->profile;
}

/* What was learned, as a profile whose keys are bits. */
static void note_places(rf_core *core, rf_surw_state *state)
{
    rf_places *learned = places_of(core, state);
    rf_profile *profile = &RF_AT(core, state->asked, rf_surw_asked)->profile;
    rf_places_ends(learned);
    for (uint32_t i = 0; i < learned->used_steps; i++) {
        const rf_places_site *site = &learned->sites[learned->steps[i].site];
        if (site->touches == 0) {
            rf_profile_add(profile, 0, learned->steps[i].thread, 0);
        }
        for (uint64_t rest = site->touches; rest != 0; rest &= rest - 1) {
            uint64_t bit = rest & (~rest + 1);
            rf_profile_add(profile, bit, learned->steps[i].thread, (site->changes & bit) != 0);
        }
    }
}

static void weigh(rf_core *core, rf_surw_state *state)
{
    const rf_profile *profile = profile_of(core, state);
    const rf_profile_count *place = rf_profile_counts(profile, state->key);
    for (uint32_t thread = 0; thread < state->seen; thread++) {
        share_of(state, thread)->weight = 0;
        share_of(state, thread)->unborn = 0;
        share_of(state, thread)->born = 0;
    }
    for (uint32_t thread = 0; thread < state->seen; thread++) {
        uint32_t parent = share_of(state, thread)->parent;
        if (parent != RF_NO_THREAD) {
            share_of(state, parent)->unborn++;
        }
    }
    for (; place != NULL; place = rf_profile_next(profile, place)) {
        uint32_t thread = place->thread;
        for (; thread != RF_NO_THREAD; thread = share_of(state, thread)->parent) {
            share_of(state, thread)->weight += place->count;
        }
    }
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    rf_surw_state *state = state_of(core, stage);
    state->low = START - 1;
    state->intended = RF_NONE;
    state->last = RF_NONE;
    state->patience = PATIENCE;
    state->yields = 0;
    state->key = 0;
    rf_weights_clear(core, &state->weights);
    state->by_place = 0;
    if (stage->executions == 1 && state->asked != 0) {
        rf_places_begins(core, places_of(core, state));
    } else if (stage->executions > 1) {
        state->by_place = state->asked != 0 && stage->executions % 2 == 0;
        state->key = rf_profile_draw(profile_of(core, state), &core->rng);
        weigh(core, state);
    }
}

static int accesses(rf_core *core, const rf_surw_state *state, const rf_slot *slot)
{
    if (state->by_place && state->key != RF_ANY_KEY) {
        return slot->state == RF_SLOT_PENDED && (rf_places_touches(places_of(core, state), slot->site) & state->key) != 0;
    }
    return slot->state == RF_SLOT_PENDED && (state->key == RF_ANY_KEY || rf_key(slot) == state->key);
}

/* What `thread` weighs now. One that finished its accesses has weight 0; one that stands at an access beyond what was
 * profiled has 1. */
static void reckon(rf_core *core, rf_surw_state *state, uint32_t thread)
{
    const rf_slot *slot = rf_slot_of(core, thread);
    rf_weight weight = {{0, 0}};
    if (slot->state == RF_SLOT_PENDED || slot->state == RF_SLOT_BLOCKED) {
        int stands = accesses(core, state, slot);
        uint32_t left = share_of(state, thread)->weight;
        weight.of[RF_ALIVE] = left == 0 && stands ? 1 : left;
        weight.of[RF_STANDING] = stands ? weight.of[RF_ALIVE] : 0;
    }
    rf_weights_set(core, &state->weights, thread, weight);
}

/* Ranks a thread that is announced, unless it stands at an access that is not its turn. */
static void rank(rf_core *core, rf_surw_state *state, uint32_t thread)
{
    const rf_slot *slot = rf_slot_of(core, thread);
    int waits = thread != state->intended && accesses(core, state, slot);
    rf_rank_set(core, thread, waits ? 0 : slot->priority);
}

static void bear(rf_core *core, rf_surw_state *state, uint32_t thread)
{
    rf_share *share = share_of(state, thread);
    uint32_t above = share->parent;
    if (share->born) {
        return;
    }
    share->born = 1;
    state->seen = thread >= state->seen ? thread + 1 : state->seen;
    if (state->key == 0) {
        share->parent = rf_slot_of(core, thread)->parent;
        return;
    }
    if (above != RF_NO_THREAD && share_of(state, above)->unborn > 0) {
        share_of(state, above)->unborn--;
        state->patience = PATIENCE;
    }
    for (; above != RF_NO_THREAD; above = share_of(state, above)->parent) {
        rf_share *ancestor = share_of(state, above);
        if (above == state->intended && share->weight > 0 && rf_below(&core->rng, ancestor->weight) < share->weight) {
            state->intended = thread; /* the ancestor was drawn for itself and its unborn children alike */
            if (accesses(core, state, rf_slot_of(core, above))) {
                rf_rank_set(core, above, 0);
            }
        }
        ancestor->weight -= ancestor->weight < share->weight ? ancestor->weight : share->weight;
        reckon(core, state, above);
    }
}

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    rf_surw_state *state = state_of(core, stage);
    rf_slot *slot = rf_slot_of(core, thread);
    if (slot->state == RF_SLOT_ARMED) {
        if (state->key == 0) {
            slot->rank = ~(uint64_t)0; /* while profiling the crash comes last */
        } else {
            rf_draw_crash(core, thread);
        }
        return;
    }
    bear(core, state, thread);
    if (state->key == 0) {
        return; /* the default order is profiled */
    }
    if (slot->priority == 0) {
        slot->priority = START | rf_random(&core->rng) >> 1;
    }
    reckon(core, state, thread);
    if (slot->state == RF_SLOT_PENDED) {
        rank(core, state, thread);
    } else {
        int competes = rf_may_keep(slot) && rf_below(&core->rng, RF_WAIT_KEEPS) == 0;
        rf_rank_set(core, thread, competes ? slot->priority : 0);
    }
}

/* Draws the thread whose access is next, by the column's weights. */
static void intend(rf_core *core, rf_surw_state *state, rf_column column)
{
    uint32_t total = rf_weights_total(core, &state->weights, column);
    state->intended = RF_NONE;
    if (total == 0) {
        return;
    }
    state->intended = rf_weights_find(core, &state->weights, column, rf_below(&core->rng, total));
    if (accesses(core, state, rf_slot_of(core, state->intended))) {
        rank(core, state, state->intended);
    }
}

/* Is `thread`, which yields, to go on all the same? The accesses that it was drawn for may be those of its unborn children: as
 * long as nobody but it can go on, another's would come too soon. It may wait for the others itself: not for ever. */
static int still_meant(rf_core *core, rf_surw_state *state, uint32_t thread)
{
    const rf_share *share = share_of(state, thread);
    if (thread != state->intended || share->unborn == 0 || state->patience == 0
        || accesses(core, state, rf_slot_of(core, thread))) {
        return 0;
    }
    state->patience--;
    return 1;
}

/* Does everybody who could go on, as far as they are ranked, wait for somebody who stands at an access? */
static int in_vain(rf_core *core, rf_surw_state *state, const rf_point *point, uint32_t best)
{
    if (best == RF_NONE) {
        return 1;
    }
    if (!point->yields || still_meant(core, state, point->current)) {
        return 0;
    }
    state->yields++;
    return best == point->current || state->yields > core->enabled.count;
}

/* The thread that the priorities and the draw of accesses choose; RF_NONE: none. */
static uint32_t chosen(rf_core *core, rf_surw_state *state, const rf_point *point)
{
    uint32_t best;
    if (state->last != RF_NONE && rf_slot_of(core, state->last)->state == RF_SLOT_NONE) {
        reckon(core, state, state->last); /* it has ended */
    }
    if (state->intended == RF_NONE || rf_slot_of(core, state->intended)->state == RF_SLOT_NONE) {
        intend(core, state, RF_ALIVE);
    }
    best = rf_rank_best(core);
    if (core->enabled.count > (best == RF_NONE ? 0u : 1u) && in_vain(core, state, point, best)) {
        /* The one that was drawn cannot come, or is waited for in vain by those that yield: another's turn. */
        state->yields = 0;
        intend(core, state, RF_STANDING);
        best = rf_rank_best(core);
    }
    return best;
}

/* Of the execution that is profiled. */
static void note_choice(rf_core *core, rf_surw_state *state, const rf_choice *choice)
{
    const rf_slot *slot = choice->action == RF_STEP ? rf_slot_of(core, choice->thread) : NULL;
    if (state->asked != 0) {
        rf_places_enters(places_of(core, state), slot != NULL ? slot->site : 0, choice->thread);
    }
    if (slot != NULL) {
        rf_profile_add(&state->profile, rf_key(slot), choice->thread, slot->kind != RF_READ);
    }
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    rf_surw_state *state = state_of(core, stage);
    uint32_t trigger = rf_due_trigger(core);
    rf_choice choice = point->preferred;
    uint32_t best;
    rf_slot *slot;
    if (trigger != RF_NONE) {
        choice = rf_fire_at_random(core, trigger);
        state->last = choice.thread;
        return choice;
    }
    if (state->key == 0) {
        note_choice(core, state, &choice);
        return choice;
    }
    if (point->yields && core->enabled.count > 1) {
        rf_slot_of(core, point->current)->priority = state->low--;
        rank(core, state, point->current);
    }
    best = rf_time_passes(point) ? RF_NONE : chosen(core, state, point);
    if (best != RF_NONE) {
        slot = rf_slot_of(core, best);
        if (accesses(core, state, slot)) {
            rf_share *share = share_of(state, best);
            share->weight -= share->weight > 0;
            state->intended = RF_NONE;
            state->yields = 0;
        }
        choice = rf_pick(slot->state == RF_SLOT_BLOCKED ? RF_EXPIRE : RF_STEP, best, 0);
    }
    state->last = choice.thread;
    return choice;
}

static int end(rf_core *core, rf_stage_state *stage)
{
    rf_surw_state *state = state_of(core, stage);
    if (state->key == 0 && state->asked != 0) {
        note_places(core, state);
    }
    return 1;
}

static void touched(rf_core *core, rf_stage_state *stage, const rf_event *event)
{
    rf_surw_state *state = state_of(core, stage);
    if (state->asked != 0) {
        rf_places_touched(places_of(core, state), event);
    }
}

const rf_policy rf_surw = {
    .name = "surw", .size = size, .init = init, .begin = begin, .pended = pended, .touched = touched, .choose = choose,
    .end = end, .draws = 1,
};
