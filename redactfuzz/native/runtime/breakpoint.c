#define _GNU_SOURCE /* names of registers in a signal frame */
#include "breakpoint.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "load.h"
#include "memory.h"
#include "run.h"
#include "signals.h"

enum { TRAP = 0xcc, SINGLE_STEP = 0x100 /* the trap flag of eflags */ };

static uint8_t *place;
static uint8_t original;
static uint32_t left; /* times that a thread may pass before it is struck */

static void put(uint8_t byte)
{
    uintptr_t page = (uintptr_t)place & ~(uintptr_t)(RFN_PAGE - 1);
    if (mprotect((void *)page, RFN_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
        rfn_internal("a breakpoint cannot be set: %s", strerror(errno));
    }
    *place = byte;
    mprotect((void *)page, RFN_PAGE, PROT_READ | PROT_EXEC);
}

/* The signal is sent while it is blocked here, so that it strikes at the very instruction, with the registers of
 * the program, as soon as this handler has returned. */
static void trapped(int number, siginfo_t *info, void *context)
{
    ucontext_t *at = context;
    greg_t *registers = at->uc_mcontext.gregs;
    const rfn_strike_at *strike = &rfn.board->plan.strike_at;
    (void)number;
    (void)info;
    if (registers[REG_RIP] != (greg_t)(uintptr_t)(place + 1)) {
        registers[REG_EFL] &= ~(greg_t)SINGLE_STEP; /* the instruction was passed: the next one comes to it again */
        put(TRAP);
        return;
    }
    put(original);
    registers[REG_RIP]--;
    if ((strike->thread != UINT32_MAX && strike->thread != rfn_current->number) || --left > 0) {
        registers[REG_EFL] |= SINGLE_STEP;
        return;
    }
    rfn_current->site = strike->offset;
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), rfn_strike_here(rfn_current));
}

void rfn_breakpoint_init(void)
{
    const rfn_strike_at *strike = &rfn.board->plan.strike_at;
    struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    if (strike->offset == 0 || strike->offset == UINT64_MAX) {
        return;
    }
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGABRT);
    if (rfn.board->plan.signal > 0) {
        sigaddset(&action.sa_mask, rfn.board->plan.signal);
    }
    sigaction(SIGTRAP, &action, NULL);
    place = (uint8_t *)rfn_base + strike->offset;
    original = *place;
    left = strike->nth > 0 ? strike->nth : 1;
    put(TRAP);
}
