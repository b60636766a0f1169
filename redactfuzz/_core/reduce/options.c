/* Who can be chosen at a scheduling point, as processes. */
#include "reduce/reduce.h"

uint64_t rf_members(rf_core *core, rf_reduction *r, const rf_set *set)
{
    uint64_t found = 0;
    for (uint32_t thread = rf_set_next(core, set, 0); thread != RF_NONE; thread = rf_set_next(core, set, thread + 1)) {
        uint32_t process = rf_process_of(core, r, thread);
        found |= process < RF_PROCESSES ? rf_bit(process) : 0;
    }
    return found;
}

uint64_t rf_dumps_at(rf_core *core, rf_reduction *r)
{
    uint64_t found = 0;
    if (rf_stage_of(core, core->status.stage)->config.proof) {
        return 0; /* who checks the record sees no memory: of it a dump is a step like others */
    }
    for (uint32_t trigger = rf_set_next(core, &core->armed, 0); trigger != RF_NONE;
         trigger = rf_set_next(core, &core->armed, trigger + 1)) {
        uint32_t process = rf_slot_of(core, trigger)->flags & RF_LOCAL ? rf_process_of(core, r, trigger) : RF_PROCESSES;
        found |= process < RF_PROCESSES ? rf_bit(process) : 0;
    }
    return found;
}

/* Who can be chosen here: by a step, because its wait ends by its time, or because it is a crash that can strike. One that only
 * dumps is no choice: it is made where the dump is to be seen. */
uint64_t rf_able_at(rf_core *core, rf_reduction *r, const rf_point *point)
{
    rf_cursor cursor = {0, 0, RF_NONE};
    rf_choice choice;
    uint64_t found = 0;
    while (rf_next_option(core, point, &cursor, &choice)) {
        uint32_t process = rf_process_of_choice(core, r, &choice);
        found |= process < RF_PROCESSES ? rf_bit(process) : 0;
    }
    return found & ~rf_dumps_at(core, r);
}

uint64_t rf_armed(rf_core *core, rf_reduction *r, int able)
{
    uint64_t found = 0;
    for (uint32_t trigger = rf_set_next(core, &core->armed, 0); trigger != RF_NONE;
         trigger = rf_set_next(core, &core->armed, trigger + 1)) {
        uint32_t process = rf_aims(core, trigger) ? RF_PROCESSES : rf_process_of(core, r, trigger);
        found |= process < RF_PROCESSES ? rf_bit(process) : 0;
        found |= rf_aims(core, trigger) ? rf_aimed(core, r, trigger, able) : 0;
    }
    return found;
}

/* Who has announced something. */
uint64_t rf_present(rf_core *core, rf_reduction *r)
{
    return rf_members(core, r, &core->enabled) | rf_members(core, r, &core->blocked) | rf_armed(core, r, 0);
}

/* Finds the fair choice number `victim` of a process at this point, the default order's first, and counts them. A thread has one
 * at most, a crash as many as there are threads that it may strike. */
static uint32_t choices_of(rf_core *core, rf_reduction *r, const rf_point *point, uint32_t process, uint32_t victim,
                           rf_choice *found)
{
    rf_cursor cursor = {0, 0, RF_NONE};
    rf_choice choice;
    uint32_t count = 0;
    if (point->preferred.action != RF_NOTHING && rf_process_of_choice(core, r, &point->preferred) == process) {
        *found = point->preferred;
        count = 1;
    }
    while (rf_next_option(core, point, &cursor, &choice)) {
        if (rf_process_of_choice(core, r, &choice) == process && !rf_same(&choice, &point->preferred) && count++ == victim) {
            *found = choice;
        }
    }
    return count;
}

/* Chooses for one of the processes `wanted`, which it gives to the node; that of the default order before others. 0: none of
 * them has a fair choice. */
int rf_choose_for(rf_core *core, rf_reduction *r, const rf_point *point, uint64_t wanted, rf_node *node,
                  rf_choice *choice)
{
    uint32_t preferred = rf_process_of_choice(core, r, &point->preferred);
    uint64_t first = preferred < RF_PROCESSES ? wanted & rf_bit(preferred) : 0;
    for (; wanted != 0; wanted &= ~first, first = wanted & (0 - wanted)) {
        if (first == 0) {
            continue;
        }
        node->process = rf_first_of(first);
        node->victims = choices_of(core, r, point, node->process, node->victim, choice);
        if (node->victims > node->victim) {
            return 1;
        }
    }
    return 0;
}

/* Whose wait ends by its time only when nobody else can go on. */
static uint64_t in_turn(rf_core *core, rf_reduction *r)
{
    uint64_t found = 0;
    for (uint64_t rest = rf_members(core, r, &core->timed); rest != 0; rest &= rest - 1) {
        const rf_slot *slot = rf_slot_of(core, r->process[rf_first_of(rest)].thread);
        found |= slot->flags & RF_IN_TURN ? rf_bit(rf_first_of(rest)) : 0;
    }
    return found;
}

/* What can be chosen from a new node. */
void rf_look_from(rf_core *core, rf_reduction *r, const rf_point *point, rf_node *node)
{
    node->told = r->proof.used;
    node->there = rf_present(core, r);
    node->enabled = rf_members(core, r, &core->enabled);
    node->timed = rf_members(core, r, &core->timed);
    node->dumps = rf_dumps_at(core, r);
    node->able = rf_able_at(core, r, point);
    node->aimed = rf_armed(core, r, 1) & node->able;
    node->named = core->named;
    node->unfair = (node->enabled | (node->timed & ~in_turn(core, r))) & ~node->able;
    node->check = (uint32_t)(rf_hash_step(core->status.trace_hash, point->from_site, point->current, r->print) >> 32);
}
