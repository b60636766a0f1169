#include "driver/breakpoint.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "models/signals/signals.h"
#include "processor/machine.h"
#include "state/program.h"
#include "state/run.h"

static uint32_t left; /* times that a thread may pass before it is struck */

/* The signal is sent while it is blocked here, so that it strikes at the very instruction, with the registers of
 * the program, as soon as this handler has returned. */
static void trapped(int number, siginfo_t *info, void *context)
{
    const rfn_strike_at *strike = &rfn.control_block->plan.strike_at;
    (void)number;
    (void)info;
    if (!rfn_trap_met(context)) {
        return;
    }
    if ((strike->thread != UINT32_MAX && strike->thread != rfn_current->number) || --left > 0) {
        rfn_trap_pass(context);
        return;
    }
    rfn_trap_clear();
    rfn_current->site = strike->offset;
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), rfn_strike_here(rfn_current));
}

void rfn_breakpoint_init(void)
{
    const rfn_strike_at *strike = &rfn.control_block->plan.strike_at;
    struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    if (strike->offset == 0 || strike->offset == UINT64_MAX) {
        return;
    }
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGABRT);
    if (rfn.control_block->plan.signal > 0) {
        sigaddset(&action.sa_mask, rfn.control_block->plan.signal);
    }
    sigaction(SIGTRAP, &action, NULL);
    left = strike->nth > 0 ? strike->nth : 1;
    if (rfn_trap_set((uint8_t *)rfn_base + strike->offset) != 0) {
        rfn_internal("there are no breakpoints on this processor: the plain build cannot be struck at a line");
    }
}
