/* Accesses of the heap outside of live blocks, see base/shadow.h. Of libc's own and of the kernel nothing is asked: what the program's
 * instructions touch, and what the models of functions that copy, fill and measure do. Such an access is carried out, as on a real
 * machine: what leaks after it is found as well. */
#include <stdio.h>

#include "base/shadow.h"
#include "memory/memory.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/turn.h"
#include "state/program.h"
#include "state/run.h"

static int is_asked(void) { return rfn.control_block->plan.oracles >> RFN_BUG_MEMORY & 1; }

/* The first one of an execution is its bug. All steps of others come before that, or after it. */
static void note(const rfn_fiber *fiber, uintptr_t struck, size_t size, int reads, uint64_t site)
{
    char summary[96];
    if (rfn.reduces) {
        rfn_touch_all(fiber);
    }
    if (rfn.bug != RFN_BUG_NONE || rfn.dead) {
        return;
    }
    snprintf(summary, sizeof summary, "%s is %s: %zu bytes",
             rfn_shadow_is_freed(struck) ? "a heap block that was freed" : "memory beyond a heap block",
             reads ? "read" : "written", size);
    rfn.bug_at = struck;
    rfn_bug_noted(RFN_BUG_MEMORY, fiber->number, site, summary);
}

rfn_fiber *rfn_memory_error(rfn_fiber *fiber, uintptr_t struck, size_t size, int reads, uint64_t site)
{
    if (!is_asked()) {
        return fiber;
    }
    note(fiber, struck, size, reads, site);
    return rfn.dead ? NULL : fiber;
}

void rfn_uses(uint8_t kind, const void *bytes, size_t size, uintptr_t site)
{
    uintptr_t struck = rfn_current == NULL ? 0 : rfn_shadow_outside((uintptr_t)bytes, size);
    if (struck != 0 && is_asked()) {
        note(rfn_current, struck, size, kind == RF_READ, rfn_site(site));
        if (rfn.dead || rfn.control_block->plan.real == RFN_REAL_DEBUGGED) {
            rfn_bug(RFN_BUG_MEMORY, site, "%s", rfn.summary);
        }
    }
    rfn_come_to_end(bytes, size);
}
