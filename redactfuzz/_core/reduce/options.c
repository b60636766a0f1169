/* Who can be chosen at a scheduling point, as processes. */
#include "reduce/reduce.h"

/* 0: there are too many processes. */
static uint64_t bit_of(rf_core *core, rf_reduction *r, uint32_t thread)
{
    uint8_t number = RF_AT(core, r->number, uint8_t)[thread];
    uint32_t process = number != 0 ? number - 1u : rf_process_of(core, r, thread);
    return process < RF_PROCESSES ? rf_bit(process) : 0;
}

uint64_t rf_members(rf_core *core, rf_reduction *r, const rf_set *set)
{
    uint64_t found = 0;
    uint64_t first = set->count == 0 ? 0 : rf_set_words(core, set)[0];
    for (; first != 0; first &= first - 1) { /* nearly always these are all */
        found |= bit_of(core, r, rf_first_of(first));
    }
    if (set->count != 0 && ((set->node[0] & ~(uint64_t)1) != 0 || (set->top & ~(uint64_t)1) != 0)) {
        for (uint32_t thread = rf_set_next(core, set, 64); thread != RF_NONE; thread = rf_set_next(core, set, thread + 1)) {
            found |= bit_of(core, r, thread);
        }
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

rf_present rf_present_at(rf_core *core, rf_reduction *r)
{
    rf_present now;
    now.enabled = rf_members(core, r, &core->enabled);
    now.there = now.enabled | rf_members(core, r, &core->blocked) | rf_armed(core, r, 0);
    now.timed = rf_members(core, r, &core->timed);
    now.armed = rf_armed(core, r, 1);
    return now;
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
        if (point->preferred.action != RF_FIRE) {
            return count;
        }
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
static uint64_t in_turn(rf_core *core, const rf_reduction *r, uint64_t timed)
{
    uint64_t found = 0;
    for (uint64_t rest = timed; rest != 0; rest &= rest - 1) {
        const rf_slot *slot = rf_slot_of(core, r->process[rf_first_of(rest)].thread);
        found |= slot->flags & RF_IN_TURN ? rf_bit(rf_first_of(rest)) : 0;
    }
    return found;
}

uint32_t rf_check_at(const rf_core *core, const rf_reduction *r, const rf_point *point)
{
    return (uint32_t)(rf_hash_step(core->status.trace_hash, point->from_site, point->current, r->print) >> 32);
}

/* What can be chosen from a new node. */
void rf_look_from(rf_core *core, rf_reduction *r, const rf_point *point, const rf_present *now, rf_node *node)
{
    node->told = r->proof.used;
    node->there = now->there;
    node->enabled = now->enabled;
    node->timed = now->timed;
    node->dumps = rf_dumps_at(core, r);
    node->able = rf_able_at(core, r, point);
    node->aimed = now->armed & node->able;
    node->named = core->named;
    node->unfair = (node->enabled | (node->timed & ~in_turn(core, r, node->timed))) & ~node->able;
    node->check = rf_check_at(core, r, point);
}
