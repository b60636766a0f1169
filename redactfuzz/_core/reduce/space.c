#include "reduce/reduce.h"

/* Of each step: a node, a clock, two numbers of those found; and this many accesses, as many kept, as many sleepers, as many
 * changes of processes, and as many announcements where they are recorded. */
enum { PER_STEP = 4 };

static uint64_t take(uint64_t *end, uint64_t bytes)
{
    uint64_t start = (*end + 7u) & ~(uint64_t)7u;
    *end = start + bytes;
    return start;
}

void rf_reduction_init(rf_core *core, rf_reduction *r, uint64_t offset, uint64_t room, int proof)
{
    const uint64_t each = sizeof(rf_node) + sizeof(rf_behind) + 2 * sizeof(uint32_t)
                          + PER_STEP * (2 * sizeof(rf_access) + sizeof(rf_sleeper) + sizeof(rf_undo) + (proof ? sizeof(rf_told) : 0));
    uint64_t end = offset;
    uint64_t fits = room < 64 ? 0 : (room - 64) / each;
    r->number = take(&end, core->limits.threads);
    r->steps = (uint32_t)(fits < core->limits.steps + 2 ? fits : core->limits.steps + 2);
    r->touched = PER_STEP * r->steps;
    r->nodes = take(&end, sizeof(rf_node) * (uint64_t)r->steps);
    r->behind = take(&end, sizeof(rf_behind) * (uint64_t)r->steps);
    r->found = take(&end, 2 * sizeof(uint32_t) * (uint64_t)r->steps);
    r->accesses = take(&end, sizeof(rf_access) * (uint64_t)r->touched);
    r->kept = take(&end, sizeof(rf_access) * (uint64_t)r->touched);
    r->sleepers = take(&end, sizeof(rf_sleeper) * (uint64_t)r->touched);
    r->undo = take(&end, sizeof(rf_undo) * (uint64_t)r->touched);
    r->proof.on = proof != 0;
    r->proof.told = take(&end, proof ? sizeof(rf_told) * (uint64_t)r->touched : 0);
}

void rf_reduction_begin(rf_core *core, rf_reduction *r)
{
    uint8_t *number = RF_AT(core, r->number, uint8_t);
    for (uint32_t i = 0; i < RF_BUCKETS; i++) {
        r->heads[i] = 0;
    }
    for (uint32_t i = 0; i < r->processes; i++) {
        rf_process empty = {0};
        number[r->process[i].thread] = 0;
        r->process[i] = empty;
    }
    r->processes = 0;
    r->used_accesses = 0;
    r->used_undo = 0;
    r->entered = 0;
    r->closed = 0;
    r->unknown = 0;
    rf_reduction_again(r);
}

/* None of its steps comes before those that were made without it. */
static uint32_t add(rf_core *core, rf_reduction *r, uint32_t thread, uint32_t victim)
{
    for (uint32_t step = 0; step < r->closed; step++) {
        rf_steps(core, r)[step].clock[r->processes] = 0;
    }
    r->process[r->processes].thread = thread;
    r->process[r->processes].victim = victim;
    r->process[r->processes].born = r->depth;
    return r->processes++;
}

uint32_t rf_process_of(rf_core *core, rf_reduction *r, uint32_t thread)
{
    uint8_t *number = RF_AT(core, r->number, uint8_t);
    if (number[thread] == 0) {
        if (r->processes == RF_PROCESSES) {
            rf_reduction_full(r);
            return RF_PROCESSES;
        }
        number[thread] = (uint8_t)(1 + add(core, r, thread, RF_NONE));
    }
    return number[thread] - 1u;
}

static uint32_t pair_of(rf_core *core, rf_reduction *r, uint32_t trigger, uint32_t victim)
{
    for (uint32_t i = 0; i < r->processes; i++) {
        if (r->process[i].thread == trigger && r->process[i].victim == victim) {
            return i;
        }
    }
    if (r->processes == RF_PROCESSES) {
        rf_reduction_full(r);
        return RF_PROCESSES;
    }
    return add(core, r, trigger, victim);
}

int rf_aims(rf_core *core, uint32_t trigger)
{
    const rf_slot *slot = rf_slot_of(core, trigger);
    return slot->kind == RF_CRASH && (slot->flags & RF_STRIKE) && slot->object == RF_OBJECT_DEATH
           && !rf_stage_of(core, core->status.stage)->config.proof;
}

uint32_t rf_process_of_choice(rf_core *core, rf_reduction *r, const rf_choice *choice)
{
    if (choice->action != RF_FIRE) {
        return rf_process_of(core, r, choice->thread);
    }
    return rf_aims(core, choice->trigger) ? pair_of(core, r, choice->trigger, choice->thread)
                                          : rf_process_of(core, r, choice->trigger);
}

static uint64_t pairs_with(rf_core *core, rf_reduction *r, uint32_t trigger, const rf_set *set)
{
    uint64_t found = 0;
    for (uint32_t victim = rf_set_next(core, set, 0); victim != RF_NONE; victim = rf_set_next(core, set, victim + 1)) {
        uint32_t process = pair_of(core, r, trigger, victim);
        found |= process < RF_PROCESSES ? rf_bit(process) : 0;
    }
    return found;
}

uint64_t rf_aimed(rf_core *core, rf_reduction *r, uint32_t trigger, int able)
{
    uint64_t going = pairs_with(core, r, trigger, &core->enabled);
    uint64_t waiting = pairs_with(core, r, trigger, &core->blocked);
    if ((going | waiting) == 0) { /* itself, when all have ended */
        uint32_t process = pair_of(core, r, trigger, trigger);
        return process < RF_PROCESSES ? rf_bit(process) : 0;
    }
    return going | (able && going != 0 ? 0 : waiting);
}

void rf_reduction_full(rf_reduction *r)
{
    r->off = 1;
    r->full = 1;
}
