#include "schedule/deadlock.h"

#include <errno.h>
#include <signal.h>

#include "base/parts.h"
#include "memory/touched.h"
#include "schedule/above.h"
#include "schedule/describe.h"
#include "schedule/ending.h"
#include "state/dispositions.h"
#include "state/run.h"
#include "state/self.h"

enum { SLEEPS = 2000 /* in a row, while nobody does anything else */ };

static int never(const void *object)
{
    (void)object;
    return 0;
}

const rfn_condition rfn_outside_comes = {.can = never, .name = "somebody from outside", .is_from_outside = rfn_always};

int rfn_handles_signals(void)
{
    const uint64_t faults = rfn_bit(SIGSEGV) | rfn_bit(SIGBUS) | rfn_bit(SIGFPE) | rfn_bit(SIGILL) | rfn_bit(SIGTRAP)
                            | rfn_bit(SIGABRT) | rfn_bit(SIGPIPE) | rfn_bit(SIGCHLD);
    for (int number = 1; number <= RFN_SIGNALS; number++) {
        if ((rfn_actions_touched & ~faults & rfn_bit(number)) && number != rfn.control_block->plan.signal
            && rfn_actions[number].sa_handler != SIG_DFL && rfn_actions[number].sa_handler != SIG_IGN) {
            return 1;
        }
    }
    return 0;
}

static int waits_for_outside(const rfn_fiber *fiber, int handled)
{
    const rfn_condition *can = fiber->can;
    if (can != NULL && can->is_from_outside != NULL && can->is_from_outside(fiber->object)) {
        return 1;
    }
    return rfn_above.waits_for_family(fiber) || (handled && can != NULL && (can->flags & RFN_ENDED_BY_HANDLER));
}

/* What it waits for is held by a thread that waits for a third, and so on in a circle, or until one that has ended. */
static int is_stuck(const rfn_fiber *fiber, int handled)
{
    for (uint32_t hops = 0; hops <= rfn_fiber_count; hops++) {
        uint32_t holder;
        if (waits_for_outside(fiber, handled)) {
            return 0;
        }
        holder = rfn_awaited_by(fiber) == NULL ? RFN_THREADS : rfn_holder_of(fiber);
        if (holder == RFN_THREADS) {
            return 0;
        }
        fiber = &rfn_fibers[holder];
        if (fiber->life != RFN_ALIVE) {
            return 1;
        }
    }
    return 1;
}

int rfn_is_quiescent(void)
{
    int handled = rfn_handles_signals();
    int outside = 0;
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life == RFN_ALIVE && fiber->parked && !fiber->enabled) {
            outside |= waits_for_outside(fiber, handled);
            if (is_stuck(fiber, handled)) {
                return 0;
            }
        }
    }
    return outside;
}

/* Whether a thread is parked that could go on and does not yield. */
static int somebody_goes_on(void)
{
    for (uint32_t i = 0; rfn.enabled > 0 && i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life == RFN_ALIVE && fiber->parked && fiber->enabled && !(fiber->event.flags & RF_YIELD)) {
            return 1;
        }
    }
    return 0;
}

/* Sleeps in a row of one execution. */
static RFN_STATE struct {
    uint64_t execution;
    uint32_t times;
} sleeping;

int rfn_only_sleeps(void)
{
    uint64_t execution = rf_get_status(rfn.core)->execution;
    if (sleeping.execution != execution || somebody_goes_on()) {
        sleeping.execution = execution;
        sleeping.times = 0;
    }
    return ++sleeping.times > SLEEPS;
}

static rfn_fiber *rest(rfn_fiber *fiber, const rfn_problem_note *note)
{
    sleeping.times = 0;
    rfn_problem_noted(note);
    if (rfn_child() && !rfn_is_twin()) {
        return rfn_above.child_rests(fiber);
    }
    if (rfn.strikes == 0 && rfn.control_block->plan.crash != RFN_CRASH_NONE && !rfn_child()) {
        if (!rfn.control_block->plan.crash_last) {
            rf_withdraw(rfn.core, RFN_FIRST_TRIGGER);
        }
        rfn_touched_all();
        return rfn_fire(RFN_FIRST_TRIGGER, fiber->number);
    }
    return rfn_ended(RFN_EXITED, 0);
}

rfn_fiber *rfn_rest(void *argument)
{
    rfn_fiber *fiber = argument;
    rfn_problem_note note = {
        .kind = RFN_PROBLEM_INCOMPLETE,
        .site = fiber->site,
        .what = "threads sleep again and again, and nothing else happens: executions end there",
    };
    return rest(fiber, &note);
}

rfn_fiber *rfn_rest_in_loops(rfn_fiber *fiber)
{
    rfn_problem_note note = {
        .kind = RFN_PROBLEM_INCOMPLETE,
        .site = fiber->site,
        .what = "threads wait in loops for what the handler of a signal may change: executions end there",
    };
    rf_run_on(rfn.core); /* for the handler of the crash */
    return rest(fiber, &note);
}

static void reset(void)
{
    sleeping.execution = 0;
    sleeping.times = 0;
}

RFN_PART(RFN_ON_SCHEDULE, deadlock, .reset = reset);
