#define _GNU_SOURCE /* names of registers in a signal frame */
#include "processor/machine.h"

#if defined(RFN_MACHINE_AARCH64)

#include <asm/sigcontext.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "state/run.h"

/* What rfn_context.kept holds: x19 to x30. */
enum { X19 = 0, X20, X21, X22, LINK = 11, KEPT = 12, FIRST = 19 };

enum { ROOM = 4096 /* of leave_for_good on the runtime's stack, below whatever ran there when it was struck */ };

_Static_assert(sizeof((rfn_context){0}.vectors) == sizeof((struct fpsimd_context){0}.vregs), "v0 to v31");

size_t rfn_frame_size = sizeof(rfn_frame);
uint8_t rfn_can_keep_vectors;

extern char rfn_fiber_begin[];
extern char rfn_handler_begin[];
extern char rfn_raise_begin[];

void rfn_machine_init(void)
{
    rfn_can_keep_vectors = 1;
}

void rfn_machine_limits(void) {}

/* The fiber's next turn returns to `to`, with its stack pointer there. */
static void goes_to(rfn_fiber *fiber, uintptr_t sp, const char *to)
{
    fiber->at.sp = sp;
    fiber->at.kept[LINK] = (uint64_t)to;
}

void rfn_fiber_starts(rfn_fiber *fiber)
{
    goes_to(fiber, fiber->low, rfn_fiber_begin);
}

/* -- frames */

void rfn_frame_save(rfn_frame *into, const rfn_fiber *fiber)
{
    mcontext_t *machine = &into->context.uc_mcontext;
    struct fpsimd_context *vectors = (struct fpsimd_context *)(void *)machine->__reserved;
    for (int i = 0; i < KEPT; i++) {
        machine->regs[FIRST + i] = fiber->at.kept[i];
    }
    machine->sp = fiber->at.sp;
    machine->pc = fiber->at.kept[LINK];
    vectors->head.magic = FPSIMD_MAGIC; /* zeros behind it end the list */
    vectors->head.size = sizeof *vectors;
    if (rfn_keep_vectors) {
        memcpy(vectors->vregs, fiber->at.vectors, sizeof fiber->at.vectors);
    }
}

void rfn_frame_load(const rfn_frame *from, rfn_fiber *fiber)
{
    const mcontext_t *machine = &from->context.uc_mcontext;
    const struct fpsimd_context *vectors = (const struct fpsimd_context *)(const void *)machine->__reserved;
    for (int i = 0; i < KEPT; i++) {
        fiber->at.kept[i] = machine->regs[FIRST + i];
    }
    fiber->at.sp = machine->sp;
    fiber->at.kept[LINK] = machine->pc; /* a handler may go on elsewhere */
    if (rfn_keep_vectors) {
        memcpy(fiber->at.vectors, vectors->vregs, sizeof fiber->at.vectors);
    }
}

void rfn_handlers_left(rfn_fiber *fiber, uint8_t depth) { fiber->in_handler = depth; }

void rfn_frame_enter(rfn_frame *frame, rfn_fiber *fiber, uintptr_t handler, int number)
{
    fiber->at.kept[X19] = handler;
    fiber->at.kept[X20] = (uint64_t)number;
    fiber->at.kept[X21] = (uint64_t)&frame->info;
    fiber->at.kept[X22] = (uint64_t)&frame->context;
    goes_to(fiber, (uintptr_t)frame, rfn_handler_begin);
}

/* -- real signals */

void rfn_raises_next(rfn_fiber *fiber, int number)
{
    fiber->at.kept[X19] = (uint64_t)getpid();
    fiber->at.kept[X20] = (uint64_t)syscall(SYS_gettid);
    fiber->at.kept[X21] = (uint64_t)number;
    fiber->at.kept[X22] = (uint64_t)&fiber->struck_at;
    goes_to(fiber, fiber->at.sp, rfn_raise_begin);
}

rfn_struck rfn_struck_with(const ucontext_t *at)
{
    return (rfn_struck){at->uc_mcontext.sp, at->uc_mcontext.regs[29], (uintptr_t)&at->uc_mcontext.regs[30]};
}

uintptr_t rfn_struck_at(const ucontext_t *at)
{
    return at->uc_mcontext.pc;
}

static rfn_fiber *to_driver(void *unused)
{
    (void)unused;
    return NULL;
}

static _Noreturn void leave_for_good(void)
{
    rfn_leave(to_driver, NULL);
    __builtin_unreachable();
}

void rfn_abandon(ucontext_t *at)
{
    at->uc_mcontext.pc = (uint64_t)leave_for_good;
    at->uc_mcontext.sp = (uint64_t)rfn_runtime_stack - ROOM;
}

/* -- redactors */

void rfn_patch_redactor(uint8_t *entry, int bypass)
{
    /* x16 and x17 are nobody's when a function begins. */
    enum { THEN = 4, COUNTER = 6, GO_ON = 0x1400000c /* b to behind the nops */ };
    uint32_t code[RFN_NOPS] = {
        0x580000d0, /* ldr x16, counter */
        0xf9400211, /* ldr x17, [x16] */
        0x91000631, /* add x17, x17, #1 */
        0xf9000211, /* str x17, [x16] */
        0xd2800000, /* mov x0, #0 */
        0xd65f03c0, /* ret */
    };
    const uint64_t *counter = &rfn.redactions;
    memcpy(&code[COUNTER], &counter, sizeof counter);
    if (!bypass) {
        code[THEN] = GO_ON;
    }
    rfn_write_code(entry, code, sizeof code);
}

#endif
