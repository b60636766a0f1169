#include "frontier.h"

#define RF_FULL_CHECKS 4096u /* up to so many steps each is checked */

static rf_level *level_of(rf_core *core, const rf_frontier *frontier, uint32_t level)
{
    return RF_AT(core, frontier->levels, rf_level) + level;
}

/* -- the parts of a parent */

static uint64_t *deviations_of(rf_parent *parent)
{
    return (uint64_t *)(parent + 1);
}

static uint64_t *bitmap_of(rf_parent *parent)
{
    return deviations_of(parent) + parent->deviations;
}

static uint32_t bitmap_words(const rf_parent *parent)
{
    return parent->bitmap ? (parent->steps + 63) / 64 : 0;
}

static uint16_t *checks_of(rf_parent *parent)
{
    return (uint16_t *)(void *)(bitmap_of(parent) + bitmap_words(parent));
}

static uint64_t parent_bytes(const rf_parent *parent)
{
    uint64_t checks = ((uint64_t)parent->steps >> parent->shift) + 1;
    return sizeof(rf_parent) + 8 * ((uint64_t)parent->deviations + bitmap_words(parent)) + 2 * checks;
}

static uint64_t group_bytes(const rf_group *group)
{
    return sizeof(rf_group) + 8 * (uint64_t)group->count;
}

static uint64_t *items_of(rf_group *group)
{
    return (uint64_t *)(group + 1);
}

static int displaces(const rf_group *group)
{
    return group->key >> RF_OPTION_BITS != RF_NO_THREAD;
}

/* -- checks: is it the same program? */

static uint16_t check_at(uint64_t hash, uint64_t from_site, uint32_t from)
{
    return (uint16_t)(rf_hash_step(hash, from_site, from, 7) >> 40);
}

