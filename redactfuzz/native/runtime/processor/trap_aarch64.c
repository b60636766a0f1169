/* The breakpoint on aarch64. There is no trap flag: to let a thread pass, what depends on where it lies is done for it, and
 * every other instruction is run elsewhere, from a copy. So the breakpoint stays where it is. Encodings: Arm Architecture
 * Reference Manual, C4.1 ("Branches", "PC-rel. addressing", "Load register (literal)").
 */
#define _GNU_SOURCE /* names of registers in a signal frame */
#include "processor/machine.h"

#if defined(RFN_MACHINE_AARCH64)

#include <string.h>
#include <sys/mman.h>

#include "memory/memory.h"
#include "state/run.h"

enum {
    LINK = 30,             /* the register of return addresses */
    ZERO = 31,             /* the register that is always 0 */
    LITERAL = 4,           /* words from the start of the slot to the copy of a literal: aligned as the widest one */
    DISTANCE = 0x00ffffe0, /* bits of an instruction that loads a literal: how far away it is, in words */
};

static const uint32_t trap = 0xd4200000; /* brk #0 */
static uint8_t *place;
static uint32_t original;
static uint32_t *slot; /* the copy, and behind it a second breakpoint, from which the thread goes back */

/* `count` bits from `first` on. */
static uint64_t bits(unsigned first, unsigned count)
{
    return original >> first & ((UINT32_C(1) << count) - 1);
}

/* The same as a signed number, in units of `scale`. */
static uint64_t offset(unsigned first, unsigned count, uint64_t scale)
{
    uint64_t sign = UINT64_C(1) << (count - 1);
    return ((bits(first, count) ^ sign) - sign) * scale;
}

/* The instruction as it is run elsewhere. What loads a literal finds a copy of it there. */
static void copy(void)
{
    uint64_t kind = bits(30, 2), vector = bits(26, 1);
    size_t size = vector ? (size_t)4 << kind : kind == 1 ? 8 : kind == 3 ? 0 /* prfm */ : 4;
    slot[0] = original;
    slot[1] = trap;
    if ((original & 0x3b000000) == 0x18000000) {
        slot[0] = (original & ~(uint32_t)DISTANCE) | LITERAL << 5;
        memcpy(slot + LITERAL, place + offset(5, 19, 4), size);
    }
}

int rfn_trap_set(uint8_t *at)
{
    if (slot == NULL) {
        slot = mmap(NULL, RFN_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (slot == MAP_FAILED || mprotect(slot, RFN_PAGE, PROT_READ | PROT_WRITE) != 0) {
        rfn_internal("no memory for a breakpoint");
    }
    place = at;
    memcpy(&original, at, sizeof original);
    copy();
    __builtin___clear_cache((char *)slot, (char *)(slot + 2));
    mprotect(slot, RFN_PAGE, PROT_READ | PROT_EXEC);
    rfn_write_code(place, &trap, sizeof trap);
    return 0;
}

int rfn_trap_met(ucontext_t *at)
{
    if (at->uc_mcontext.pc == (uint64_t)(slot + 1)) {
        at->uc_mcontext.pc = (uint64_t)(place + sizeof original);
        return 0;
    }
    return 1;
}

/* -- instructions that depend on where they lie */

static uint64_t reg(const mcontext_t *machine, uint64_t number)
{
    return number == ZERO ? 0 : machine->regs[number];
}

static void set(mcontext_t *machine, uint64_t number, uint64_t value)
{
    if (number != ZERO) {
        machine->regs[number] = value;
    }
}

/* Does a condition hold: bits 3-1 say which, bit 0 negates it, but for "always". */
static int holds(uint64_t pstate, uint64_t condition)
{
    int n = (int)(pstate >> 31 & 1), z = (int)(pstate >> 30 & 1), c = (int)(pstate >> 29 & 1), v = (int)(pstate >> 28 & 1);
    const int of[] = {z, c, n, v, c && !z, n == v, n == v && !z, 1};
    int held = of[condition >> 1];
    return (condition & 1) && condition != 15 ? !held : held;
}

/* Where the thread goes on after it, which was done; 0: it does not depend on its place. */
static uint64_t done(mcontext_t *machine)
{
    uint64_t here = (uint64_t)place, next = here + 4, value;
    uint64_t target = reg(machine, bits(5, 5));
    if ((original & 0x1f000000) == 0x10000000) { /* adr, adrp */
        value = offset(5, 19, 4) + bits(29, 2);
        set(machine, bits(0, 5), original >> 31 ? (here & ~UINT64_C(0xfff)) + (value << 12) : here + value);
        return next;
    }
    if ((original & 0x7c000000) == 0x14000000) { /* b, bl */
        if (original >> 31) {
            machine->regs[LINK] = next;
        }
        return here + offset(0, 26, 4);
    }
    if ((original & 0xff000000) == 0x54000000) { /* b.condition */
        return holds(machine->pstate, bits(0, 4)) ? here + offset(5, 19, 4) : next;
    }
    if ((original & 0x7e000000) == 0x34000000) { /* cbz, cbnz */
        value = reg(machine, bits(0, 5));
        value = original >> 31 ? value : (uint32_t)value;
        return (value != 0) == bits(24, 1) ? here + offset(5, 19, 4) : next;
    }
    if ((original & 0x7e000000) == 0x36000000) { /* tbz, tbnz */
        value = reg(machine, bits(0, 5)) >> (bits(31, 1) << 5 | bits(19, 5)) & 1;
        return value == bits(24, 1) ? here + offset(5, 14, 4) : next;
    }
    if ((original & 0xfffffc1f) == 0xd63f0000) { /* blr */
        machine->regs[LINK] = next;
        return target;
    }
    return 0;
}

void rfn_trap_pass(ucontext_t *at)
{
    uint64_t next = done(&at->uc_mcontext);
    at->uc_mcontext.pc = next != 0 ? next : (uint64_t)slot;
}

void rfn_trap_clear(void)
{
    rfn_write_code(place, &original, sizeof original);
}

#endif
