/* One schedule of each class of those that lead to the same states: see reduce/reduce.h. Depth first, as policy_exhaustive.c:
 * the schedule that runs is the branch, and the other choices that its races ask for lie at its nodes.
 *
 * A crash that ends in a dump, and runs no code of the program, is no step: it depends on nothing. The steps that change what a dump
 * shows of one place of a secret depend on one another (the runtime reports them), so that one execution of each class passes all
 * that any of the class does (visible steps: Peled, CAV 1993). Where the runtime says that a dump would show something new, it is
 * made, as one more choice at the node, and nothing else follows from it.
 *
 * Where everything that could go on is asleep the execution is a repetition. It goes on in the default order, unrecorded.
 */
#include "policies/policy.h"
#include "reduce/reduce.h"

enum {
    FOLLOWED = 2,   /* times that a given way is gone: what the runtime learns of the program the first time, it knows then */
    ESTIMATED = 64, /* executions between two estimates, once there were so many: it moves little, and asks every node */
};

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)stage;
    return sizeof(rf_reduction) + limits->threads + room + 64;
}

static rf_reduction *reduction_of(rf_core *core, const rf_stage_state *stage)
{
    return RF_AT(core, stage->offset, rf_reduction);
}

static void init(rf_core *core, rf_stage_state *stage)
{
    rf_reduction_init(core, reduction_of(core, stage), stage->offset + sizeof(rf_reduction), stage->room,
                      stage->config.proof);
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    rf_reduction *r = reduction_of(core, stage);
    rf_way_begins(core);
    if (r->touches != core->touches) { /* what was explored so far may have left out what depends on it */
        r->touches = core->touches;
        r->planned = r->used_kept = r->used_sleepers = 0;
        r->same = (rf_summed){0};
    }
    if (r->planned == 0) {
        rf_reduction_begin(core, r);
    } else {
        rf_reduction_again(r);
    }
    core->status.reduces = 1;
    core->status.whole = 1;
    core->status.watched = r->planned == 0 ? RF_ALL_WATCHED : RF_GROUPS_WATCHED;
}

/* Who comes to wait is struck no longer, by a step that nobody else may notice: a crash does. */
static void note_wait(rf_core *core, rf_reduction *r)
{
    const rf_access seen = {.object = RF_OBJECT_ALL, .mode = RF_LOOKS};
    uint32_t count;
    rf_accesses_of(core, r, r->depth - 1, &count);
    if (!r->off && count == 0) {
        rf_add_access(core, r, &seen);
    }
}

static void note_pended(rf_core *core, rf_reduction *r, uint32_t thread)
{
    rf_slot_state state = rf_slot_of(core, thread)->state;
    uint32_t process = r->off || r->depth < r->planned ? RF_PROCESSES : rf_process_of(core, r, thread);
    if (process == RF_PROCESSES) {
        return;
    }
    rf_process *own = rf_change(core, r, process);
    if (rf_aims(core, thread)) { /* whom it can strike is seen at each node */
        own->born = r->depth;
        own->taken = 0;
        return;
    }
    if (r->depth > 0 && rf_steps(core, r)[r->depth - 1].process != process) { /* somebody else's step did that */
        if (state != RF_SLOT_BLOCKED && own->state != RF_SLOT_PENDED) {
            own->woken = r->depth;
        } else if (state == RF_SLOT_BLOCKED
                   && (own->state == RF_SLOT_PENDED || own->object != rf_slot_of(core, thread)->object)) {
            own->moved = r->depth;
        }
    } else if (r->depth > r->closed && state == RF_SLOT_BLOCKED) {
        note_wait(core, r);
    }
    own->taken = 0;
    own->state = state;
    own->object = rf_slot_of(core, thread)->object;
    rf_proof_told(core, r, process);
}

/* On the way to where this execution parts from the one before it is known what is touched, if it is what it was then. */
static int note_touches(rf_core *core, rf_reduction *r, const rf_event *event)
{
    (void)core;
    if (r->off || r->depth == 0) {
        return 0;
    }
    if (!(event->flags & RF_LOCAL) && event->object != RF_OBJECT_TOLD) {
        uint64_t where = (uint64_t)event->object << 32 | (event->offset ^ event->size << 4);
        r->print = (uint32_t)(rf_hash_step(r->print, where, 0, event->kind) >> 16);
    }
    return r->depth > r->closed && r->depth >= r->planned;
}

static void note_touched(rf_core *core, rf_reduction *r, const rf_event *event)
{
    rf_access access;
    if (rf_access_of(event, &access)) {
        rf_behind *step = rf_steps(core, r) + r->depth - 1;
        if (access.object == RF_OBJECT_UNKNOWN && step->cause == 0) {
            step->cause = event->site;
        }
        rf_add_access(core, r, &access);
    }
}

