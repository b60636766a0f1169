/* Partial order sampling (Yuan, Yang, Gu: CAV 2018): each pending event has a priority drawn uniformly, the highest that is
 * enabled runs; then the thread's next event and every pending event that races with the one just run draw anew.
 * Crashes strike at a moment drawn uniformly (crash_time.c). A timed wait competes one time in eight. A thread that
 * yields comes after the others, those that yielded before it included.
 */
#include "policies/key.h"
#include "policies/policy.h"

/* Followed by heads uint32_t[leaves]: pending events by key, threads + 1, doubly linked through `links`. */
typedef struct rf_link {
    uint32_t next;
    uint32_t previous;
    uint32_t bucket; /* + 1; 0: in none */
} rf_link;

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)stage;
    (void)room;
    return 4 * (size_t)rf_leaves_for(limits->threads) + sizeof(rf_link) * limits->threads;
}

static uint32_t *heads_of(rf_core *core, const rf_stage_state *stage)
{
    return RF_AT(core, stage->offset, uint32_t);
}

static rf_link *links_of(rf_core *core, const rf_stage_state *stage)
{
    return (rf_link *)(heads_of(core, stage) + core->leaves);
}

static void leave(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    rf_link *links = links_of(core, stage);
    rf_link *link = &links[thread];
    if (link->bucket == 0) {
        return;
    }
    if (link->previous != 0) {
        links[link->previous - 1].next = link->next;
    } else {
        heads_of(core, stage)[link->bucket - 1] = link->next;
    }
    if (link->next != 0) {
        links[link->next - 1].previous = link->previous;
    }
    link->bucket = 0;
}

static void enter(rf_core *core, rf_stage_state *stage, uint32_t thread, uint64_t key)
{
    rf_link *links = links_of(core, stage);
    uint32_t bucket = (uint32_t)rf_mix(key) & (core->leaves - 1);
    uint32_t *head = &heads_of(core, stage)[bucket];
    rf_link link = {*head, 0, bucket + 1};
    if (*head != 0) {
        links[*head - 1].previous = thread + 1;
    }
    links[thread] = link;
    *head = thread + 1;
}

static void init(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    for (uint32_t i = 0; i < core->leaves; i++) {
        heads_of(core, stage)[i] = 0;
    }
    for (uint32_t i = 0; i < core->limits.threads; i++) {
        links_of(core, stage)[i].bucket = 0;
    }
}

static uint64_t draw(rf_core *core)
{
    return (uint64_t)1 << 63 | rf_random(&core->rng) >> 1;
}

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    const rf_slot *slot = rf_slot_of(core, thread);
    uint64_t key = rf_key(slot);
    leave(core, stage, thread);
    if (slot->state == RF_SLOT_ARMED) {
        rf_draw_crash(core, thread);
    } else if (slot->state == RF_SLOT_BLOCKED) {
        int competes = rf_may_keep(slot) && rf_below(&core->rng, RF_WAIT_KEEPS) == 0;
        rf_rank_set(core, thread, competes ? draw(core) : 0);
    } else {
        rf_rank_set(core, thread, draw(core));
        if (key != 0) {
            enter(core, stage, thread, key);
        }
    }
}

/* Every pending event that races with what `thread` is about to do draws anew. */
static void redraw(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    const rf_link *links = links_of(core, stage);
    const rf_slot *done = rf_slot_of(core, thread);
    uint64_t key = rf_key(done);
    if (key == 0 || links[thread].bucket == 0) {
        return;
    }
    for (uint32_t next = heads_of(core, stage)[links[thread].bucket - 1]; next != 0; next = links[next - 1].next) {
        const rf_slot *other = rf_slot_of(core, next - 1);
        if (next - 1 != thread && other->state == RF_SLOT_PENDED && rf_key(other) == key
            && (other->kind != RF_READ || done->kind != RF_READ)) {
            rf_rank_set(core, next - 1, draw(core));
        }
    }
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    uint32_t trigger = rf_due_trigger(core);
    uint32_t best;
    if (trigger != RF_NONE) {
        return rf_fire_at_random(core, trigger);
    }
    if (rf_time_passes(point)) {
        return point->preferred;
    }
    if (point->yields && core->enabled.count > 1) {
        rf_rank_set(core, point->current, (~(uint64_t)0 >> 1) - core->status.steps);
    }
    best = rf_rank_best(core);
    if (best == RF_NONE) {
        return point->preferred;
    }
    if (rf_slot_of(core, best)->state == RF_SLOT_BLOCKED) {
        return rf_pick(RF_EXPIRE, best, 0);
    }
    redraw(core, stage, best);
    leave(core, stage, best);
    return rf_pick(RF_STEP, best, 0);
}

static int end(rf_core *core, rf_stage_state *stage)
{
    (void)core;
    (void)stage;
    return 1;
}

const rf_policy rf_pos = {
    .name = "pos", .size = size, .init = init, .begin = begin, .pended = pended, .choose = choose,
    .end = end, .draws = 1,
};
