/* Everything: depth first over the tree of all choices. Memory is one entry for each open choice of the schedule that
 * runs. The estimate is the number of schedules run over the part of the tree that they cover, where each subtree of a node
 * counts the same (Knuth, Math. Comp. 29, 1975; after the first execution it is his estimate).
 */
#include "choices/pieces.h"
#include "policies/policy.h"

typedef struct rf_branch {
    uint32_t step;
    uint32_t options;
    uint32_t index;
    uint32_t check; /* of the trace up to here */
} rf_branch;

typedef struct rf_tree {
    uint64_t branches; /* offset */
    uint32_t capacity;
    uint32_t depth;    /* branches of the schedule that runs */
    uint32_t planned;  /* of these, how many it was made of */
    uint32_t cursor;
    rf_summed same;
} rf_tree;

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)stage;
    (void)limits;
    return sizeof(rf_tree) + room;
}

static rf_tree *tree_of(rf_core *core, const rf_stage_state *stage)
{
    return RF_AT(core, stage->offset, rf_tree);
}

static void init(rf_core *core, rf_stage_state *stage)
{
    rf_tree *tree = tree_of(core, stage);
    tree->branches = stage->offset + sizeof(rf_tree);
    tree->capacity = (uint32_t)(stage->room / sizeof(rf_branch));
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    core->status.whole = 1;
    rf_tree *tree = tree_of(core, stage);
    tree->planned = tree->depth;
    tree->cursor = 0;
}

/* The default order's choice is number 0, the others follow in ascending order. */
static uint32_t options_of(rf_core *core, const rf_point *point, uint32_t index, rf_choice *found)
{
    rf_cursor cursor = {0, 0, RF_NONE};
    rf_choice choice;
    uint32_t count = 1;
    *found = point->preferred;
    while (rf_next_option(core, point, &cursor, &choice)) {
        if (rf_same(&choice, &point->preferred)) {
            continue;
        }
        if (count++ == index) {
            *found = choice;
        }
    }
    return count;
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    rf_tree *tree = tree_of(core, stage);
    rf_branch *branches = RF_AT(core, tree->branches, rf_branch);
    rf_branch here = {core->status.steps, 1, 0, 0};
    rf_choice choice;
    if (tree->cursor < tree->planned) {
        here.index = branches[tree->cursor].step == here.step ? branches[tree->cursor].index : 0;
    }
    here.options = options_of(core, point, here.index, &choice);
    here.check = (uint32_t)(rf_hash_step(core->status.trace_hash, point->from_site, point->current, 7) >> 32);
    if (tree->cursor < tree->planned) {
        const rf_branch *known = &branches[tree->cursor];
        if (known->step == here.step) {
            if (known->options != here.options || known->check != here.check) {
                return rf_diverge(core);
            }
            tree->cursor++;
        } else if (known->step < here.step || here.options > 1) {
            return rf_diverge(core);
        }
        return choice;
    }
    if (here.options == 1) {
        if (point->goes_on && core->enabled.count == 1 && core->timed.count == 0) {
            core->quiet = core->limits.steps; /* one thread alone, until another appears, or a wait that time may end */
        }
        return choice;
    }
    if (tree->depth >= tree->capacity) {
        stage->truncated = 1;
        return choice;
    }
    branches[tree->depth++] = here;
    return choice;
}

/* The schedule's way past the forks, and how many of its branches these are. */
static rf_way way_of(const rf_stage *stage, const rf_tree *tree, const rf_branch *branches, uint32_t *forks)
{
    rf_way way = rf_way_begin();
    for (*forks = 0; *forks < tree->depth && rf_before_piece(stage, &way); ++*forks) {
        rf_past_fork(&way, branches[*forks].options, branches[*forks].index, 0);
    }
    return way;
}

/* The schedule that was run is summed up, and the piece in which it lies is left, where it is of another part: nothing behind the forks is
 * to be run. */
static void leave_piece(rf_core *core, rf_stage_state *stage, rf_tree *tree, const rf_branch *branches)
{
    uint32_t forks;
    const rf_way way = way_of(&stage->config, tree, branches, &forks);
    rf_sum_up(&tree->same, &way, core->status.trace_hash);
    stage->same = tree->same.sum;
    tree->depth = rf_is_others(&stage->config, &way) ? forks : tree->depth;
}

/* On to the next schedule. 0: there is none. */
static int advance(rf_tree *tree, rf_branch *branches)
{
    while (tree->depth > 0 && branches[tree->depth - 1].index + 1 == branches[tree->depth - 1].options) {
        tree->depth--;
    }
    if (tree->depth > 0) {
        branches[tree->depth - 1].index++;
    }
    return tree->depth > 0;
}

static int end(rf_core *core, rf_stage_state *stage)
{
    rf_tree *tree = tree_of(core, stage);
    rf_branch *branches = RF_AT(core, tree->branches, rf_branch);
    double covered = 0;
    double part = 1;
    if (tree->cursor < tree->planned) {
        if (core->status.state != RF_DIVERGED) {
            (void)rf_diverge(core);
        }
        stage->truncated = 1;
        tree->depth = tree->planned;
    }
    if (rf_shares(&stage->config)) {
        leave_piece(core, stage, tree, branches);
    }
    if (!advance(tree, branches)) {
        stage->estimate = (double)stage->executions;
        return 0;
    }
    for (uint32_t i = 0; i < tree->depth; i++) {
        part /= branches[i].options;
        covered += part * branches[i].index;
    }
    stage->estimate = covered > 0 ? (double)stage->executions / covered : 0;
    return 1;
}

const rf_policy rf_exhaustive = {
    .name = "exhaustive", .size = size, .init = init, .begin = begin, .choose = choose, .end = end, .enumerates = 1,
};
