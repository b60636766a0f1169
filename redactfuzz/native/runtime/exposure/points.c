#include "exposure/points.h"

#include <signal.h>
#include <stddef.h>

#include "base/parts.h"
#include "exposure/groups.h"
#include "mappings/areas.h"
#include "mappings/pages.h"
#include "memory/touched.h"
#include "schedule/above.h"
#include "schedule/fiber.h"
#include "state/dispositions.h"
#include "state/run.h"

static RFN_STATE uint8_t only_dumps; /* so the crash was announced */
static RFN_STATE uint32_t exposed;   /* what a dump would have shown at the point before */

/* Whether a crash would run no code of the program, whichever thread it strikes, and what is dumped then can be looked at now. */
static int would_only_dump(void)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    const struct sigaction *action = &rfn_actions[plan->signal];
#if defined(__SANITIZE_ADDRESS__)
    return 0; /* what it has marked of frames of ours on the program's stacks may not be read while they are there */
#endif
    if (plan->crash == RFN_CRASH_SIGNAL
        && (rfn_default_of(plan->signal) != RFN_FATE_CORE
            || (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN))) {
        return 0;
    }
    /* A private mapping of a file is in a dump as a whole as soon as a part of it was written. */
    return plan->isolation == RFN_IN_PLACE && !rfn.family && !rfn_pages_are_closed() && !rfn_areas_of_files() && !rfn_groups_full();
}

unsigned char rfn_crash_flags(void)
{
    if (!rfn.reduces) {
        return RF_STRIKE;
    }
    rfn_groups_begin();
    rfn.shows_otherwise = 1; /* nothing is known of it yet */
    only_dumps = (uint8_t)would_only_dump();
    return only_dumps ? RF_STRIKE | RF_LOCAL : RF_STRIKE;
}

int rfn_crash_is_a_step(void) { return !only_dumps; }

static void at_point(void)
{
    uint32_t watched = rf_get_status(rfn.core)->watched;
    if (!only_dumps) {
        return;
    }
    if (!would_only_dump()) { /* from here on it is a step like others, and stays one */
        rf_event crash = {.kind = RF_CRASH, .flags = RF_STRIKE, .object = rfn_struck_object()};
        only_dumps = 0;
        rfn_touched_object(RF_OPAQUE, RF_OBJECT_UNKNOWN); /* whatever the thread stands at */
        rfn_touched_crash();
        rf_pend(rfn.core, RFN_FIRST_TRIGGER, &crash);
        return;
    }
    if (watched == RF_NOT_WATCHED) {
        return;
    }
    rfn_describe_fibers();
    rfn_groups_changed();
    if (watched == RF_ALL_WATCHED) {
        int all = 0;
        if (rfn_groups_learn(&all)) {
            rf_touches_more(rfn.core);
            rf_knows(rfn.core, rfn_groups_sum());
        }
        exposed = rfn_above.exposed(exposed, all || rfn.shows_otherwise);
        rfn.shows_otherwise = 0;
        rf_shows(rfn.core, exposed);
    }
}

static void reset(void)
{
    only_dumps = 0;
    exposed = 0;
    rfn.shows_otherwise = 0;
}

static void begins(void) { rfn_above.at_point = at_point; }

RFN_PART(RFN_ON_EXPOSURE, points, .begins = begins, .reset = reset);
