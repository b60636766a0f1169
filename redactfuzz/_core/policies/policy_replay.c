/* Replay: the default order but for deviations that are keyed by (thread, site, nth occurrence there). A program that
 * changed a little still meets them; where one cannot be met the execution diverges.
 */
#include "policies/policy.h"
#include "reduce/pairs.h"

typedef struct rf_entry {
    rf_deviation deviation;
    uint32_t seen; /* how often its thread stood at its site so far; of those of one place it is kept in the next to be met */
    uint32_t next; /* in its bucket, + 1; 0: none */
    uint32_t met;
    uint32_t reserved;
} rf_entry;

/* Followed by `buckets` heads (entry + 1) and `capacity` entries. */
typedef struct rf_replay_state {
    uint32_t count;
    uint32_t buckets;
    uint32_t capacity;
    uint32_t left;
} rf_replay_state;

static uint32_t buckets_for(uint32_t capacity)
{
    uint32_t buckets = 16;
    while (buckets < 2 * (uint64_t)capacity && buckets < 1u << 30) {
        buckets *= 2;
    }
    return buckets;
}

size_t rf_replay_size(const rf_limits *limits)
{
    return sizeof(rf_replay_state) + 4 * (size_t)buckets_for(limits->replay) + sizeof(rf_entry) * limits->replay;
}

static rf_replay_state *state_of(rf_core *core)
{
    return RF_AT(core, core->replay, rf_replay_state);
}

static uint32_t *heads_of(rf_replay_state *state)
{
    return (uint32_t *)(state + 1);
}

static rf_entry *entries_of(rf_replay_state *state)
{
    return (rf_entry *)(void *)(heads_of(state) + state->buckets);
}

static uint32_t bucket_of(const rf_replay_state *state, uint32_t thread, uint64_t site)
{
    return (uint32_t)(rf_mix(site ^ ((uint64_t)thread << 48)) & (state->buckets - 1));
}

static int same_place(const rf_deviation *one, const rf_deviation *other)
{
    return one->thread == other->thread && one->site == other->site;
}

/* Buckets hold what is still to be met; of one place the earlier first, so that a step costs the same however many there are. */
static void link_all(rf_replay_state *state)
{
    for (uint32_t i = 0; i < state->buckets; i++) {
        heads_of(state)[i] = 0;
    }
    for (uint32_t i = state->count; i-- > 0;) {
        rf_entry *entry = &entries_of(state)[i];
        const rf_deviation *deviation = &entry->deviation;
        uint32_t *link = &heads_of(state)[bucket_of(state, deviation->thread, deviation->site)];
        if (entry->met) {
            continue;
        }
        for (uint32_t *at = link; *at != 0; at = &entries_of(state)[*at - 1].next) {
            const rf_deviation *other = &entries_of(state)[*at - 1].deviation;
            if (same_place(other, deviation)) {
                if (other->nth >= deviation->nth) {
                    break;
                }
                link = &entries_of(state)[*at - 1].next;
            }
        }
        entry->next = *link;
        *link = i + 1;
    }
}

static void rewind_all(rf_core *core)
{
    rf_replay_state *state = state_of(core);
    for (uint32_t i = 0; i < state->count; i++) {
        entries_of(state)[i].seen = 0;
        entries_of(state)[i].met = 0;
    }
    link_all(state);
    state->left = state->count;
    core->status.pending_deviations = state->count;
}

int rf_replay(rf_core *core, const rf_deviation *deviations, uint32_t count)
{
    rf_replay_state *state = state_of(core);
    if (count > core->limits.replay) {
        return -1;
    }
    state->buckets = buckets_for(core->limits.replay);
    state->capacity = core->limits.replay;
    state->count = count;
    for (uint32_t i = 0; i < count; i++) {
        entries_of(state)[i].deviation = deviations[i];
    }
    rewind_all(core);
    return 0;
}

