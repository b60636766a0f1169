/* Novelty. A random walk whose beginning is often one that led to something new. What is new is judged by where each thread
 * stands and who wrote each object last (by place, not by value): how programs with few shared words get from state to
 * state, of which there are thousands where there are billions of schedules. A bug that takes eight preemptions is so
 * reached one after the other, and no longer at once.
 *
 * Beginnings are kept as a tree, of which one schedule is a path: a node for each switch, and one for each state that was new.
 */
#include "policies/policy.h"

enum {
    SEEN = 1 << 19,    /* places for hashes of states; half of them are used */
    NODES = 1 << 18,
    OBJECTS = 1 << 10, /* places for objects whose last writer is known; half of them are used */
    SWITCHES = 4096,   /* of a beginning, at most */
    TRIED = 12,        /* beginnings of which the one that was taken least is taken */
    AFRESH = 4,        /* one execution in so many has no beginning */
    WEIGHT = 8,        /* of a thread; a timed wait has 1 */
};

typedef struct rf_node {
    uint32_t parent; /* plus 1; 0: none */
    uint32_t step;   /* of the switch, or at which the state was new */
    uint32_t taken;  /* as a beginning */
    uint16_t thread;
    uint16_t trigger;
    uint8_t action;  /* rf_action; RF_NOTHING: here a state was new */
    uint8_t reserved[3];
} rf_node;

typedef struct rf_last {
    uint64_t site;
    uint32_t object;
    uint32_t execution;
} rf_last;

/* Followed by uint64_t[threads]: what each adds to the hash. */
typedef struct rf_novel_state {
    uint64_t hash;      /* of the state now */
    uint32_t execution; /* of the stage */
    uint32_t threads;   /* of the last execution: numbers are below */
    uint32_t objects;
    uint32_t states;
    uint32_t nodes;
    uint32_t tip;       /* plus 1: the node that this execution has come to */
    uint32_t begins;    /* switches of its beginning */
    uint32_t next;      /* of them */
    uint32_t until;     /* step at which the beginning ends */
    uint32_t since;     /* switches since `tip` */
    rf_last last[OBJECTS];
    rf_node begin[SWITCHES];
    rf_node made[SWITCHES]; /* since `tip` */
    rf_node node[NODES];
    uint64_t seen[SEEN];
} rf_novel_state;

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)stage;
    (void)room;
    return sizeof(rf_novel_state) + sizeof(uint64_t) * limits->threads;
}

static rf_novel_state *state_of(rf_core *core, const rf_stage_state *stage)
{
    return RF_AT(core, stage->offset, rf_novel_state);
}

static void init(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
}

/* -- what the state is */

static void stands(rf_novel_state *state, uint32_t thread, uint64_t where)
{
    uint64_t *part = (uint64_t *)(state + 1) + thread;
    state->hash ^= *part;
    *part = rf_mix(where ^ (uint64_t)(thread + 1) << 48);
    state->hash ^= *part;
    state->threads = thread >= state->threads ? thread + 1 : state->threads;
}

/* What the thread that was chosen writes is its, from now on. */
static void does(rf_novel_state *state, const rf_slot *slot)
{
    uint32_t at = (uint32_t)(rf_mix(slot->object) % OBJECTS);
    if (!rf_is_shared(slot->kind, slot->flags) || slot->object == RF_OBJECT_UNKNOWN) {
        return;
    }
    while (state->last[at].execution == state->execution && state->last[at].object != slot->object) {
        at = (at + 1) % OBJECTS;
    }
    if (state->last[at].execution != state->execution) {
        if (state->objects == OBJECTS / 2) {
            return;
        }
        state->objects++;
        state->last[at].execution = state->execution;
        state->last[at].object = slot->object;
    } else {
        state->hash ^= rf_mix(state->last[at].site * 3 + slot->object);
    }
    state->last[at].site = slot->site;
    state->hash ^= rf_mix(slot->site * 3 + slot->object);
}

static int is_new(rf_novel_state *state)
{
    uint64_t hash = state->hash == 0 ? 1 : state->hash;
    uint32_t at = (uint32_t)(hash % SEEN);
    while (state->seen[at] != 0) {
        if (state->seen[at] == hash) {
            return 0;
        }
        at = (at + 1) % SEEN;
    }
    if (state->states == SEEN / 2) {
        return 0;
    }
    state->states++;
    state->seen[at] = hash;
    return 1;
}

/* -- beginnings */

static void keep(rf_novel_state *state, rf_node node)
{
    node.parent = state->tip;
    state->node[state->nodes++] = node;
    state->tip = state->nodes;
}

