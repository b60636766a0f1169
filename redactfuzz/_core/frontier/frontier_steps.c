#include "frontier/frontier_steps.h"

/* -- checks: is it the same program? */

static uint16_t check_at(uint64_t hash, uint64_t from_site, uint32_t from)
{
    return (uint16_t)(rf_hash_step(hash, from_site, from, 7) >> 40);
}

/* Is it a step of code that is not the program's own? */
static int foreign(const rf_record *record)
{
    return record->action == RF_STEP && record->trigger != RF_OWN;
}

void rf_record_steps(rf_core *core, rf_parent *parent)
{
    const rf_record *trace = RF_AT(core, core->trace, rf_record);
    uint64_t hash = 0;
    uint32_t last = parent->base + parent->steps;
    for (uint32_t step = 0; step < last; step++) {
        const rf_record *record = &trace[step];
        if (step >= parent->base) {
            uint32_t place = step - parent->base;
            if ((place >> parent->shift) << parent->shift == place) {
                rf_checks_of(parent)[place >> parent->shift] = check_at(hash, record->from_site, record->from);
            }
            if (parent->bitmap && (record->flags & RF_REC_SHARED)) {
                rf_bitmap_of(parent)[place / 64] |= (uint64_t)1 << (place & 63u);
            }
            if (parent->origins && foreign(record)) {
                rf_origin_of(parent, record->trigger)[place / 64] |= (uint64_t)1 << (place & 63u);
            }
        }
        hash = rf_hash_step(hash, record->site, record->thread, record->action);
    }
}

int rf_frontier_agrees(rf_core *core, const rf_plan *plan, const rf_point *point, uint32_t *step)
{
    rf_parent *parent = RF_AT(core, plan->parent, rf_parent);
    const rf_record *trace = RF_AT(core, core->trace, rf_record);
    uint32_t place = core->status.steps - parent->base;
    uint64_t hash = 0;
    if (parent->shift == 0
        && rf_checks_of(parent)[place] == check_at(core->status.trace_hash, point->from_site, point->current)) {
        return 1;
    }
    for (uint32_t at = 0; at <= core->status.steps; at++) {
        int here = at == core->status.steps;
        place = at - parent->base;
        if (at >= parent->base && (place >> parent->shift) << parent->shift == place
            && rf_checks_of(parent)[place >> parent->shift]
                   != check_at(hash, here ? point->from_site : trace[at].from_site,
                               here ? point->current : trace[at].from)) {
            *step = at;
            return 0;
        }
        if (!here) {
            hash = rf_hash_step(hash, trace[at].site, trace[at].thread, trace[at].action);
        }
    }
    return 1;
}

/* -- candidates of a group */

/* Which of 64 steps belong to a phase. */
static uint64_t belongs(rf_parent *parent, uint32_t phase, uint32_t word)
{
    uint64_t shared = parent->bitmap ? rf_bitmap_of(parent)[word] : 0;
    uint64_t bits = phase % 2 == 0 ? shared : ~shared;
    for (uint32_t origin = 1; origin < RF_ORIGINS; origin++) {
        uint64_t those = parent->origins ? rf_origin_of(parent, origin)[word] : 0;
        if (phase / 2 == RF_OWN) {
            bits &= ~those;
        } else if (phase / 2 == origin) {
            bits &= those;
        }
    }
    return bits;
}

uint32_t rf_between(rf_parent *parent, uint32_t phase, uint32_t lo, uint32_t hi)
{
    uint32_t count = 0;
    uint32_t at = lo - parent->base;
    uint32_t end = hi - parent->base;
    if (!parent->bitmap && !parent->origins) {
        return phase == 1 ? hi - lo : 0;
    }
    while (at < end) {
        uint64_t word = belongs(parent, phase, at / 64) >> (at & 63u);
        uint32_t room = 64 - (at & 63u);
        if (end - at < room) {
            word &= ((uint64_t)1 << (end - at)) - 1;
        }
        count += (uint32_t)__builtin_popcountll(word);
        at += room;
    }
    return count;
}

static int wanted(rf_parent *parent, uint32_t phase, uint32_t step)
{
    uint32_t place = step - parent->base;
    return (int)(belongs(parent, phase, place / 64) >> (place & 63u) & 1u);
}

uint32_t rf_step_at(rf_parent *parent, rf_group *group, uint32_t index)
{
    const uint64_t *items = rf_items_of(group);
    for (uint32_t i = 0; i < group->count; i++) {
        uint32_t lo = (uint32_t)(items[i] >> 32);
        uint32_t hi = (uint32_t)items[i];
        uint32_t here = rf_between(parent, group->phase, lo, hi);
        if (index >= here) {
            index -= here;
            continue;
        }
        if (here == hi - lo) {
            return lo + index;
        }
        for (uint32_t step = lo; step < hi; step++) {
            if (wanted(parent, group->phase, step) && index-- == 0) {
                return step;
            }
        }
    }
    return 0; /* not reached: the totals count what is here */
}

static uint32_t reversed(uint32_t value, uint32_t bits)
{
    uint32_t result = 0;
    for (uint32_t i = 0; i < bits; i++) {
        result = result << 1 | (value >> i & 1u);
    }
    return result;
}

int rf_advance(rf_group *group, uint32_t *index)
{
    for (; group->phase < RF_PHASES; group->phase++, group->at = 0) {
        uint32_t total = group->total[group->phase];
        uint32_t bits = 0;
        while (bits < 31 && (uint32_t)1 << bits < total) {
            bits++;
        }
        while (group->at < (uint32_t)1 << bits) {
            *index = reversed(group->at++, bits);
            if (*index < total) {
                return 1;
            }
        }
    }
    return 0;
}

uint8_t rf_origins_of(rf_core *core, const rf_parent *parent)
{
    const rf_record *trace = RF_AT(core, core->trace, rf_record) + parent->base;
    for (uint32_t step = 0; step < parent->steps; step++) {
        if (foreign(&trace[step])) {
            return RF_ORIGINS - 1;
        }
    }
    return 0;
}
