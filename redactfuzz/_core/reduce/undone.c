/* What was not done in an execution, and could have been, had it come before what kept it from that. */
#include "reduce/reduce.h"

/* What a blocked process waits for it may have had, had it come before others: it has not done it, and may never. */
void rf_close_if_blocked(rf_core *core, rf_reduction *r, uint32_t process)
{
    const rf_slot *slot = rf_slot_of(core, r->process[process].thread);
    rf_event event = {.object = slot->object, .offset = slot->offset, .size = slot->size, .kind = slot->kind};
    rf_access access;
    event.flags = slot->flags;
    event.object = event.object == RF_OBJECT_TOLD ? RF_OBJECT_UNKNOWN : event.object;
    if (r->process[process].state == RF_SLOT_BLOCKED && rf_access_of(&event, &access)) {
        access.mode = RF_TAKES;
        rf_close_blocked(core, r, r->closed, process, &access);
    }
}

/* Of what a process was about to do nobody knows what it would have touched beside what it announced: everything. */
static void close_taken(rf_core *core, rf_reduction *r, uint32_t process)
{
    const rf_slot *slot = rf_slot_of(core, r->process[process].thread);
    uint64_t struck = slot->kind == RF_CRASH && (slot->flags & RF_STRIKE) ? ~(uint64_t)0 >> (RF_PROCESSES - r->processes) : 0;
    const rf_access accesses[2] = {{.object = RF_OBJECT_UNKNOWN, .mode = RF_CHANGES},
                                   {.object = RF_OBJECT_ALL, .mode = RF_CHANGES}};
    const rf_access aimed = {.object = RF_OBJECT_DEATH, .mode = RF_CHANGES};
    uint32_t victim = r->process[process].victim;
    if (rf_bit(process) & rf_dumps_at(core, r)) {
        return; /* a dump is no step */
    }
    if (victim != RF_NONE && !r->process[process].wide) {
        rf_close_taken(core, r, process, rf_bit(rf_process_of(core, r, victim)), &aimed, 1);
        return;
    }
    rf_close_taken(core, r, process, struck & ~rf_bit(process), accesses, 1 + (slot->kind == RF_CRASH));
}

/* A thread that had ended before a crash was there, or began when it was gone: it could have been struck by it. */
static void close_never_aimed(rf_core *core, rf_reduction *r, uint32_t crash)
{
    const rf_access end = {.object = RF_OBJECT_DEATH, .mode = RF_CHANGES};
    uint64_t aimed = rf_bit(crash);
    for (uint32_t i = 0; i < r->processes; i++) {
        if (r->process[i].thread == r->process[crash].thread && r->process[i].victim != RF_NONE) {
            aimed |= rf_bit(rf_process_of(core, r, r->process[i].victim));
        }
    }
    for (uint32_t i = 0; i < r->processes; i++) {
        if ((aimed & rf_bit(i)) == 0 && r->process[i].victim == RF_NONE && rf_slot_of(core, r->process[i].thread)->kind != RF_CRASH) {
            rf_close_taken(core, r, crash, rf_bit(i), &end, 1);
        }
    }
}

/* When an execution is left: what was not done in it could have been. */
void rf_close_undone(rf_core *core, rf_reduction *r)
{
    for (uint32_t i = 0; i < r->processes; i++) {
        if (r->process[i].victim == RF_NONE && rf_aims(core, r->process[i].thread)) {
            close_never_aimed(core, r, i);
        } else if (r->process[i].taken != 0) {
            close_taken(core, r, i);
        } else {
            rf_close_if_blocked(core, r, i);
        }
    }
}

void rf_note_cut(rf_core *core, rf_stage_state *stage, const rf_reduction *r, uint64_t processes)
{
    for (; processes != 0; processes &= processes - 1) {
        rf_cut(stage, rf_slot_of(core, r->process[rf_first_of(processes)].thread)->site);
    }
}
