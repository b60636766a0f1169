/* Where the next execution parts from this one, and how many there may be in all. */
#include "reduce/reduce.h"

/* Back before the last node. */
static void leave_node(rf_core *core, rf_reduction *r)
{
    const rf_node *node = &rf_nodes(core, r)[--r->depth];
    r->used_sleepers = node->first;
    r->used_kept = node->kept;
    r->used_accesses = rf_steps(core, r)[r->depth].accesses;
}

/* Those that are crashes. */
static uint64_t crashes_of(rf_core *core, const rf_reduction *r, uint64_t processes)
{
    uint64_t found = 0;
    for (uint64_t rest = processes; rest != 0; rest &= rest - 1) {
        const rf_process *process = &r->process[rf_first_of(rest)];
        found |= rf_slot_of(core, process->thread)->trigger ? rf_bit(rf_first_of(rest)) : 0;
    }
    return found;
}

/* Everything that could go on at a fork is gone through there: a race that asks for it may be in the piece of another part. Whoever was
 * asleep is not; and what is not among these (a dump, or what fairness had left out) is found, or not, by each part for itself. */
void rf_leave_piece(rf_core *core, rf_reduction *r, rf_stage_state *stage)
{
    const rf_stage *config = &stage->config;
    rf_way way = rf_way_begin();
    uint32_t forks = 0;
    if (!rf_shares(config)) {
        return;
    }
    for (; forks < r->depth && rf_before_piece(config, &way); forks++) {
        rf_node *node = &rf_nodes(core, r)[forks];
        const uint64_t ways = node->able & ~node->asleep, own = rf_bit(node->process);
        const uint64_t chosen = (uint64_t)node->process << 32 | node->victim;
        if ((ways & (ways - 1)) == 0) {
            continue;
        }
        node->todo |= ways;
        if ((ways & own) == 0) {
            return;
        }
        const uint64_t crashes = crashes_of(core, r, ways);
        rf_past_fork(&way, (uint32_t)__builtin_popcountll(ways & ~crashes), chosen, (crashes & own) != 0);
    }
    rf_sum_up(&r->same, &way, core->status.trace_hash);
    stage->same = r->same.sum;
    while (rf_is_others(config, &way) && r->depth > forks) {
        leave_node(core, r);
    }
}

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
        leave_node(core, r);
    }
    return 0;
}

int rf_next_branch(rf_core *core, rf_reduction *r)
{
    int more = next_branch(core, r);
    if (more) {
        rf_rewind(core, r);
    }
    return more;
}

double rf_estimate(rf_core *core, const rf_reduction *r, uint64_t executions)
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
