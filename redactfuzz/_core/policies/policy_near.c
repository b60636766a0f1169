/* Where a secret is. One execution of an order is profiled: the runtime marks the points at which the secret has just moved
 * (RF_SECRET). Then, at each of these places, whoever can be displaced there is, once in each way, crashes first. A place that
 * is met a thousand times, in a loop or down a recursion, is tried where it is first and last met, and some times between.
 *
 * The default order is profiled first, and, where somebody else could have gone first, the one that prefers high numbers:
 * of the waits that end at the same moment it takes the highest as well.
 */
#include "policies/policy.h"

enum { PLACES = 8192, TRIES = 16384, BETWEEN = 64 /* tries that are neither first nor last */, ORDERS = 2 };
enum { FIRST = 0, LAST, OTHER, CLASSES };

typedef struct rf_place {
    uint64_t site;
    uint32_t step;
    uint16_t thread;
    uint8_t options; /* ways to displace whoever stands there */
    uint8_t class;
} rf_place;

typedef struct rf_try {
    uint16_t place;
    uint16_t option;
} rf_try;

typedef struct rf_near_state {
    uint32_t order;    /* that is profiled, or was */
    uint32_t profiled; /* this one is known */
    uint32_t free;     /* somebody else could have gone first */
    uint32_t places;
    uint32_t tries;
    uint32_t next;     /* of the tries */
    uint32_t expired;  /* thread whose wait ended in the try; RF_NONE: somebody else was chosen */
    uint64_t done;     /* of the orders before */
    uint16_t visit[PLACES];
    rf_place place[PLACES];
    rf_try try[TRIES];
} rf_near_state;

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)stage;
    (void)limits;
    (void)room;
    return sizeof(rf_near_state);
}

static rf_near_state *state_of(rf_core *core, const rf_stage_state *stage)
{
    return RF_AT(core, stage->offset, rf_near_state);
}

static void init(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
}

/* In the order that prefers high numbers these are the ranks. */
static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    const rf_slot *slot = rf_slot_of(core, thread);
    if (state_of(core, stage)->order > 0 && slot->state != RF_SLOT_ARMED) {
        rf_rank_set(core, thread, slot->state == RF_SLOT_PENDED ? (uint64_t)thread + 1 : 0);
    }
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    core->status.profiles = !state_of(core, stage)->profiled;
}

/* Number of the options that displace, and the wanted one of them: crashes first, then those who could go on instead. */
static uint32_t displacing(rf_core *core, const rf_point *point, uint32_t wanted, rf_choice *found)
{
    uint32_t count = 0;
    for (int fires = 1; fires >= 0; fires--) {
        rf_cursor cursor = {0, 0, RF_NONE};
        rf_choice choice;
        while (rf_next_option(core, point, &cursor, &choice)) {
            if ((choice.action == RF_FIRE) == fires && rf_preempts(core, point, &choice)) {
                if (count == wanted) {
                    *found = choice;
                }
                count++;
            }
        }
    }
    return count;
}

static void note(rf_core *core, rf_near_state *state, const rf_point *point)
{
    rf_choice none;
    uint32_t options = displacing(core, point, RF_NONE, &none);
    if (options > 0 && state->places < PLACES) {
        rf_place place = {point->from_site, core->status.steps, (uint16_t)point->current,
                          (uint8_t)(options < 255 ? options : 255), OTHER};
        state->place[state->places++] = place;
    }
}

/* The highest number of the threads whose waits end when that of `first` does. */
static uint32_t highest_due(rf_core *core, uint32_t first)
{
    uint64_t deadline = rf_slot_of(core, first)->deadline;
    uint32_t highest = first;
    for (uint32_t thread = rf_set_next(core, &core->timed, first + 1); thread != RF_NONE;
         thread = rf_set_next(core, &core->timed, thread + 1)) {
        if (rf_slot_of(core, thread)->deadline == deadline) {
            highest = thread;
        }
    }
    return highest;
}

