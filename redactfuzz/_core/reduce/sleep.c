#include "reduce/reduce.h"

/* Objects that were met for the first time after the node from which the sleeper was explored have other numbers in every
 * execution: any two of them may be the same. */
static int depend_by_any_name(const rf_access *kept, const rf_access *own, uint32_t named)
{
    rf_access same;
    if (kept->object == own->object || kept->object == RF_OBJECT_UNKNOWN || own->object == RF_OBJECT_UNKNOWN) {
        return rf_depend(kept, own);
    }
    if (kept->object <= named || own->object <= named || kept->object > RF_OBJECT_LAST || own->object > RF_OBJECT_LAST) {
        return 0;
    }
    same = *own;
    same.object = kept->object;
    return rf_depend(kept, &same);
}

static int independent(rf_core *core, const rf_reduction *r, const rf_sleeper *sleeper, uint32_t step)
{
    const rf_access *kept = rf_kept(core, r) + sleeper->first;
    const rf_behind *then = rf_steps(core, r) + step;
    uint32_t count;
    const rf_access *own = rf_accesses_of(core, r, step, &count);
    if ((sleeper->struck & (rf_bit(then->process) | then->struck)) != 0 || (then->struck & rf_bit(sleeper->process)) != 0) {
        return 0;
    }
    for (uint64_t rest = sleeper->struck | rf_bit(sleeper->process); rest != 0; rest &= rest - 1) {
        const rf_process *process = &r->process[rf_first_of(rest)];
        if (process->woken == step + 1 || process->moved == step + 1) {
            return 0; /* what it would do now, or those that it takes away, is something else */
        }
    }
    for (uint32_t i = 0; i < sleeper->count; i++) {
        for (uint32_t j = 0; j < count; j++) {
            if (depend_by_any_name(&kept[i], &own[j], sleeper->named)) {
                return 0;
            }
        }
    }
    return 1;
}

void rf_inherit_sleepers(rf_core *core, rf_reduction *r, uint32_t node)
{
    rf_node *here = rf_nodes(core, r) + node;
    const rf_node *before = here - 1;
    rf_sleeper *sleepers = rf_sleepers(core, r);
    here->first = r->used_sleepers;
    here->kept = r->used_kept;
    for (uint32_t i = 0; node > 0 && i < before->count; i++) {
        const rf_sleeper *sleeper = &sleepers[before->first + i];
        if (sleeper->process == before->process || !independent(core, r, sleeper, node - 1)) {
            continue;
        }
        if (r->used_sleepers == r->touched) {
            rf_reduction_full(r);
            return;
        }
        sleepers[r->used_sleepers++] = *sleeper;
        here->count++;
        here->done |= rf_bit(sleeper->process);
    }
}

void rf_put_to_sleep(rf_core *core, rf_reduction *r, uint32_t node)
{
    rf_node *here = rf_nodes(core, r) + node;
    uint32_t count;
    const rf_access *own = rf_accesses_of(core, r, node, &count);
    rf_sleeper sleeper = {here->struck, here->process, r->used_kept, count, here->named};
    if (r->used_sleepers == r->touched || r->touched - r->used_kept < count) {
        rf_reduction_full(r);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        rf_kept(core, r)[r->used_kept++] = own[i];
    }
    rf_sleepers(core, r)[r->used_sleepers++] = sleeper;
    here->count++;
}
