/* Any processor that has <ucontext.h>. Switches go through the library, which asks the kernel about signals each time: about
 * a microsecond a point. What the other machines do and this one does not is in rfn_machine_limits.
 */
#include "base/hidden.h"
#include "memory/memory.h"
#include "processor/machine.h"
#include "processor/upcalls.h"
#include "state/outcome.h"
#include "state/run.h"

#if defined(RFN_MACHINE_PORTABLE)

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What rfn_context.kept holds: which of its contexts is the fiber's (handlers are inside each other), and the signal that it
 * raises when its turn comes. */
enum { DEPTH, RAISES };

enum {
    CONTEXTS = RFN_NESTED + 1, /* of a fiber */
    RUNTIME = 512 << 10,       /* bytes of the runtime's stack that are taken */
};

size_t rfn_frame_size = sizeof(rfn_frame);
uint8_t rfn_can_keep_vectors;

static ucontext_t (*contexts)[CONTEXTS];
static ucontext_t driver, runtime;

/* What runs on the runtime's stack next. */
static struct {
    rfn_fiber *(*decide)(void *);
    void *argument;
} request;

static ucontext_t *context_of(const rfn_fiber *fiber)
{
    return &contexts[fiber->number][fiber->at.kept[DEPTH]];
}

static void make(ucontext_t *context, uintptr_t bottom, uintptr_t top, void (*function)(void))
{
    getcontext(context);
    context->uc_stack.ss_sp = (void *)bottom;
    context->uc_stack.ss_size = top - bottom;
    context->uc_link = NULL;
    makecontext(context, function, 0);
}

/* -- switches */

static void runtime_loop(void)
{
    for (;;) {
        rfn_current = request.decide(request.argument);
        swapcontext(&runtime, rfn_current != NULL ? context_of(rfn_current) : &driver);
    }
}

/* It has its turn again. */
static void resumed(void)
{
    int number = (int)rfn_current->at.kept[RAISES];
    if (number != 0) {
        rfn_current->at.kept[RAISES] = 0;
        syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), number);
        rfn_leave(rfn_on_raise_returned, NULL);
    }
}

/* It stands at `sp`; what a switch needs lies below, and is put back as well. */
static void lies_at(rfn_fiber *fiber, uintptr_t sp)
{
    fiber->at.sp = sp;
    rfn_fiber_reached(fiber, sp - RFN_RED_ZONE);
}

__attribute__((noinline)) void rfn_leave(rfn_fiber *(*decide)(void *), void *argument)
{
    rfn_fiber *self = rfn_current;
    lies_at(self, (uintptr_t)__builtin_frame_address(0));
    request.decide = decide;
    request.argument = argument;
    swapcontext(context_of(self), &runtime);
    resumed();
}

void rfn_enter(rfn_fiber *fiber)
{
    uintptr_t top = (uintptr_t)rfn_runtime_stack;
    make(&runtime, top - RUNTIME, top, runtime_loop); /* a fault may have left the one before in the middle */
    rfn_current = fiber;
    swapcontext(&driver, context_of(fiber));
}

long rfn_stand_in(const rfn_fiber *fiber)
{
    (void)fiber;
    return -1;
}

/* -- a fiber begins */

void rfn_machine_init(void)
{
    rfn_can_keep_vectors = 0;
    contexts = rfn_hidden(RFN_THREADS * sizeof *contexts);
}

void rfn_machine_limits(void)
{
    rfn_problem(RFN_PROBLEM_INCOMPLETE, 0,
                "redactfuzz has no switch of its own for this processor: registers are not searched, a handler cannot "
                "change where its thread goes on, small frames of ours lie on the program's stacks, the plain build is not "
                "struck at lines, and calls of a redactor that touches no memory are not counted");
}

static void begin(void)
{
    resumed();
    rfn_on_begin();
}

void rfn_fiber_starts(rfn_fiber *fiber)
{
    fiber->at.kept[DEPTH] = 0;
    fiber->at.kept[RAISES] = 0;
    make(context_of(fiber), fiber->base, fiber->low, begin);
    lies_at(fiber, fiber->low);
}

/* -- frames */

void rfn_frame_save(rfn_frame *into, const rfn_fiber *fiber)
{
    into->context.uc_mcontext = context_of(fiber)->uc_mcontext;
    into->sp = fiber->at.sp;
}

void rfn_frame_load(const rfn_frame *from, rfn_fiber *fiber)
{
    fiber->at.sp = from->sp;
    fiber->at.kept[DEPTH]--;
}

void rfn_handlers_left(rfn_fiber *fiber, uint8_t depth)
{
    fiber->at.kept[DEPTH] -= (uint64_t)(fiber->in_handler - depth);
    fiber->in_handler = depth;
}

/* What a context is started with: arguments of makecontext are too small for addresses. */
static struct {
    uintptr_t handler;
    rfn_frame *frame;
} handling[RFN_THREADS][CONTEXTS];

static void handle(void)
{
    const rfn_fiber *fiber = rfn_current;
    rfn_frame *frame = handling[fiber->number][fiber->at.kept[DEPTH]].frame;
    void (*handler)(int, siginfo_t *, void *) =
        (void (*)(int, siginfo_t *, void *))handling[fiber->number][fiber->at.kept[DEPTH]].handler;
    resumed();
    handler(frame->info.si_signo, &frame->info, &frame->context);
    rfn_leave(rfn_on_handler_returned, &frame->context);
}

void rfn_frame_enter(rfn_frame *frame, rfn_fiber *fiber, uintptr_t handler, int number)
{
    uintptr_t at = (uintptr_t)frame;
    uintptr_t bottom = at - fiber->base < fiber->top - fiber->base ? fiber->base : (uintptr_t)fiber->alternate.ss_sp;
    (void)number;
    fiber->at.kept[DEPTH]++;
    handling[fiber->number][fiber->at.kept[DEPTH]].handler = handler;
    handling[fiber->number][fiber->at.kept[DEPTH]].frame = frame;
    make(context_of(fiber), bottom, at, handle);
    lies_at(fiber, at);
}

/* -- real signals */

void rfn_raises_next(rfn_fiber *fiber, int number)
{
    fiber->at.kept[RAISES] = (uint64_t)number;
}

rfn_struck rfn_struck_with(const ucontext_t *at)
{
    (void)at;
    return (rfn_struck){0, 0, 0};
}

uintptr_t rfn_struck_at(const ucontext_t *at)
{
    (void)at;
    return 0;
}

void rfn_abandon(ucontext_t *at)
{
    (void)at;
    rfn_current = NULL;
    setcontext(&driver);
}

/* -- breakpoints: none */

int rfn_trap_set(uint8_t *place)
{
    (void)place;
    return -1;
}

int rfn_trap_met(ucontext_t *at)
{
    (void)at;
    return 0;
}

void rfn_trap_pass(ucontext_t *at)
{
    (void)at;
}

void rfn_trap_clear(void) {}

#endif