void rf_renumber(rf_core *core, uint32_t from, uint32_t to)
{
    rf_replay_state *state = state_of(core);
    for (uint32_t i = 0; i < state->count; i++) {
        rf_deviation *deviation = &entries_of(state)[i].deviation;
        deviation->thread = deviation->thread == from ? (uint16_t)to : deviation->thread;
        deviation->target = deviation->target == from ? (uint16_t)to : deviation->target;
        deviation->trigger = deviation->trigger == from ? (uint16_t)to : deviation->trigger;
    }
    if (state->buckets != 0) {
        link_all(state);
    }
}

/* NULL: the stage notes none. */
static rf_pairs_state *pairs_of(rf_core *core, const rf_stage_state *stage)
{
    return stage->config.pairs ? RF_AT(core, stage->offset, rf_pairs_state) : NULL;
}

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)limits;
    (void)room;
    return stage->pairs ? sizeof(rf_pairs_state) : 0;
}

static void init(rf_core *core, rf_stage_state *stage)
{
    (void)stage;
    if (state_of(core)->buckets == 0) {
        (void)rf_replay(core, NULL, 0);
    }
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    rf_pairs_state *pairs = pairs_of(core, stage);
    rewind_all(core);
    if (pairs != NULL) {
        rf_pairs_begin(pairs);
        core->status.pairs = 1;
    }
}

static void touched(rf_core *core, rf_stage_state *stage, const rf_event *event)
{
    rf_pairs_state *pairs = pairs_of(core, stage);
    if (pairs != NULL && !core->dead) {
        rf_pairs_touch(pairs, event);
    }
}

static const rf_pair *pairs(rf_core *core, rf_stage_state *stage)
{
    rf_pairs_state *noted = pairs_of(core, stage);
    return noted == NULL ? NULL : noted->pair;
}

/* The deviation that is to be made here, taken out of its bucket; NULL: there is none. */
static const rf_deviation *due(rf_replay_state *state, const rf_point *point)
{
    uint32_t *link = &heads_of(state)[bucket_of(state, point->current, point->from_site)];
    rf_deviation here = {.thread = (uint16_t)point->current, .site = point->from_site};
    for (rf_entry *entry; *link != 0; link = &entry->next) {
        entry = &entries_of(state)[*link - 1];
        if (!same_place(&entry->deviation, &here)) {
            continue;
        }
        if (++entry->seen != entry->deviation.nth) {
            return NULL;
        }
        entry->met = 1;
        *link = entry->next;
        for (uint32_t next = entry->next; next != 0; next = entries_of(state)[next - 1].next) {
            if (same_place(&entries_of(state)[next - 1].deviation, &here)) {
                entries_of(state)[next - 1].seen = entry->seen;
                break;
            }
        }
        return &entry->deviation;
    }
    return NULL;
}

static rf_choice next(rf_core *core, const rf_point *point)
{
    rf_replay_state *state = state_of(core);
    const rf_deviation *deviation = state->left == 0 ? NULL : due(state, point);
    if (deviation != NULL) {
        rf_choice choice = rf_pick(deviation->action, deviation->target, deviation->trigger);
        if (!rf_available(core, &choice)) {
            return rf_diverge(core);
        }
        state->left--;
        core->status.pending_deviations = state->left;
        return choice;
    }
    return point->preferred;
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    rf_pairs_state *noted = pairs_of(core, stage);
    rf_choice choice = next(core, point);
    if (noted == NULL) {
        core->quiet = state_of(core)->left == 0 ? core->limits.steps : core->quiet;
    } else if (choice.action != RF_STOP) {
        rf_pairs_step(core, noted, &choice);
    }
    return choice;
}

static int end(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
    return 1;
}

const rf_policy rf_replaying = {
    .name = "replay", .size = size, .init = init, .begin = begin, .touched = touched, .choose = choose, .end = end,
    .pairs = pairs,
};
