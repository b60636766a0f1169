/* What was chosen, one record a choice. */
#include "choices/core.h"

void rf_trace_add(rf_core *core, const rf_point *point, const rf_choice *choice, uint32_t flags)
{
    const rf_slot *slot = rf_slot_of(core, choice->thread);
    rf_record *record = RF_AT(core, core->trace, rf_record) + core->status.steps;
    /* A trigger that struck after everybody had ended stands for itself; so does one that runs as a thread. */
    record->site = slot->state == RF_SLOT_NONE ? 0 : slot->site;
    record->from_site = point->from_site;
    record->from = (uint16_t)point->current;
    record->thread = choice->thread;
    record->trigger = choice->action == RF_STEP ? slot->origin : choice->trigger;
    record->action = choice->action;
    record->flags = (uint8_t)(flags | (uint32_t)slot->kind << RF_REC_KIND_SHIFT);
    if (rf_is_shared(slot->kind, slot->flags)) {
        record->flags |= RF_REC_SHARED;
    }
    core->status.trace_hash = rf_hash_step(core->status.trace_hash, record->site, choice->thread, choice->action);
    core->status.steps++;
}
