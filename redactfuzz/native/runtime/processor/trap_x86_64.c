/* The breakpoint on x86-64: int3, and the trap flag to pass the instruction that it stands for. */
#define _GNU_SOURCE /* names of registers in a signal frame */
#include "processor/machine.h"

#if defined(RFN_MACHINE_X86_64)

enum { TRAP = 0xcc, SINGLE_STEP = 0x100 /* the trap flag of eflags */ };

static const uint8_t trap = TRAP;
static uint8_t *place;
static uint8_t original;
static uint8_t passing; /* its next trap is that of the trap flag; where it stands then says nothing: instructions may jump */

int rfn_trap_set(uint8_t *at)
{
    place = at;
    original = *at;
    rfn_write_code(place, &trap, 1);
    return 0;
}

int rfn_trap_met(ucontext_t *at)
{
    greg_t *registers = at->uc_mcontext.gregs;
    if (passing) {
        passing = 0;
        registers[REG_EFL] &= ~(greg_t)SINGLE_STEP;
        rfn_write_code(place, &trap, 1); /* for the next one that comes */
        return 0;
    }
    registers[REG_RIP]--;
    return 1;
}

void rfn_trap_pass(ucontext_t *at)
{
    passing = 1;
    rfn_write_code(place, &original, 1);
    at->uc_mcontext.gregs[REG_EFL] |= SINGLE_STEP;
}

void rfn_trap_clear(void)
{
    rfn_write_code(place, &original, 1);
}

#endif
