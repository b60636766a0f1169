#include "reduce/reduce.h"

/* Of a process what it was before is kept once between two nodes, which is an interval. */
rf_process *rf_change(rf_core *core, rf_reduction *r, uint32_t process)
{
    rf_process *own = &r->process[process];
    if (own->interval == r->interval || r->off) {
        return own;
    }
    if (r->used_undo == r->touched) {
        rf_reduction_full(r);
        return own;
    }
    rf_undo *undo = RF_AT(core, r->undo, rf_undo) + r->used_undo++;
    undo->was = *own;
    undo->process = process;
    own->interval = r->interval;
    return own;
}

void rf_mark(rf_reduction *r, rf_node *node)
{
    node->undo = r->used_undo;
    node->processes = r->processes;
    node->unknown = r->unknown;
    r->interval++;
}

/* Processes that were met behind the node are not known there. */
static void forget_later(rf_core *core, rf_reduction *r, uint32_t processes)
{
    const rf_process none = {0};
    while (r->processes > processes) {
        rf_process *last = &r->process[--r->processes];
        if (last->victim == RF_NONE) {
            RF_AT(core, r->number, uint8_t)[last->thread] = 0;
        }
        *last = none;
    }
}

void rf_rewind(rf_core *core, rf_reduction *r)
{
    const rf_undo *undo = RF_AT(core, r->undo, rf_undo);
    const rf_node *node = rf_nodes(core, r) + r->planned - 1;
    const rf_access *accesses = rf_accesses(core, r);
    uint32_t kept = rf_steps(core, r)[r->planned - 1].accesses;
    while (r->used_undo > node->undo) {
        r->used_undo--;
        r->process[undo[r->used_undo].process] = undo[r->used_undo].was;
    }
    forget_later(core, r, node->processes);
    while (r->entered > kept) {
        const rf_access *last = &accesses[--r->entered];
        r->heads[last->object & (RF_BUCKETS - 1)] = last->before;
    }
    r->used_accesses = kept;
    r->unknown = node->unknown;
    r->closed = r->planned - 1;
}

void rf_reduction_again(rf_reduction *r)
{
    r->interval++;
    r->depth = 0;
    r->print = 0;
    r->off = 0;
    r->proof.used = 0;
    r->proof.kind = RF_LEAF_NONE;
}
