/* Where the next execution parts from this one, and how many there may be in all. */
#include "reduce/reduce.h"

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