static void keep_beginning(rf_novel_state *state, uint32_t step)
{
    rf_node end = {.step = step};
    if (state->since > SWITCHES || state->nodes + state->since + 1 > NODES) {
        return;
    }
    for (uint32_t i = 0; i < state->since; i++) {
        keep(state, state->made[i]);
    }
    keep(state, end);
    state->since = 0;
}

static void take(rf_novel_state *state, uint32_t node)
{
    uint32_t count = 0;
    uint32_t at;
    for (at = node + 1; at != 0 && count <= SWITCHES; at = state->node[at - 1].parent) {
        count += state->node[at - 1].action != RF_NOTHING;
    }
    state->node[node].taken++;
    if (count > SWITCHES) {
        return;
    }
    state->begins = count;
    state->until = state->node[node].step;
    state->tip = node + 1;
    for (at = node + 1; at != 0; at = state->node[at - 1].parent) {
        if (state->node[at - 1].action != RF_NOTHING) {
            state->begin[--count] = state->node[at - 1];
        }
    }
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    rf_novel_state *state = state_of(core, stage);
    uint32_t best = RF_NONE;
    for (uint32_t thread = 0; thread < state->threads; thread++) {
        ((uint64_t *)(state + 1))[thread] = 0;
    }
    state->hash = 0;
    state->execution++;
    state->threads = 0;
    state->objects = 0;
    state->tip = 0;
    state->begins = 0;
    state->next = 0;
    state->until = 0;
    state->since = 0;
    if (state->nodes == 0 || rf_below(&core->rng, AFRESH) == 0) {
        return;
    }
    for (int i = 0; i < TRIED; i++) {
        uint32_t one = rf_below(&core->rng, state->nodes);
        if (state->node[one].action == RF_NOTHING
            && (best == RF_NONE || state->node[one].taken < state->node[best].taken)) {
            best = one;
        }
    }
    if (best != RF_NONE) {
        take(state, best);
    }
}

/* -- choices */

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    const rf_slot *slot = rf_slot_of(core, thread);
    if (slot->state == RF_SLOT_ARMED) {
        rf_draw_crash(core, thread);
    } else {
        stands(state_of(core, stage), thread, slot->site ^ (slot->state == RF_SLOT_BLOCKED));
    }
}

static rf_choice drawn(rf_core *core, const rf_point *point)
{
    uint32_t trigger = rf_due_trigger(core);
    uint32_t weight = WEIGHT * core->enabled.count + core->timed.count;
    uint32_t at;
    if (trigger != RF_NONE) {
        return rf_fire_at_random(core, trigger);
    }
    if (weight == 0) {
        return point->preferred;
    }
    at = rf_below(&core->rng, weight);
    if (at < WEIGHT * core->enabled.count) {
        return rf_pick(RF_STEP, rf_set_kth(core, &core->enabled, at / WEIGHT), 0);
    }
    return rf_pick(RF_EXPIRE, RF_AT(core, core->heap, uint32_t)[at - WEIGHT * core->enabled.count], 0);
}

/* As the beginning says: a switch, or the thread that runs. */
static rf_choice begun(rf_core *core, rf_novel_state *state, const rf_point *point)
{
    rf_choice choice = rf_pick(RF_STEP, point->current, 0);
    if (state->next < state->begins && state->begin[state->next].step == core->status.steps) {
        const rf_node *node = &state->begin[state->next++];
        choice = rf_pick((rf_action)node->action, node->thread, node->trigger);
    }
    if (point->current == RF_NO_THREAD && choice.thread == RF_NO_THREAD) {
        return point->preferred;
    }
    return rf_available(core, &choice) ? choice : rf_diverge(core);
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    rf_novel_state *state = state_of(core, stage);
    uint32_t step = core->status.steps;
    rf_choice choice;
    if (step < state->until) {
        choice = begun(core, state, point);
    } else {
        if (is_new(state)) {
            keep_beginning(state, step);
        }
        choice = drawn(core, point);
        if (choice.action != RF_STEP || choice.thread != point->current) {
            rf_node made = {.step = step, .thread = choice.thread, .trigger = choice.trigger, .action = choice.action};
            if (state->since < SWITCHES) {
                state->made[state->since] = made;
            }
            state->since += state->since <= SWITCHES;
        }
    }
    if (choice.action == RF_STEP) {
        does(state, rf_slot_of(core, choice.thread));
    }
    return choice;
}

static int end(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
    return 1;
}

const rf_policy rf_novel = {
    .name = "novel", .size = size, .init = init, .begin = begin, .pended = pended, .choose = choose,
    .end = end, .draws = 1,
};
