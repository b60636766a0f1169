#include "frontier/frontier.h"
#include "frontier/frontier_steps.h"

static rf_level *level_of(rf_core *core, const rf_frontier *frontier, uint32_t level)
{
    return RF_AT(core, frontier->levels, rf_level) + level;
}

/* -- the frontier */

void rf_frontier_release(rf_core *core, rf_frontier *frontier, uint64_t offset)
{
    rf_parent *parent = RF_AT(core, offset, rf_parent);
    if (offset != 0 && --parent->references == 0) {
        rf_arena_give(core, &frontier->arena, offset, rf_parent_bytes(parent));
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
        if (!rf_advance(group, &index)) {
            rf_frontier_release(core, frontier, group->parent);
            rf_arena_give(core, &frontier->arena, offset, rf_group_bytes(group));
            continue;
        }
        for (uint32_t i = 0; i < parent->deviations; i++) {
            deviations[i] = rf_deviations_of(parent)[i];
        }
        deviations[parent->deviations]
            = rf_displaces(group) ? rf_pack_at(group->key, rf_step_at(parent, group, index)) : rf_items_of(group)[index];
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
    if (rf_displaces(&head)) {
        if (fires && strike && !plan->struck) {
            head.strikes = 1;
        } else {
            cost++;
        }
    }
    offset = rf_arena_take(core, &frontier->arena, rf_group_bytes(&head));
    if (offset == 0) {
        return 0;
    }
    group = RF_AT(core, offset, rf_group);
    *group = head;
    for (uint32_t i = 0; i < count; i++) {
        if (rf_displaces(group)) {
            rf_items_of(group)[i] = (uint64_t)runs[i].lo << 32 | runs[i].hi;
            for (uint32_t phase = 0; phase < RF_PHASES; phase++) {
                group->total[phase] += rf_between(parent, phase, runs[i].lo, runs[i].hi);
            }
        } else {
            rf_items_of(group)[i] = rf_pack_at(runs[i].key, runs[i].lo);
            group->total[1]++;
        }
    }
    parent->references++;
    level = level_of(core, frontier, cost < frontier->count ? cost : frontier->count - 1);
    for (uint32_t phase = 0; phase < RF_PHASES; phase++) {
        level->open += group->total[phase];
    }
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
    head.origins = rf_origins_of(core, &head);
    while (head.steps >> head.shift > RF_FULL_CHECKS) {
        head.shift++;
    }
    offset = rf_arena_take(core, &frontier->arena, rf_parent_bytes(&head));
    if (offset == 0) {
        return 0;
    }
    parent = RF_AT(core, offset, rf_parent);
    *parent = head;
    for (uint32_t i = 0; i < plan->count; i++) {
        rf_deviations_of(parent)[i] = deviations[i];
    }
    for (uint32_t i = 0; i < rf_bitmap_words(parent); i++) {
        rf_bitmap_of(parent)[i] = 0;
    }
    rf_record_steps(core, parent);
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