/* What the order does where nothing is tried. */
static rf_choice ordered(rf_core *core, rf_near_state *state, const rf_point *point)
{
    uint32_t highest;
    if (point->preferred.action == RF_EXPIRE) {
        highest = highest_due(core, point->preferred.thread);
        state->free |= highest != point->preferred.thread;
        return state->order == 0 ? point->preferred : rf_pick(RF_EXPIRE, highest, 0);
    }
    if (point->goes_on || core->enabled.count < 2) {
        return point->preferred;
    }
    state->free = 1;
    if (state->order == 0 || point->preferred.action != RF_STEP) {
        return point->preferred;
    }
    if (point->yields) {
        rf_rank_set(core, point->current, 0); /* until it is announced again */
    }
    highest = rf_rank_best(core);
    return highest == RF_NONE ? point->preferred : rf_pick(RF_STEP, highest, 0);
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    rf_near_state *state = state_of(core, stage);
    const rf_try *now = &state->try[state->next];
    const rf_place *place = &state->place[now->place];
    rf_choice choice = point->preferred;
    if (!state->profiled) {
        if (point->goes_on && (rf_slot_of(core, point->current)->flags & RF_SECRET)) {
            note(core, state, point);
        }
        return ordered(core, state, point);
    }
    if (core->status.steps == place->step) {
        if (point->current != place->thread || point->from_site != place->site) {
            return rf_diverge(core);
        }
        (void)displacing(core, point, now->option, &choice);
        state->expired = choice.action == RF_EXPIRE ? choice.thread : RF_NONE;
        return choice;
    }
    core->quiet = core->status.steps < place->step ? place->step : core->limits.steps;
    if (core->status.steps == place->step + 1 && point->current == state->expired && point->yields) {
        return rf_pick(RF_STEP, state->expired, 0); /* a thread whose wait has ended would hand over at once */
    }
    return ordered(core, state, point);
}

static int same_place(const rf_place *a, const rf_place *b)
{
    return a->site == b->site && a->thread == b->thread;
}

static void classify(rf_near_state *state)
{
    for (uint32_t i = 0; i < state->places; i++) {
        uint32_t before = 0;
        uint32_t after = i + 1;
        while (before < i && !same_place(&state->place[before], &state->place[i])) {
            before++;
        }
        while (after < state->places && !same_place(&state->place[after], &state->place[i])) {
            after++;
        }
        state->place[i].class = before == i ? FIRST : after == state->places ? LAST : OTHER;
    }
}

/* The places of a class into `visit`, in bit-reversed order, since windows are often wide. Gives their number. */
static uint32_t line_up(rf_near_state *state, uint32_t class, uint32_t most)
{
    uint32_t count = 0;
    uint32_t bits = 0;
    while ((uint32_t)1 << bits < state->places) {
        bits++;
    }
    for (uint32_t at = 0; at < (uint32_t)1 << bits && count < most; at++) {
        uint32_t index = 0;
        for (uint32_t bit = 0; bit < bits; bit++) {
            index = index << 1 | (at >> bit & 1u);
        }
        if (index < state->places && state->place[index].class == class) {
            state->visit[count++] = (uint16_t)index;
        }
    }
    return count;
}

static void plan(rf_near_state *state)
{
    state->tries = 0;
    state->next = 0;
    classify(state);
    for (uint32_t class = FIRST; class < CLASSES; class++) {
        uint32_t count = line_up(state, class, class == OTHER ? BETWEEN : PLACES);
        int more = count > 0;
        for (uint32_t option = 0; more; option++) {
            more = 0;
            for (uint32_t i = 0; i < count && state->tries < TRIES; i++) {
                if (option < state->place[state->visit[i]].options) {
                    rf_try one = {state->visit[i], (uint16_t)option};
                    state->try[state->tries++] = one;
                    more = 1;
                }
            }
        }
    }
}

static int end(rf_core *core, rf_stage_state *stage)
{
    rf_near_state *state = state_of(core, stage);
    (void)core;
    if (state->profiled) {
        state->next++;
    } else {
        state->profiled = 1;
        plan(state);
    }
    stage->estimate = (double)(state->done + 1 + state->tries);
    if (state->next < state->tries) {
        return 1;
    }
    state->done += 1 + state->tries;
    state->profiled = 0;
    state->places = 0;
    return state->free && ++state->order < ORDERS;
}

const rf_policy rf_near = {
    .name = "near", .size = size, .init = init, .begin = begin, .pended = pended, .choose = choose, .end = end,
};
