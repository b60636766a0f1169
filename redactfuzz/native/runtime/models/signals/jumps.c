/* setjmp and longjmp. The buffer lies in the program, and libc fills it; what a jump means for the thread beside, which of its
 * signal handlers are left and which mask is its own again, is kept here.
 */
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/parts.h"
#include "memory/memory.h"
#include "processor/machine.h"
#include "schedule/ending.h"
#include "schedule/fiber.h"
#include "schedule/point.h"
#include "state/control.h"
#include "state/dispositions.h"
#include "state/outcome.h"

#if defined(__x86_64__) || defined(__aarch64__)

enum { JUMPS = 256 /* buffers of one execution; of more, the oldest are not looked after */ };

typedef struct jump {
    const void *buffer;
    uintptr_t frame;  /* the lower end of the one that called setjmp */
    uint64_t blocked;
    uint32_t thread;
    uint8_t depth;    /* of signal handlers */
} jump;

static RFN_STATE jump jumps[JUMPS];
static RFN_STATE uint32_t count; /* setjmps so far */

static void reset(void)
{
    if (count > 0) {
        memset(jumps, 0, (count < JUMPS ? count : JUMPS) * sizeof jumps[0]);
        count = 0;
    }
}

static jump *known(const void *buffer)
{
    uint32_t all = count < JUMPS ? count : JUMPS;
    for (uint32_t i = 0; i < all; i++) {
        if (jumps[i].buffer == buffer) {
            return &jumps[i];
        }
    }
    return NULL;
}

/* Word by word: libc compares in vector registers, which are the program's. */
static int same_registers(const struct __jmp_buf_tag *one, const struct __jmp_buf_tag *other)
{
    size_t words = sizeof one->__jmpbuf / sizeof one->__jmpbuf[0];
    for (size_t i = 0; i < words; i++) {
        if (one->__jmpbuf[i] != other->__jmpbuf[i]) {
            return 0;
        }
    }
    return 1;
}

/* Where a buffer was set: this one, or the one that it is a copy of. */
static const jump *origin(const struct __jmp_buf_tag *buffer)
{
    const jump *same = known(buffer);
    uint32_t all = count < JUMPS ? count : JUMPS;
    for (uint32_t i = 0; i < all && same == NULL; i++) {
        if (same_registers(jumps[i].buffer, buffer)) {
            same = &jumps[i];
        }
    }
    return same;
}

/* What it waited for where it jumped from is over. */
static void waits_left(rfn_control *control, uint8_t depth)
{
    if (control->interruptible > depth) {
        control->interruptible = 0;
    }
    if (control->cancellable > depth) {
        control->cancellable = 0;
    }
}

void rfn_jump_set(struct __jmp_buf_tag *buffer, int keeps_mask, uintptr_t frame);
void rfn_jump_set(struct __jmp_buf_tag *buffer, int keeps_mask, uintptr_t frame)
{
    jump *of = known(buffer);
    if (rfn_current == NULL) {
        return;
    }
    rfn_wrote(buffer, keeps_mask ? sizeof *buffer : offsetof(struct __jmp_buf_tag, __saved_mask));
    if (of == NULL) {
        of = &jumps[count++ % JUMPS];
    }
    *of = (jump){buffer, frame, rfn_current->blocked, rfn_self(), rfn_current->in_handler};
}

/* libc notes where it was called, so nothing may lie between. */
#if defined(__x86_64__)
#define SETJMP(name, flag)                                                                                            \
    __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name ":\n" flag                                 \
            "leaq 8(%rsp), %rdx\npushq %rdi\npushq %rsi\nsubq $8, %rsp\ncall rfn_jump_set\n"                        \
            "addq $8, %rsp\npopq %rsi\npopq %rdi\n"                                                                \
            "jmp __sigsetjmp@PLT\n.size " #name ", . - " #name "\n")
#define WITH(flag) "movl $" #flag ", %esi\n"
#else
#define SETJMP(name, flag)                                                                                            \
    __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name ":\n" flag                                 \
            "mov x2, sp\nstp x0, x30, [sp, #-32]!\nstr x1, [sp, #16]\nbl rfn_jump_set\nldr x1, [sp, #16]\n"           \
            "ldp x0, x30, [sp], #32\nb __sigsetjmp\n.size " #name ", . - " #name "\n")
#define WITH(flag) "mov w1, #" #flag "\n"
#endif
SETJMP(model___sigsetjmp, "");
SETJMP(model__setjmp, WITH(0));
SETJMP(model_setjmp, WITH(1));

static _Noreturn void jump_to(struct __jmp_buf_tag *buffer, int value, uintptr_t site)
{
    rfn_fiber *fiber = rfn_current;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    const jump *to = origin(buffer);
    if (to == NULL && count <= JUMPS) {
        rfn_bug(RFN_BUG_MISUSE, site, "longjmp to where no setjmp was called");
    }
    if (to != NULL && to->thread != rfn_self()) {
        rfn_bug(RFN_BUG_MISUSE, site, "longjmp into a function of another thread");
    }
    if (to != NULL && to->frame <= here && here - fiber->base < fiber->top - fiber->base
        && to->frame - fiber->base < fiber->top - fiber->base) {
        rfn_bug(RFN_BUG_MISUSE, site, "longjmp into a function that has returned");
    }
    if (to != NULL) {
        rfn_handlers_left(fiber, to->depth);
        waits_left(rfn_control_of(fiber), to->depth);
        if (buffer->__mask_was_saved) {
            fiber->blocked = to->blocked;
            rfn_deliver_pending();
        }
    }
    rfn_frames_left();
    siglongjmp(buffer, value);
}

_Noreturn void model_longjmp(struct __jmp_buf_tag *buffer, int value) { jump_to(buffer, value, SITE()); }

RFN_PART(RFN_ON_MODELS_SIGNALS, jumps, .reset = reset);

#endif
