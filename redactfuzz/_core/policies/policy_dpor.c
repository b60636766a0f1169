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

enum { FOLLOWED = 2 }; /* times that a given way is gone: what the runtime learns of the program the first time, it knows then */

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
    rf_reduction_begin(core, r);
    rf_way_begins(core);
    if (r->touches != core->touches) { /* what was explored so far may have left out what depends on it */
        r->touches = core->touches;
        r->planned = r->used_kept = r->used_sleepers = 0;
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

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    rf_reduction *r = reduction_of(core, stage);
    rf_slot_state state = rf_slot_of(core, thread)->state;
    uint32_t process = rf_process_of(core, r, thread);
    rf_process *own = &r->process[process < RF_PROCESSES ? process : 0];
    if (process == RF_PROCESSES) {
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

static void touched(rf_core *core, rf_stage_state *stage, const rf_event *event)
{
    rf_reduction *r = reduction_of(core, stage);
    rf_access access;
    if (!r->off && r->depth > r->closed && rf_access_of(event, &access)) {
        rf_add_access(core, r, &access);
    }
}

/* -- what was not done */

/* What a blocked process waits for it may have had, had it come before others: it has not done it, and may never. */
static void close_if_blocked(rf_core *core, rf_reduction *r, uint32_t process)
{
    const rf_slot *slot = rf_slot_of(core, r->process[process].thread);
    rf_event event = {.object = slot->object, .offset = slot->offset, .size = slot->size, .kind = slot->kind};
    rf_access access;
    event.flags = slot->flags;
    event.object = event.object == RF_OBJECT_TOLD ? RF_OBJECT_UNKNOWN : event.object;
    if (r->process[process].state == RF_SLOT_BLOCKED && rf_access_of(&event, &access)) {
        access.mode = RF_TAKES;
        rf_close_blocked(core, r, r->closed, process, &access);
    }
}

/* Of what a process was about to do nobody knows what it would have touched beside what it announced: everything. */
static void close_taken(rf_core *core, rf_reduction *r, uint32_t process)
{
    const rf_slot *slot = rf_slot_of(core, r->process[process].thread);
    uint64_t struck = slot->kind == RF_CRASH && (slot->flags & RF_STRIKE) ? ~(uint64_t)0 >> (RF_PROCESSES - r->processes) : 0;
    const rf_access accesses[2] = {{.object = RF_OBJECT_UNKNOWN, .mode = RF_CHANGES},
                                   {.object = RF_OBJECT_ALL, .mode = RF_CHANGES}};
    if (rf_bit(process) & rf_dumps_at(core, r)) {
        return; /* a dump is no step */
    }
    rf_close_taken(core, r, process, struck & ~rf_bit(process), accesses, 1 + (slot->kind == RF_CRASH));
}

/* When an execution is left: what was not done in it could have been. */
static void close_undone(rf_core *core, rf_reduction *r)
{
    for (uint32_t i = 0; i < r->processes; i++) {
        if (r->process[i].taken != 0) {
            close_taken(core, r, i);
        } else {
            close_if_blocked(core, r, i);
        }
    }
}

/* The last step is over. Who had announced something before it, and has nothing announced now, was ended by it. */
static void close_last(rf_core *core, rf_reduction *r)
{
    rf_behind *step = rf_steps(core, r) + r->depth - 1;
    rf_node *node = rf_nodes(core, r) + r->depth - 1;
    uint64_t gone = node->there & ~rf_present(core, r) & ~rf_bit(step->process) & ~step->struck;
    uint64_t roused = node->timed & ~rf_members(core, r, &core->timed) & ~rf_bit(step->process);
    uint64_t disabled = node->enabled & ~rf_members(core, r, &core->enabled) & ~rf_bit(step->process);
    step->struck |= gone;
    node->struck |= step->struck;
    /* What these were about to do may never be done: it is not seen to race. */
    node->todo |= (step->struck | roused | disabled) & node->able;
    for (; gone != 0; gone &= gone - 1) {
        rf_process *process = &r->process[rf_first_of(gone)];
        close_if_blocked(core, r, rf_first_of(gone));
        process->state = RF_SLOT_NONE;
        process->taken = r->depth;
        process->before = process->last;
    }
    rf_close_step(core, r, r->depth - 1, r->depth >= r->planned);
}

/* What is chosen touches what it announced; the rest it reports. */
static void enter(rf_core *core, rf_reduction *r, rf_node *node, const rf_choice *choice)
{
    const rf_slot *slot = rf_slot_of(core, choice->action == RF_FIRE ? choice->trigger : choice->thread);
    rf_behind *step = rf_steps(core, r) + r->depth;
    rf_event event = {.object = slot->object, .offset = slot->offset, .size = slot->size, .room = slot->room};
    rf_access access;
    event.kind = choice->action == RF_FIRE ? RF_CRASH : slot->kind;
    event.flags = choice->action == RF_FIRE ? 0 : slot->flags;
    step->site = slot->site;
    step->process = node->process;
    step->number = ++r->process[node->process].steps;
    step->accesses = r->used_accesses;
    step->struck = 0;
    step->how = choice->action | rf_process_of(core, r, choice->thread) << 8;
    if (rf_bit(node->process) == node->dumps) {
        node->victims = 1; /* whoever dies, the dump is the same */
        r->depth++;
        r->off = 1;
        return;
    }
    if (choice->action != RF_STEP) {
        uint32_t victim = rf_process_of(core, r, choice->thread);
        step->struck = rf_bit(victim) & ~rf_bit(node->process);
        close_if_blocked(core, r, victim);
        r->process[victim].state = RF_SLOT_NONE;
    }
    r->process[node->process].state = RF_SLOT_NONE;
    r->depth++;
    if (choice->action == RF_EXPIRE) { /* it is no longer among those that wait there, and time has passed */
        /* In turn: nobody else could go on, so everything that was done comes before it. */
        rf_access time = {.object = slot->flags & RF_IN_TURN ? RF_OBJECT_UNKNOWN : RF_OBJECT_TIME, .mode = RF_CHANGES};
        event.kind = RF_RMW;
        rf_add_access(core, r, &time);
    }
    if (rf_access_of(&event, &access)) {
        access.announced = 1;
        rf_add_access(core, r, &access);
    } else if (!(event.flags & RF_LOCAL)) { /* no thread notices it, but registers may be others than before */
        rf_access seen = {.object = RF_OBJECT_ALL, .mode = RF_LOOKS};
        rf_add_access(core, r, &seen);
    }
    if (choice->action == RF_FIRE && slot->object != RF_OBJECT_TOLD) { /* and it finds what no thread does */
        rf_access dumped = {.object = RF_OBJECT_ALL, .mode = RF_CHANGES};
        rf_add_access(core, r, &dumped);
    }
}

static rf_choice leave_off(rf_core *core, rf_stage_state *stage, rf_reduction *r, const rf_point *point)
{
    stage->truncated |= r->full;
    r->off = 1;
    core->status.watched = RF_NOT_WATCHED;
    core->quiet = core->limits.steps;
    return point->preferred;
}

/* -- a node */

/* Others may go on where a step is local: between it and what the thread did before, a crash could find what they did. */
static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *at)
{
    rf_reduction *r = reduction_of(core, stage);
    rf_node *node;
    rf_node fresh = {0};
    rf_choice choice;
    rf_point all = *at;
    const rf_point *point = &all;
    uint8_t cut;
    int given;
    all.local = 0;
    if (!r->off && r->depth > 0) {
        close_last(core, r);
    }
    cut = stage->cut; /* to look at what is unfair cuts nothing off yet */
    rf_look_from(core, r, point, &fresh);
    stage->cut = cut;
    r->full |= r->depth + 2 >= r->steps;
    if (r->off || r->full) {
        return leave_off(core, stage, r, point);
    }
    given = stage->config.follows && rf_next_on_way(core, &choice);
    node = rf_nodes(core, r) + r->depth;
    if (r->depth < r->planned) {
        if (node->able != fresh.able || node->there != fresh.there || node->check != fresh.check) {
            return rf_diverge(core);
        }
        if (!rf_choose_for(core, r, point, rf_bit(node->process), node, &choice)) {
            /* At the last one it may be a process that fairness leaves out: then the next is taken. */
            node->done |= rf_bit(node->process);
            cut = 1;
            if (r->depth + 1 < r->planned) {
                return rf_diverge(core);
            }
            if (!rf_choose_for(core, r, point, node->todo & ~node->done, node, &choice)) {
                r->used_kept = node->kept;
                stage->cut = cut;
                return leave_off(core, stage, r, point);
            }
        }
    } else if (fresh.able == 0 && point->preferred.action == RF_FIRE) {
        close_undone(core, r);
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
            stage->cut = cut | ((node->unfair & ~node->done) != 0);
            close_undone(core, r);
            rf_proof_leaf(core, r, node, RF_LEAF_ASLEEP);
            return leave_off(core, stage, r, point);
        }
        node->todo = rf_bit(node->process);
        node->shown = core->shown;
        node->todo |= node->shown != 0 && (r->depth == 0 || node[-1].shown != node->shown) ? node->dumps : 0;
    }
    stage->cut = cut;
    enter(core, r, node, &choice);
    core->shown = 0;
    core->status.watched = r->off || stage->config.proof ? RF_NOT_WATCHED : r->depth < r->planned ? RF_GROUPS_WATCHED : RF_ALL_WATCHED;
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
    rf_look_from(core, r, &point, &leaf);
    stage->cut = cut;
    /* It ended unasked: its last step ended it for all. Had it come earlier, others would not have done what they did. */
    if (core->status.state == RF_RUNNING && r->closed < r->depth) {
        rf_access all = {.object = RF_OBJECT_UNKNOWN, .mode = RF_CHANGES};
        rf_add_access(core, r, &all);
    }
    if (r->closed < r->depth) {
        close_last(core, r);
    }
    rf_nodes(core, r)[r->depth - 1].todo |= leaf.able;
    close_undone(core, r);
    if (core->status.state < RF_STEP_LIMIT) {
        rf_proof_leaf(core, r, &leaf, core->status.state == RF_RUNNING ? RF_LEAF_OVER : RF_LEAF_END);
    }
}

