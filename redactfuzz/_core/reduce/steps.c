/* A step is made, and is over. */
#include "reduce/reduce.h"

/* A crash that aims at one thread can then strike no other. */
static uint64_t beside_of(const rf_reduction *r, uint32_t process)
{
    uint64_t found = 0;
    for (uint32_t i = 0; r->process[process].victim != RF_NONE && i < r->processes; i++) {
        found |= r->process[i].thread == r->process[process].thread ? rf_bit(i) : 0;
    }
    return found;
}

/* The last step is over. Who had announced something before it, and has nothing announced now, was ended by it. */
void rf_close_last(rf_core *core, rf_reduction *r, const rf_present *now)
{
    rf_behind *step = rf_steps(core, r) + r->depth - 1;
    rf_node *node = rf_nodes(core, r) + r->depth - 1;
    uint64_t gone = node->there & ~now->there & ~rf_bit(step->process) & ~step->struck & ~node->dumps;
    uint64_t beside = gone & beside_of(r, step->process); /* they depend on it by what they touch, and on nothing else */
    uint64_t roused = node->timed & ~now->timed & ~rf_bit(step->process);
    uint64_t disabled = (node->enabled & ~now->enabled) | (node->aimed & ~now->armed);
    disabled &= ~rf_bit(step->process);
    step->struck |= gone & ~beside;
    node->struck |= step->struck;
    /* What these were about to do may never be done: it is not seen to race. */
    node->todo |= (step->struck | roused | disabled) & node->able;
    for (; gone != 0; gone &= gone - 1) {
        rf_process *process = rf_change(core, r, rf_first_of(gone));
        rf_close_if_blocked(core, r, rf_first_of(gone));
        process->state = RF_SLOT_NONE;
        process->taken = r->depth;
        process->before = process->last;
        process->wide = node->enabled == 0;
        if (process->victim != RF_NONE && !rf_set_has(core, &core->armed, process->thread)) {
            rf_change(core, r, rf_process_of(core, r, process->thread))->taken = r->depth;
        }
    }
    rf_close_step(core, r, r->depth - 1);
}

/* A crash that aims strikes its victim while that one can go on: whoever takes what it waits for keeps it from that. */
static void enter_aimed(rf_core *core, rf_reduction *r, const rf_slot *victim)
{
    rf_access end = {.object = RF_OBJECT_DEATH, .mode = RF_CHANGES};
    rf_access awaited = {.object = victim->object == RF_OBJECT_TOLD ? RF_OBJECT_UNKNOWN : victim->object, .mode = RF_CHANGES};
    rf_add_access(core, r, &end);
    if (victim->kind == RF_ACQUIRE || victim->kind == RF_WAIT || victim->kind == RF_JOIN) {
        rf_add_access(core, r, &awaited);
    }
}

/* What is chosen touches what it announced; the rest it reports. */
void rf_enter(rf_core *core, rf_reduction *r, rf_node *node, const rf_choice *choice)
{
    const rf_slot *slot = rf_slot_of(core, choice->action == RF_FIRE ? choice->trigger : choice->thread);
    rf_behind *step = rf_steps(core, r) + r->depth;
    rf_event event = {.object = slot->object, .offset = slot->offset, .size = slot->size, .room = slot->room};
    rf_access access;
    event.kind = choice->action == RF_FIRE ? RF_CRASH : slot->kind;
    event.flags = choice->action == RF_FIRE ? 0 : slot->flags;
    step->site = slot->site;
    step->cause = 0;
    step->process = node->process;
    step->number = ++rf_change(core, r, node->process)->steps;
    step->accesses = r->used_accesses;
    step->struck = 0;
    step->how = choice->action | rf_process_of(core, r, choice->thread) << 8;
    if (rf_bit(node->process) == node->dumps) {
        node->victims = 1; /* whoever dies, the dump is the same */
        r->depth++;
        r->off = 1;
        return;
    }
    if (choice->action != RF_STEP) {
        uint32_t victim = rf_process_of(core, r, choice->thread);
        step->struck = rf_bit(victim) & ~rf_bit(node->process);
        rf_close_if_blocked(core, r, victim);
        rf_change(core, r, victim)->state = RF_SLOT_NONE;
    }
    r->process[node->process].state = RF_SLOT_NONE;
    r->depth++;
    if (choice->action == RF_EXPIRE) { /* it is no longer among those that wait there, and time has passed */
        /* In turn: nobody else could go on, so everything that was done comes before it. */
        rf_access time = {.object = slot->flags & RF_IN_TURN ? RF_OBJECT_UNKNOWN : RF_OBJECT_TIME, .mode = RF_CHANGES};
        event.kind = RF_RMW;
        rf_add_access(core, r, &time);
    }
    if (r->process[node->process].victim != RF_NONE && node->enabled != 0) {
        enter_aimed(core, r, rf_slot_of(core, choice->thread));
        return;
    }
    if (rf_access_of(&event, &access)) {
        access.announced = 1;
        rf_add_access(core, r, &access);
    } else if (!(event.flags & RF_LOCAL)) { /* no thread notices it, but registers may be others than before */
        rf_access seen = {.object = RF_OBJECT_ALL, .mode = RF_LOOKS};
        rf_add_access(core, r, &seen);
    }
    if (choice->action == RF_FIRE && slot->object != RF_OBJECT_TOLD) { /* and it finds what no thread does */
        rf_access dumped = {.object = RF_OBJECT_ALL, .mode = RF_CHANGES};
        rf_add_access(core, r, &dumped);
    }
}
