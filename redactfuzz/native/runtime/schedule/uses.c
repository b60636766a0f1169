/* Accesses of the heap outside of live blocks (base/shadow.h) and of stack frames that have ended (schedule/published.h). Asked about are
 * the program's instructions, and the models of functions that copy, fill and measure; not libc's own code, nor the kernel. Such an
 * access is carried out, as on a real machine: what leaks after it is found as well. */
#include <stdio.h>

#include "base/shadow.h"
#include "memory/memory.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/turn.h"
#include "state/program.h"
#include "state/run.h"

static int is_asked(void) { return rfn.control_block->plan.oracles >> RFN_BUG_MEMORY & 1; }

static const char *describe_struck(uintptr_t struck)
{
    if (struck >= RFN_STACKS) {
        return "a stack frame that has ended";
    }
    return rfn_shadow_is_freed(struck) ? "a heap block that was freed" : "memory beyond a heap block";
}

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
    snprintf(summary, sizeof summary, "%s is %s: %zu bytes", describe_struck(struck), reads ? "read" : "written", size);
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

/* A model that runs on the stack of the program has frames of its own there, and nobody knows where the program's end. */
static int is_in_ended_frame(uintptr_t at)
{
    return at >= RFN_STACKS && (rfn_fiber_at(at) != rfn_current || rfn_current->outside != 0) && rfn_is_ended_frame(at);
}

void rfn_uses(uint8_t kind, const void *bytes, size_t size, uintptr_t site)
{
    uintptr_t at = (uintptr_t)bytes;
    uintptr_t struck = rfn_current == NULL ? 0 : rfn_shadow_outside(at, size);
    if (rfn_current != NULL && size != 0 && is_in_ended_frame(at)) {
        struck = at;
    }
    if (struck != 0 && is_asked()) {
        note(rfn_current, struck, size, kind == RF_READ, rfn_site(site));
        if (rfn.dead || rfn.control_block->plan.real == RFN_REAL_DEBUGGED) {
            rfn_bug(RFN_BUG_MEMORY, site, "%s", rfn.summary);
        }
    }
    rfn_come_to_end(bytes, size);
}