/* -- a node */

static rf_choice leave_off(rf_core *core, rf_stage_state *stage, rf_reduction *r, const rf_point *point)
{
    stage->truncated |= r->full;
    r->off = 1;
    core->status.watched = RF_NOT_WATCHED;
    core->status.reduces = 0;
    core->quiet = core->limits.steps;
    return point->preferred;
}

/* A thread can go on again: a crash can strike it again. */
static void note_returns(rf_core *core, rf_reduction *r, uint64_t there)
{
    for (uint64_t rest = there; rest != 0; rest &= rest - 1) {
        const rf_process *process = &r->process[rf_first_of(rest)];
        if (process->victim != RF_NONE && process->taken != 0) {
            rf_change(core, r, rf_first_of(rest))->taken = 0;
        }
    }
}

/* What is chosen is part of what an execution is told by, on the way to where it parts from the one before. */
static void print_choice(rf_core *core, rf_reduction *r, const rf_choice *choice)
{
    const rf_slot *slot = rf_slot_of(core, choice->action == RF_FIRE ? choice->trigger : choice->thread);
    r->print = (uint32_t)(rf_hash_step(r->print, slot->object, slot->offset, slot->kind) >> 16);
}

static void watch(rf_core *core, const rf_stage_state *stage, const rf_reduction *r)
{
    core->shown = 0;
    core->status.watched = r->off || stage->config.proof ? RF_NOT_WATCHED : r->depth < r->planned ? RF_GROUPS_WATCHED : RF_ALL_WATCHED;
}

static rf_choice enter_and_watch(rf_core *core, rf_stage_state *stage, rf_reduction *r, rf_node *node, rf_choice choice)
{
    node->choice = choice;
    print_choice(core, r, &choice);
    rf_mark(r, node);
    rf_enter(core, r, node, &choice);
    watch(core, stage, r);
    return choice;
}

/* On the way to where this execution parts from the one before: who goes on is known, if all is as it was then. */
static rf_choice go_again(rf_core *core, const rf_stage_state *stage, rf_reduction *r, const rf_point *point)
{
    const rf_node *node = rf_nodes(core, r) + r->depth;
    if (node->check != rf_check_at(core, r, point) || !rf_available(core, &node->choice)) {
        return rf_diverge(core);
    }
    print_choice(core, r, &node->choice);
    r->depth++;
    watch(core, stage, r);
    return node->choice;
}

/* Others may go on where a step is local: between it and what the thread did before, a crash could find what they did. */
static rf_choice choose_at(rf_core *core, rf_stage_state *stage, rf_reduction *r, const rf_point *at)
{
    rf_node *node;
    rf_node fresh = {0};
    rf_choice choice;
    rf_point all = *at;
    const rf_point *point = &all;
    uint8_t cut;
    int given;
    all.local = 0;
    if (r->off) {
        return leave_off(core, stage, r, point);
    }
    const rf_present now = rf_present_at(core, r);
    if (r->depth > 0 && r->depth >= r->planned) {
        rf_close_last(core, r, &now);
        note_returns(core, r, now.there);
    }
    cut = stage->cut; /* to look at what is unfair cuts nothing off yet */
    rf_look_from(core, r, point, &now, &fresh);
    stage->cut = cut;
    r->full |= r->depth + 2 >= r->steps;
    if (r->full) {
        return leave_off(core, stage, r, point);
    }
    given = stage->config.follows && rf_next_on_way(core, &choice);
    node = rf_nodes(core, r) + r->depth;
    if (r->depth < r->planned) {
        if (node->able != fresh.able || node->there != fresh.there || node->check != fresh.check) {
            return rf_diverge(core);
        }
        if (!rf_choose_for(core, r, point, rf_bit(node->process), node, &choice)) {
            /* It may be a process that fairness leaves out: then the next is taken. */
            node->done |= rf_bit(node->process);
            rf_note_cut(core, stage, r, rf_bit(node->process));
            cut = 1;
            if (!rf_choose_for(core, r, point, node->todo & ~node->done, node, &choice)) {
                r->used_kept = node->kept;
                stage->cut = cut;
                return leave_off(core, stage, r, point);
            }
        }
    } else if (fresh.able == 0 && point->preferred.action == RF_FIRE) {
        rf_close_undone(core, r);
        return leave_off(core, stage, r, point);
    } else {
        *node = fresh;
        rf_inherit_sleepers(core, r, r->depth);
        node->asleep = node->done;
        if (given) {
            node->process = rf_process_of(core, r, choice.action == RF_FIRE ? choice.trigger : choice.thread);
            node->victims = 1;
        } else if (stage->config.follows || r->full
                   || !rf_choose_for(core, r, point, node->able & ~node->done, node, &choice)) {
            stage->repeated += !r->full;
            stage->cut = cut;
            rf_note_cut(core, stage, r, node->unfair & ~node->done);
            rf_close_undone(core, r);
            rf_proof_leaf(core, r, node, RF_LEAF_ASLEEP);
            return leave_off(core, stage, r, point);
        }
        node->todo = rf_bit(node->process);
        node->shown = core->shown;
        node->todo |= node->shown != 0 && (r->depth == 0 || node[-1].shown != node->shown) ? node->dumps : 0;
    }
    stage->cut = cut;
    return enter_and_watch(core, stage, r, node, choice);
}

