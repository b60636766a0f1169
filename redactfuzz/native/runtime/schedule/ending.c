#include "schedule/ending.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "memory/touched.h"
#include "schedule/above.h"
#include "schedule/after.h"
#include "schedule/fiber.h"
#include "schedule/point.h"
#include "state/program.h"
#include "state/run.h"
#include "state/self.h"

rfn_fiber *rfn_ended(rfn_end end, int status)
{
    if (rfn_current != NULL) {
        rfn_current->saved_errno = errno;
    }
    /* What others would have done is not done any more. No call is to blame for that. */
    rfn_touched_object(RF_OPAQUE, RF_OBJECT_UNKNOWN);
    if (end == RFN_KILLED) {
        rfn_touched_crash(); /* a core shows what is nobody else's as well */
    }
    if (rfn.dead) {
        return NULL;
    }
    rfn.end = (uint8_t)end;
    rfn.status = status;
    rfn.killed = end == RFN_KILLED;
    if (rfn.control_block->plan.real) {
        return rfn_above.die(end, status);
    }
    if (rfn.bug != RFN_BUG_NONE) {
        rfn.end = RFN_BUG;
    }
    return NULL;
}

/* What comes after a memory error may come of it. */
static int is_first(rfn_bug_kind kind, uint32_t thread, uint64_t site)
{
    if (rfn.bug == RFN_BUG_MEMORY) {
        return 0;
    }
    rfn.bug = (uint8_t)kind;
    rfn.bug_thread = thread;
    rfn.bug_site = site;
    return 1;
}

static void note_bug(rfn_bug_kind kind, uint32_t thread, uint64_t site, const char *summary, va_list arguments)
{
    rfn_touched_object(RF_OPAQUE, RF_OBJECT_UNKNOWN);
    if (rfn.dead) {
        return; /* where it comes before the death it is one */
    }
    rfn.end = RFN_BUG;
    rfn.killed = 0;
    if (is_first(kind, thread, site)) {
        vsnprintf(rfn.summary, sizeof rfn.summary, summary, arguments);
    }
}

rfn_fiber *rfn_bug_found(rfn_bug_kind kind, uint32_t thread, uint64_t site, const char *summary, ...)
{
    va_list arguments;
    va_start(arguments, summary);
    note_bug(kind, thread, site, summary, arguments);
    va_end(arguments);
    return NULL;
}

static rfn_fiber *nobody(void *unused)
{
    (void)unused;
    return NULL;
}

static _Noreturn void leave(void)
{
    rfn_leave(nobody, NULL);
    __builtin_unreachable();
}

_Noreturn void rfn_bug(rfn_bug_kind kind, uintptr_t site, const char *summary, ...)
{
    va_list arguments;
    va_start(arguments, summary);
    note_bug(kind, rfn_current->number, rfn_site(site), summary, arguments);
    va_end(arguments);
    if (rfn.control_block->plan.real == RFN_REAL_DEBUGGED) {
        raise(SIGTRAP); /* on the program's own stack: the debugger shows how it came here */
    }
    leave();
}

void rfn_bug_noted(rfn_bug_kind kind, uint32_t thread, uint64_t site, const char *summary)
{
    if (!rfn.dead && is_first(kind, thread, site)) {
        snprintf(rfn.summary, sizeof rfn.summary, "%s", summary);
    }
}

/* -- the crash */

/* Which handler there is follows from calls that touch everything, and where the thread stands is its own. */
static void touch_strike(const rfn_fiber *fiber)
{
    rfn_touched_object(RF_WRITE, RF_OBJECT_DEATH);
    rfn_touched_object(RF_READ, RFN_TOUCHED_PHASE); /* what may be in dumps is kept */
    rfn_touched_object(RF_READ, RF_OBJECT_TIME); /* who is awake: waits that end look at that */
    if (fiber->can != NULL) {
        rfn_touched_object(RF_WRITE, fiber->event.object); /* it waits there no longer */
    }
    if (rfn.family) {
        rfn_touched_all();
        rfn_touched_crash();
    }
}

rfn_fiber *rfn_fire(uint32_t trigger, uint32_t thread)
{
    rfn_fiber *fiber = &rfn_fibers[thread];
    rfn_strike *strike = &rfn.strike[rfn.strikes];
    strike->trigger = trigger;
    strike->thread = thread;
    strike->step = rf_get_status(rfn.core)->steps;
    strike->site = fiber->site;
    if (rfn.strikes == 0) {
        rfn.allowed_at_strike = rfn.allowed;
    }
    rfn.strikes++;
    rfn.victim = fiber;
    touch_strike(fiber);
    if (rfn.control_block->plan.crash == RFN_CRASH_KILL) {
        return rfn_ended(RFN_KILLED, SIGKILL);
    }
    if (thread == trigger || fiber->life != RFN_ALIVE) {
        return rfn_ended(RFN_EXITED, 0); /* every thread has ended, and with them the process */
    }
    if (rfn.control_block->plan.crashes > 1 && rfn.strikes == 1) {
        rf_event again = {.kind = RF_CRASH, .flags = RF_STRIKE, .object = rfn_struck_object()};
        rf_pend(rfn.core, RFN_FIRST_TRIGGER + 1, &again);
    }
    return rfn_turns_to(rfn_above.strike_with(fiber, rfn.control_block->plan.signal, 1));
}

/* Whether the crash strikes before the process ends, at the latest now. `fiber`: who goes on then. */
static int is_struck_first(rfn_fiber **fiber)
{
    if (rfn_child() && rfn_above.twin_is_struck(rfn_current)) {
        *fiber = rfn_fire(RFN_FIRST_TRIGGER, rfn_current->number);
        return 1;
    }
    if (rfn.strikes == 0 && rfn.control_block->plan.crash != RFN_CRASH_NONE && !rfn_child()) {
        rfn_touched_all();
        if (!rfn.control_block->plan.crash_last) {
            rf_withdraw(rfn.core, RFN_FIRST_TRIGGER);
        }
        *fiber = rfn_fire(RFN_FIRST_TRIGGER, rfn_current->number);
        return 1;
    }
    return 0;
}

static rfn_fiber *decide_exit(void *status)
{
    rfn_fiber *fiber;
    return is_struck_first(&fiber) ? fiber : rfn_ended(RFN_EXITED, (int)(intptr_t)status);
}

_Noreturn void rfn_exit(int status)
{
    for (;;) { /* a handler that came back: the process ends all the same */
        rfn_leave(decide_exit, (void *)(intptr_t)status);
    }
}

static rfn_fiber *decide_exit_at_once(void *status)
{
    rfn_fiber *fiber;
    if (rfn.dead) {
        return rfn_next(); /* it would have ended the process, had that not been dead */
    }
    if (is_struck_first(&fiber)) {
        return fiber;
    }
    rfn.end = rfn.bug != RFN_BUG_NONE ? RFN_BUG : RFN_EXITED;
    rfn.status = (int)(intptr_t)status;
    return rfn_goes_on_after() ? rfn_next() : rfn_ended(RFN_EXITED, rfn.status);
}

_Noreturn void rfn_exit_at_once(int status, uintptr_t site)
{
    rfn_at_death(site);
    for (;;) {
        rfn_leave(decide_exit_at_once, (void *)(intptr_t)status);
    }
}

static rfn_fiber *decide_killed(void *argument)
{
    rfn.victim = rfn_current;
    return rfn_ended(RFN_KILLED, (int)(intptr_t)argument);
}

_Noreturn void rfn_killed(int number)
{
    rfn_leave(decide_killed, (void *)(intptr_t)number);
    __builtin_unreachable();
}
