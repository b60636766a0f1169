#include "reduce/reduce.h"

/* Did the later step run? Else it was announced alone: its thread is blocked, or another ended it. */
static int ran(rf_core *core, const rf_reduction *r, const rf_later *later)
{
    return later->step < r->depth && rf_steps(core, r)[later->step].process == later->process;
}

uint64_t rf_site_of_later(rf_core *core, const rf_reduction *r, const rf_later *later)
{
    return ran(core, r, later) ? rf_steps(core, r)[later->step].site
                               : rf_slot_of(core, r->process[later->process].thread)->site;
}

/* Who has touched everything has touched what a dump shows as well, and that is no object of its own then. */
static int is_everything(const rf_access *access, uint64_t cause)
{
    return access->object == RF_OBJECT_UNKNOWN || (access->object == RF_OBJECT_ALL && cause != 0);
}

/* On what they depend: an object that both touched, else that one of them touched everything, else nothing that is known: one
 * strikes or ends the other. */
static void find_common(rf_core *core, const rf_reduction *r, uint32_t node, const rf_later *later, uint64_t cause,
                        rf_conflict *found)
{
    uint32_t count;
    const rf_access *first = rf_accesses_of(core, r, node, &count);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < later->count; j++) {
            const rf_access *then = &later->accesses[j];
            uint32_t unknown = (is_everything(&first[i], rf_steps(core, r)[node].cause) ? RF_SIDE_FIRST : 0u)
                               | (is_everything(then, cause) ? RF_SIDE_THEN : 0u);
            if (!rf_depend(&first[i], then)) {
                continue;
            }
            found->unknown |= unknown;
            if (unknown == 0) {
                found->object = then->object;
                found->offset = then->offset;
                found->size = then->size;
                found->unknown = 0;
                found->plain = first[i].plain && then->plain;
                return;
            }
        }
    }
}

/* The most frequent are kept as by Metwally, Agrawal and El Abbadi (ICDT 2005): where there is no room, the rarest one's number is
 * taken over. So all numbers together are as many as there were. */
static void add(rf_reduction *r, rf_conflict *conflict)
{
    rf_conflict *rarest = r->conflicts;
    for (uint32_t i = 0; i < RF_CONFLICTS; i++) {
        rf_conflict *at = &r->conflicts[i];
        if (at->times != 0 && at->first == conflict->first && at->then == conflict->then
            && at->unknown == conflict->unknown) {
            at->times++;
            at->plain |= conflict->plain;
            return;
        }
        rarest = at->times < rarest->times ? at : rarest;
    }
    conflict->times = rarest->times + 1;
    *rarest = *conflict;
}

void rf_count_conflict(rf_core *core, rf_reduction *r, uint32_t node, const rf_later *later)
{
    const rf_behind *steps = rf_steps(core, r);
    rf_conflict found = {.first = steps[node].site, .then = rf_site_of_later(core, r, later)};
    uint64_t cause = ran(core, r, later) ? steps[later->step].cause : 0;
    find_common(core, r, node, later, cause, &found);
    found.unknown &= (steps[node].cause != 0 ? RF_SIDE_FIRST : 0u) | (cause != 0 ? RF_SIDE_THEN : 0u);
    found.first = (found.unknown & RF_SIDE_FIRST) != 0 ? steps[node].cause : found.first;
    found.then = (found.unknown & RF_SIDE_THEN) != 0 ? cause : found.then;
    add(r, &found);
}