/* -- what the core calls while an execution runs */

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    rf_reduction *r = reduction_of(core, stage);
    r->within = 1;
    note_pended(core, r, thread);
    r->within = 0;
}

static int touches(rf_core *core, rf_stage_state *stage, const rf_event *event)
{
    return note_touches(core, reduction_of(core, stage), event);
}

static void touched(rf_core *core, rf_stage_state *stage, const rf_event *event)
{
    rf_reduction *r = reduction_of(core, stage);
    r->within = 1;
    note_touched(core, r, event);
    r->within = 0;
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *at)
{
    rf_reduction *r = reduction_of(core, stage);
    r->within = 1;
    const int known = !r->off && r->depth + 1 < r->planned;
    const rf_choice choice = known ? go_again(core, stage, r, at) : choose_at(core, stage, r, at);
    r->within = 0;
    return choice;
}

/* -- the end */

static void finish(rf_core *core, rf_stage_state *stage, rf_reduction *r)
{
    uint8_t cut = stage->cut;
    rf_node leaf = {0};
    rf_point point;
    if (r->off || r->depth == 0) {
        return;
    }
    rf_look(core, &point);
    point.local = 0;
    const rf_present now = rf_present_at(core, r);
    rf_look_from(core, r, &point, &now, &leaf);
    stage->cut = cut;
    /* It ended unasked: its last step ended it for all. Had it come earlier, others would not have done what they did. */
    if (core->status.state == RF_RUNNING && r->closed < r->depth) {
        rf_access all = {.object = RF_OBJECT_UNKNOWN, .mode = RF_CHANGES};
        rf_add_access(core, r, &all);
    }
    if (r->closed < r->depth) {
        rf_close_last(core, r, &now);
    }
    rf_node *last = rf_nodes(core, r) + r->depth - 1;
    last->todo |= leaf.able & (last->able | last->unfair); /* whom it has let go on comes after it */
    rf_close_undone(core, r);
    if (core->status.state < RF_STEP_LIMIT) {
        rf_proof_leaf(core, r, &leaf, core->status.state == RF_RUNNING ? RF_LEAF_OVER : RF_LEAF_END);
    }
}

static int end(rf_core *core, rf_stage_state *stage)
{
    rf_reduction *r = reduction_of(core, stage);
    if (r->within) { /* the process was killed in the midst of it */
        r->within = 0;
        stage->truncated = 1;
        return 0;
    }
    finish(core, stage, r);
    rf_proof_close(r);
    stage->truncated |= r->full;
    if (r->touches != core->touches && core->status.state != RF_DIVERGED && !r->full) {
        return 1; /* it begins again */
    }
    if (core->status.state == RF_DIVERGED || r->full || (r->depth < r->planned && !r->off)) {
        stage->truncated = 1;
        return 0; /* what was to come is not known any more */
    }
    if (stage->config.follows) {
        return stage->executions < FOLLOWED;
    }
    rf_leave_piece(core, r, stage);
    if (!rf_next_branch(core, r)) {
        stage->estimate = (double)stage->executions;
        return 0;
    }
    if (stage->executions < ESTIMATED || stage->executions % ESTIMATED == 0) {
        stage->estimate = rf_estimate(core, r, stage->executions);
    }
    return 1;
}

static uint32_t proof(rf_core *core, rf_stage_state *stage, char *out, uint32_t size)
{
    return rf_proof_lines(core, reduction_of(core, stage), out, size);
}

static const rf_conflict *conflicts(rf_core *core, rf_stage_state *stage)
{
    return reduction_of(core, stage)->conflicts;
}

const rf_policy rf_dpor = {
    .name = "dpor", .size = size, .init = init, .begin = begin, .pended = pended, .touches = touches, .touched = touched,
    .choose = choose, .end = end, .proof = proof, .conflicts = conflicts, .enumerates = 1,
};
