#define _GNU_SOURCE /* names of registers in a signal frame */
#include "processor/machine.h"

#if defined(RFN_MACHINE_X86_64)

#include <cpuid.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory/memory.h"
#include "state/run.h"

/* What rfn_context.kept holds. */
enum { RBX, RBP, R12, R13, R14, R15 };

enum {
    XMM = 160,         /* in the xsave area: the lowest 16 bytes of each of the first 16 registers */
    SOFTWARE = 464,        /* what the kernel says about it */
    HEADER = 512,      /* what is in it */
    YMM = 576,         /* the next 16 bytes of each; what is above these lies where the processor says */
    QUARTER = 16,
    HALF = 32,
    LEGACY = 16,       /* registers that are split up like that */
    WHOLE = 64,        /* of the other 16, which lie there whole */
    XSAVE_LEAF = 0xd,  /* of cpuid; Intel's manual, volume 1, section 13.2 */
    MASKS = 5,         /* parts of the xsave area: k0-7, */
    ZMM_HIGH = 6,      /* the upper halves of zmm0-15 */
    ZMM_MORE = 7,      /* zmm16-31 */
    ROOM = 8 + 4096,   /* of leave_for_good on the runtime's stack, below whatever ran there when it was struck */
};

enum { WITH_AVX = 0x7, WITH_AVX512 = 0xe7 /* parts of the xsave area, as bits */ };

static unsigned masks, zmm_high, zmm_more; /* where they lie */
static unsigned area_size;

size_t rfn_frame_size;
uint8_t rfn_can_keep_vectors;
uint8_t rfn_has_avx, rfn_has_avx512, rfn_has_avx512bw; /* of this processor; known to switch_x86_64.S */

extern char rfn_fiber_begin[];
extern char rfn_handler_begin[];
extern char rfn_raise_begin[];

void rfn_machine_init(void)
{
    rfn_has_avx = __builtin_cpu_supports("avx") != 0;
    rfn_has_avx512 = __builtin_cpu_supports("avx512f") != 0;
    rfn_has_avx512bw = rfn_has_avx512 && __builtin_cpu_supports("avx512bw") != 0;
    rfn_can_keep_vectors = rfn_has_avx;
    area_size = YMM + LEGACY * QUARTER;
    if (rfn_has_avx512) {
        unsigned size, unused;
        __cpuid_count(XSAVE_LEAF, MASKS, size, masks, unused, unused);
        __cpuid_count(XSAVE_LEAF, ZMM_HIGH, size, zmm_high, unused, unused);
        __cpuid_count(XSAVE_LEAF, ZMM_MORE, size, zmm_more, unused, unused);
        area_size = zmm_more + size;
        if (zmm_high + LEGACY * HALF > zmm_more || masks + sizeof(uint64_t[8]) > zmm_high || area_size + FP_XSTATE_MAGIC2_SIZE > RFN_XSAVE) {
            rfn_internal("the xsave area of this processor is not as expected: zmm at %u and %u", zmm_high, zmm_more);
        }
    }
    rfn_frame_size = offsetof(rfn_frame, vectors) + area_size + FP_XSTATE_MAGIC2_SIZE;
}

typedef enum { TO_FRAME, TO_FIBER } direction;

static void move(uint8_t *fiber, uint8_t *frame, size_t size, direction to)
{
    memcpy(to == TO_FRAME ? frame : fiber, to == TO_FRAME ? fiber : frame, size);
}

/* The vector registers, part by part, between a fiber and an xsave area. */
static void move_vectors(rfn_context *at, uint8_t *area, direction to)
{
    uint8_t (*vectors)[WHOLE] = at->vectors;
    if (rfn_has_avx512) {
        move((uint8_t *)at->masks, area + masks, sizeof at->masks, to);
    }
    for (int i = 0; i < LEGACY; i++) {
        move(vectors[i], area + XMM + QUARTER * i, QUARTER, to);
        move(vectors[i] + QUARTER, area + YMM + QUARTER * i, QUARTER, to);
        if (rfn_has_avx512) {
            move(vectors[i] + HALF, area + zmm_high + HALF * i, HALF, to);
            move(vectors[LEGACY + i], area + zmm_more + WHOLE * i, WHOLE, to);
        }
    }
}

/* A handler may look through the area, which the kernel describes to it. */
static void describe(uint8_t *area)
{
    static const uint32_t end = FP_XSTATE_MAGIC2;
    const struct _fpx_sw_bytes software = {
        .magic1 = FP_XSTATE_MAGIC1,
        .extended_size = area_size + FP_XSTATE_MAGIC2_SIZE,
        .xstate_bv = rfn_has_avx512 ? WITH_AVX512 : WITH_AVX,
        .xstate_size = area_size,
    };
    memcpy(area + SOFTWARE, &software, sizeof software);
    memcpy(area + HEADER, &software.xstate_bv, sizeof software.xstate_bv);
    memcpy(area + area_size, &end, sizeof end);
}

void rfn_machine_limits(void) {}

