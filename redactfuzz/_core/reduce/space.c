#include "reduce/reduce.h"

/* Of each step: a node, a clock, two numbers of those found; and this many accesses, as many kept, as many sleepers. */
enum { PER_STEP = 4 };

static uint64_t take(uint64_t *end, uint64_t bytes)
{
    uint64_t start = (*end + 7u) & ~(uint64_t)7u;
    *end = start + bytes;
    return start;
}

void rf_reduction_init(rf_core *core, rf_reduction *r, uint64_t offset, uint64_t room)
{
    const uint64_t each = sizeof(rf_node) + sizeof(rf_behind) + 2 * sizeof(uint32_t)
                          + PER_STEP * (2 * sizeof(rf_access) + sizeof(rf_sleeper));
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
    r->closed = 0;
    r->depth = 0;
    r->unknown = 0;
    r->print = 0;
    r->off = 0;
}

void rf_reduction_forget(rf_reduction *r)
{
    r->planned = 0;
    r->depth = 0;
    r->used_accesses = 0;
    r->used_kept = 0;
    r->used_sleepers = 0;
}

uint32_t rf_process_of(rf_core *core, rf_reduction *r, uint32_t thread)
{
    uint8_t *number = RF_AT(core, r->number, uint8_t);
    if (number[thread] == 0) {
        if (r->processes == RF_PROCESSES) {
            rf_reduction_full(r);
            return RF_PROCESSES;
        }
        r->process[r->processes].thread = thread;
        r->process[r->processes].born = r->depth;
        number[thread] = (uint8_t)++r->processes;
    }
    return number[thread] - 1u;
}

void rf_reduction_full(rf_reduction *r)
{
    r->off = 1;
    r->full = 1;
}
