#include "schedule/after.h"

#include "base/parts.h"
#include "mappings/areas.h"
#include "mappings/pages.h"
#include "memory/touched.h"
#include "schedule/above.h"
#include "state/run.h"

enum { MOST = 4096 /* steps after a death: what is not learned from these costs schedules */ };

static RFN_STATE uint32_t steps;
static RFN_STATE uint64_t redactions, allowed; /* at the death */

/* Stores to a mapped file may be seen in the outcome. */
int rfn_end_is_a_step(void)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    return rf_get_status(rfn.core)->reduces && plan->isolation == RFN_IN_PLACE && !plan->real && !rfn.family && !rfn.runs_on
           && !rfn_areas_of_files() && !rfn_pages_are_closed();
}

int rfn_goes_on_after(void)
{
    if (!rfn_end_is_a_step()) {
        return 0;
    }
    rfn_touched_object(RF_WRITE, RF_OBJECT_DEATH);
    rfn_touched_object(RF_READ, RFN_TOUCHED_PHASE); /* what may be in the dumps */
    rfn_touched_object(RF_READ, RFN_TOUCHED_FILES); /* which are these */
    for (uint32_t trigger = RFN_FIRST_TRIGGER; trigger < RFN_FIRST_THREAD; trigger++) {
        rf_withdraw(rfn.core, trigger);
    }
    rfn_above.inspect();
    redactions = rfn.redactions;
    allowed = rfn.allowed;
    rfn.dead = 1;
    rf_died(rfn.core);
    return 1;
}

int rfn_left_out_after(const rfn_fiber *fiber)
{
    /* Who hands over waits for somebody, perhaps for the dead one. Files are as the dead one left them. */
    if (fiber->touches != RF_OPAQUE && fiber->event.object != RFN_TOUCHED_FILES && (fiber->event.flags & RF_YIELD) == 0 && ++steps < MOST
        && rf_get_status(rfn.core)->reduces) {
        return 0;
    }
    rfn_touched_all(); /* so that it is tried before the death */
    return 1;
}

void rfn_after_ends(void)
{
    if (rfn.dead) {
        rfn.redactions = redactions;
        rfn.allowed = allowed;
    }
}

static void reset(void)
{
    steps = 0;
    redactions = allowed = 0;
}

RFN_PART(RFN_ON_SCHEDULE, after, .reset = reset);