void rfn_fiber_starts(rfn_fiber *fiber)
{
    /* `ret` into rfn_fiber_begin leaves the stack as a call would. */
    *(uintptr_t *)(fiber->low - 16 + 8) = 0;
    *(uintptr_t *)(fiber->low - 16) = (uintptr_t)rfn_fiber_begin;
    fiber->low -= 16;
    fiber->at.sp = fiber->low;
}

/* The fiber's next turn returns to `to`, with its stack pointer there. */
static void goes_to(rfn_fiber *fiber, uintptr_t sp, const char *to)
{
    fiber->at.sp = sp - 8;
    *(uintptr_t *)fiber->at.sp = (uintptr_t)to;
}

/* -- frames */

void rfn_frame_save(rfn_frame *into, const rfn_fiber *fiber)
{
    greg_t *registers = into->context.uc_mcontext.gregs;
    const uint64_t *kept = fiber->at.kept;
    registers[REG_RBX] = (greg_t)kept[RBX];
    registers[REG_RBP] = (greg_t)kept[RBP];
    registers[REG_R12] = (greg_t)kept[R12];
    registers[REG_R13] = (greg_t)kept[R13];
    registers[REG_R14] = (greg_t)kept[R14];
    registers[REG_R15] = (greg_t)kept[R15];
    registers[REG_RSP] = (greg_t)fiber->at.sp;
    registers[REG_RIP] = *(greg_t *)fiber->at.sp;
    into->context.uc_mcontext.fpregs = (fpregset_t)(void *)into->vectors;
    if (rfn_has_avx) {
        describe(into->vectors);
    }
    if (rfn_keep_vectors) {
        move_vectors((rfn_context *)(uintptr_t)&fiber->at, into->vectors, TO_FRAME);
    }
}

void rfn_frame_load(const rfn_frame *from, rfn_fiber *fiber)
{
    const greg_t *registers = from->context.uc_mcontext.gregs;
    uint64_t *kept = fiber->at.kept;
    kept[RBX] = (uint64_t)registers[REG_RBX];
    kept[RBP] = (uint64_t)registers[REG_RBP];
    kept[R12] = (uint64_t)registers[REG_R12];
    kept[R13] = (uint64_t)registers[REG_R13];
    kept[R14] = (uint64_t)registers[REG_R14];
    kept[R15] = (uint64_t)registers[REG_R15];
    fiber->at.sp = (uint64_t)registers[REG_RSP];
    *(greg_t *)fiber->at.sp = registers[REG_RIP]; /* a handler may go on elsewhere */
    if (rfn_keep_vectors) {
        move_vectors(&fiber->at, (uint8_t *)(uintptr_t)from->vectors, TO_FIBER);
    }
}

void rfn_handlers_left(rfn_fiber *fiber, uint8_t depth)
{
    if (depth < fiber->in_handler) {
        fiber->own = fiber->paused[depth].own;
    }
    fiber->in_handler = depth;
}

void rfn_frame_enter(rfn_frame *frame, rfn_fiber *fiber, uintptr_t handler, int number)
{
    uintptr_t at = (uintptr_t)frame;
    rfn_kernel_wrote((void *)(at - 8), 8);
    fiber->at.kept[RBX] = handler;
    fiber->at.kept[R12] = (uint64_t)number;
    fiber->at.kept[R13] = (uint64_t)&frame->info;
    fiber->at.kept[R14] = (uint64_t)&frame->context;
    goes_to(fiber, at, rfn_handler_begin);
}

/* -- real signals */

void rfn_raises_next(rfn_fiber *fiber, int number)
{
    goes_to(fiber, fiber->at.sp, rfn_raise_begin);
    fiber->at.kept[RBX] = (uint64_t)getpid();
    fiber->at.kept[R12] = (uint64_t)syscall(SYS_gettid);
    fiber->at.kept[R13] = (uint64_t)number;
    fiber->at.kept[R14] = (uint64_t)&fiber->struck_at;
}

rfn_struck rfn_struck_with(const ucontext_t *at)
{
    uintptr_t sp = (uintptr_t)at->uc_mcontext.gregs[REG_RSP];
    return (rfn_struck){sp, (uintptr_t)at->uc_mcontext.gregs[REG_RBP], sp};
}

uintptr_t rfn_struck_at(const ucontext_t *at)
{
    return (uintptr_t)at->uc_mcontext.gregs[REG_RIP];
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
    at->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)leave_for_good;
    at->uc_mcontext.gregs[REG_RSP] = (greg_t)((uintptr_t)rfn_runtime_stack - ROOM);
}

/* -- redactors */

void rfn_patch_redactor(uint8_t *entry, int bypass)
{
    /* movabs $counter, %r11; incq (%r11), which a function may lose when it begins; nop, or: xor %eax, %eax; ret */
    enum { COUNTER = 2, THEN = 13 };
    static const uint8_t returns[] = {0x31, 0xc0, 0xc3};
    uint8_t code[RFN_NOPS] = {0x49, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x49, 0xff, 0x03, 0x90, 0x90, 0x90};
    const uint64_t *counter = &rfn.redactions;
    memcpy(code + COUNTER, &counter, sizeof counter);
    if (bypass) {
        memcpy(code + THEN, returns, sizeof returns);
    }
    rfn_write_code(entry, code, sizeof code);
}

#endif