/* The deepest node from which something is left to explore is where the next execution parts from this one. */
static int next_branch(rf_core *core, rf_reduction *r)
{
    rf_node *nodes = rf_nodes(core, r);
    while (r->depth > 0) {
        rf_node *node = &nodes[r->depth - 1];
        r->used_sleepers = node->first + node->count;
        if (++node->victim < node->victims) {
            r->planned = r->depth;
            return 1;
        }
        node->victim = 0;
        node->done |= rf_bit(node->process);
        node->children++;
        if ((node->todo & ~node->done) != 0) {
            if (rf_bit(node->process) != node->dumps) {
                rf_put_to_sleep(core, r, r->depth - 1);
            }
            node->struck = 0;
            node->process = rf_first_of(node->todo & ~node->done);
            r->planned = r->depth;
            return 1;
        }
        r->used_sleepers = node->first;
        r->used_kept = node->kept;
        r->used_accesses = rf_steps(core, r)[r->depth - 1].accesses;
        r->depth--;
    }
    return 0;
}

static double estimate(rf_core *core, const rf_reduction *r, uint64_t executions)
{
    const rf_node *nodes = rf_nodes(core, r);
    double covered = 0;
    double part = 1;
    for (uint32_t i = 0; i < r->planned; i++) {
        part /= nodes[i].children + (double)__builtin_popcountll(nodes[i].todo & ~nodes[i].done);
        covered += part * nodes[i].children;
    }
    return covered > 0 ? (double)executions / covered : 0;
}

static int end(rf_core *core, rf_stage_state *stage)
{
    rf_reduction *r = reduction_of(core, stage);
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
    if (!next_branch(core, r)) {
        stage->estimate = (double)stage->executions;
        return 0;
    }
    stage->estimate = estimate(core, r, stage->executions);
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
    .name = "dpor", .size = size, .init = init, .begin = begin, .pended = pended, .touched = touched, .choose = choose,
    .end = end, .proof = proof, .conflicts = conflicts, .enumerates = 1,
};
