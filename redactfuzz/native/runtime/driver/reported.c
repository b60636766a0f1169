#include "driver/reported.h"

#include <stddef.h>

#include "driver/provenance.h"
#include "memory/memory.h"
#include "memory/writers.h"
#include "models/memory/heap.h"
#include "state/found.h"
#include "state/run.h"

enum { LEAKS = 1024, PROBLEMS = 64, AGAIN = 2 /* times as long as it took to the last new leak */ };

static uint64_t mixed(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15) >> 7 ^ value << 57;
}

static uint64_t mixed_text(uint64_t hash, const char *text)
{
    for (; *text; text++) {
        hash = hash * 31 + (unsigned char)*text;
    }
    return hash;
}

/* 1: it was not in the set, and is now. A full set takes in nothing. */
static int added(uint64_t *set, uint32_t *count, uint32_t room, uint64_t hash)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (set[i] == hash) {
            return 0;
        }
    }
    if (*count == room) {
        return 0;
    }
    set[(*count)++] = hash;
    return 1;
}

/* Where it lies, so that the same place in other executions gives the same: a piece of a secret by where its first byte would
 * be, the heap by what was allocated there, registers and frames as one. */
static uint64_t place_of(const rfn_sighting *s, int residue)
{
    uintptr_t start = (uintptr_t)s->hit.offset - s->hit.form_offset;
    uint64_t hash = mixed(s->canary + 1, residue ? 0 : s->where + 1u);
    rfn_block block;
    rfn_writer writer;
    if (residue) {
        return hash;
    }
    if (s->where == RFN_IN_FILE) {
        return mixed_text(hash, s->file);
    }
    if (rfn_tracing && rfn_writer_of((uintptr_t)s->hit.offset, &writer)) {
        return mixed(hash, writer.site);
    }
    if (s->where == RFN_IN_HEAP && rfn_block_of((const void *)(uintptr_t)s->hit.offset, &block)) {
        return mixed(mixed(hash, block.allocated_at), start - block.start);
    }
    return mixed(hash, start);
}

int rfn_new_leak(void)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    rfn_reported *reported = &rfn.control_block->reported;
    uint64_t executions = rfn.control_block->counters.executions;
    int fresh = 0;
    for (uint32_t i = 0; i < rfn_found.count; i++) {
        const rfn_sighting *s = &rfn_found.sighting[i];
        int residue = s->allowed ? 0 : rfn_is_residue(s);
        if (s->allowed || !added(reported->leak, &reported->leaks, LEAKS, place_of(s, residue))) {
            continue;
        }
        fresh = 1;
        if (!residue && plan->after_leak > 0) {
            reported->until = executions + (plan->after_leak > AGAIN * executions ? plan->after_leak : AGAIN * executions);
        }
    }
    return fresh;
}

int rfn_new_problem(void)
{
    rfn_reported *reported = &rfn.control_block->reported;
    int fresh = 0;
    for (uint32_t i = 0; i < rfn.problems; i++) {
        const rfn_problem_note *note = &rfn.problem[i];
        fresh |= added(reported->problem, &reported->problems, PROBLEMS, mixed_text(note->site * 64 + note->kind, note->what));
    }
    return fresh;
}

int rfn_leaks_enough(void)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    uint64_t until = rfn.control_block->reported.until;
    if (until == 0 && plan->leaking) {
        until = plan->after_leak;
    }
    return plan->after_leak > 0 && until > 0 && rfn.control_block->counters.executions >= until;
}