static void record_checks(rf_core *core, rf_parent *parent)
{
    const rf_record *trace = RF_AT(core, core->trace, rf_record);
    uint64_t hash = 0;
    uint32_t last = parent->base + parent->steps;
    for (uint32_t step = 0; step < last; step++) {
        const rf_record *record = &trace[step];
        if (step >= parent->base) {
            uint32_t place = step - parent->base;
            if ((place >> parent->shift) << parent->shift == place) {
                checks_of(parent)[place >> parent->shift] = check_at(hash, record->from_site, record->from);
            }
            if (parent->bitmap && (record->flags & RF_REC_SHARED)) {
                bitmap_of(parent)[place / 64] |= (uint64_t)1 << (place & 63u);
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
        && checks_of(parent)[place] == check_at(core->status.trace_hash, point->from_site, point->current)) {
        return 1;
    }
    for (uint32_t at = 0; at <= core->status.steps; at++) {
        int here = at == core->status.steps;
        place = at - parent->base;
        if (at >= parent->base && (place >> parent->shift) << parent->shift == place
            && checks_of(parent)[place >> parent->shift]
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

static uint32_t shared_between(rf_parent *parent, uint32_t lo, uint32_t hi)
{
    const uint64_t *bits = bitmap_of(parent);
    uint32_t count = 0;
    uint32_t at = lo - parent->base;
    uint32_t end = hi - parent->base;
    while (at < end) {
        uint64_t word = bits[at / 64] >> (at & 63u);
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
    uint64_t shared = parent->bitmap ? bitmap_of(parent)[place / 64] >> (place & 63u) & 1u : 0;
    return (phase == 0) == (shared != 0);
}

/* The index-th step of the phase. */
static uint32_t step_at(rf_parent *parent, rf_group *group, uint32_t index)
{
    const uint64_t *items = items_of(group);
    for (uint32_t i = 0; i < group->count; i++) {
        uint32_t lo = (uint32_t)(items[i] >> 32);
        uint32_t hi = (uint32_t)items[i];
        uint32_t shared = parent->bitmap ? shared_between(parent, lo, hi) : 0;
        uint32_t here = group->phase == 0 ? shared : hi - lo - shared;
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

/* Moves on to the next candidate; 0 when there is none left. `index` is its place among those of the phase. */
static int advance(rf_group *group, uint32_t *index)
{
    for (; group->phase < 2; group->phase++, group->at = 0) {
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

/* -- the frontier */

void rf_frontier_release(rf_core *core, rf_frontier *frontier, uint64_t offset)
{
    rf_parent *parent = RF_AT(core, offset, rf_parent);
    if (offset != 0 && --parent->references == 0) {
        rf_arena_give(core, &frontier->arena, offset, parent_bytes(parent));
    }
}

int rf_frontier_empty(rf_core *core, const rf_frontier *frontier)
{
    for (uint32_t i = 0; i < frontier->count; i++) {
        if (level_of(core, frontier, i)->open > 0) {
            return 0;
        }
    }
    return 1;
}

static void append(rf_core *core, rf_level *level, uint64_t offset)
{
    RF_AT(core, offset, rf_group)->next = 0;
    if (level->head == 0) {
        level->head = offset;
    } else {
        RF_AT(core, level->tail, rf_group)->next = offset;
    }
    level->tail = offset;
}

/* Takes the next schedule of the level; 0: it has none. */
static int take(rf_core *core, rf_frontier *frontier, uint32_t cost, rf_plan *plan)
{
    rf_level *level = level_of(core, frontier, cost);
    while (level->head != 0) {
        uint64_t offset = level->head;
        rf_group *group = RF_AT(core, offset, rf_group);
        rf_parent *parent = RF_AT(core, group->parent, rf_parent);
        uint64_t *deviations = RF_AT(core, plan->deviations, uint64_t);
        uint32_t index;
        level->head = group->next;
        if (!advance(group, &index)) {
            rf_frontier_release(core, frontier, group->parent);
            rf_arena_give(core, &frontier->arena, offset, group_bytes(group));
            continue;
        }
        for (uint32_t i = 0; i < parent->deviations; i++) {
            deviations[i] = deviations_of(parent)[i];
        }
        deviations[parent->deviations]
            = displaces(group) ? rf_pack_at(group->key, step_at(parent, group, index)) : items_of(group)[index];
        plan->count = parent->deviations + 1;
        plan->parent = group->parent;
        plan->cost = cost;
        plan->struck = group->strikes;
        parent->references++;
        append(core, level, offset);
        level->open--;
        level->done++;
        return 1;
    }
    return 0;
}

int rf_frontier_next(rf_core *core, rf_frontier *frontier, rf_plan *plan)
{
    uint32_t cost = 0;
    while (cost < frontier->count && level_of(core, frontier, cost)->open == 0) {
        cost++;
    }
    if (cost == 0 && frontier->count > 1) {
        uint32_t turns = level_of(core, frontier, 1)->done < RF_MANY ? RF_TURNS : RF_LATER_TURNS;
        if (frontier->taken++ % turns == turns - 1 && take(core, frontier, 1, plan)) {
            return 1;
        }
    }
    for (; cost < frontier->count; cost++) {
        if (take(core, frontier, cost, plan)) {
            return 1;
        }
    }
    return 0;
}

static int add_group(rf_core *core, rf_frontier *frontier, const rf_plan *plan, uint64_t parent_offset,
                     const rf_run *runs, uint32_t count, int strike)
{
    rf_parent *parent = RF_AT(core, parent_offset, rf_parent);
    rf_group head = {0};
    rf_group *group;
    uint64_t offset;
    uint32_t cost = plan->cost;
    rf_level *level;
    int fires = rf_unpack(runs[0].key).action == RF_FIRE;
    head.key = runs[0].key;
    head.count = count;
    head.parent = parent_offset;
    head.strikes = plan->struck;
    if (displaces(&head)) {
        if (fires && strike && !plan->struck) {
            head.strikes = 1;
        } else {
            cost++;
        }
    }
    offset = rf_arena_take(core, &frontier->arena, group_bytes(&head));
    if (offset == 0) {
        return 0;
    }
    group = RF_AT(core, offset, rf_group);
    *group = head;
    for (uint32_t i = 0; i < count; i++) {
        if (displaces(group)) {
            uint32_t shared = parent->bitmap ? shared_between(parent, runs[i].lo, runs[i].hi) : 0;
            items_of(group)[i] = (uint64_t)runs[i].lo << 32 | runs[i].hi;
            group->total[0] += shared;
            group->total[1] += runs[i].hi - runs[i].lo - shared;
        } else {
            items_of(group)[i] = rf_pack_at(runs[i].key, runs[i].lo);
            group->total[1]++;
        }
    }
    parent->references++;
    level = level_of(core, frontier, cost < frontier->count ? cost : frontier->count - 1);
    level->open += (uint64_t)group->total[0] + group->total[1];
    append(core, level, offset);
    return 1;
}

int rf_frontier_add(rf_core *core, rf_frontier *frontier, const rf_plan *plan, uint32_t count, int strike, int bitmap)
{
    const rf_run *runs = RF_AT(core, core->scratch, rf_run);
    const uint64_t *deviations = RF_AT(core, plan->deviations, uint64_t);
    rf_parent head = {0};
    rf_parent *parent;
    uint64_t offset;
    int fits = 1;
    if (count == 0) {
        return 1;
    }
    if (plan->count + 1 >= RF_MAX_DEVIATIONS) {
        return 0;
    }
    head.references = 1;
    head.deviations = plan->count;
    head.base = plan->count == 0 ? 0 : rf_step_of(deviations[plan->count - 1]) + 1;
    head.steps = core->status.steps - head.base;
    head.cost = plan->cost;
    head.struck = plan->struck;
    head.bitmap = bitmap != 0;
    while (head.steps >> head.shift > RF_FULL_CHECKS) {
        head.shift++;
    }
    offset = rf_arena_take(core, &frontier->arena, parent_bytes(&head));
    if (offset == 0) {
        return 0;
    }
    parent = RF_AT(core, offset, rf_parent);
    *parent = head;
    for (uint32_t i = 0; i < plan->count; i++) {
        deviations_of(parent)[i] = deviations[i];
    }
    for (uint32_t i = 0; i < bitmap_words(parent); i++) {
        bitmap_of(parent)[i] = 0;
    }
    record_checks(core, parent);
    for (uint32_t start = 0, end; start < count; start = end) {
        int free = runs[start].key >> RF_OPTION_BITS == RF_NO_THREAD;
        for (end = start + 1; end < count; end++) {
            if (free ? runs[end].key >> RF_OPTION_BITS != RF_NO_THREAD : runs[end].key != runs[start].key) {
                break;
            }
        }
        fits &= add_group(core, frontier, plan, offset, runs + start, end - start, strike);
    }
    rf_frontier_release(core, frontier, offset);
    return fits;
}

double rf_frontier_estimate(rf_core *core, const rf_frontier *frontier)
{
    double total = 0;
    double here = 0;
    double children = 0; /* for each schedule of the level before */
    for (uint32_t cost = 0; cost < frontier->count; cost++) {
        const rf_level *level = level_of(core, frontier, cost);
        double known = (double)(level->open + level->done);
        double below = cost == 0 ? 0 : (double)level_of(core, frontier, cost - 1)->done;
        if (below > 0) {
            children = known / below;
            here = here * children > known ? here * children : known;
        } else if (cost == 0) {
            here = known;
        } else {
            children /= 2; /* later deviations have fewer steps behind them */
            here *= children;
        }
        total += here;
    }
    return total;
}
