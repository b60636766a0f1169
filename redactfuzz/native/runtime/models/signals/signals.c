#include "models/signals/signals.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/parts.h"
#include "memory/alternate.h"
#include "memory/memory.h"
#include "memory/origins.h"
#include "memory/touched.h"
#include "models/threads/sync.h"
#include "processor/aside.h"
#include "processor/machine.h"
#include "processor/upcalls.h"
#include "schedule/above.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/parking.h"
#include "state/control.h"
#include "state/dispositions.h"
#include "state/run.h"
#include "state/self.h"

enum {
    REFAULTS = 3,         /* times that a fault may strike again because its handler came back */
    HANDLER_NEEDS = 2048, /* bytes of an alternate stack, beside the frame */
    ALIGNMENT = 64,       /* of a frame: the vectors in it need it */
};

/* As constructors of the program have left them: every execution begins so. */
static struct sigaction actions_at_load[RFN_SIGNALS + 1];
static uint64_t touched_at_load;

static int loaded(void *handle)
{
    (void)handle;
    touched_at_load = rfn_actions_touched;
    memcpy(actions_at_load, rfn_actions, sizeof actions_at_load);
    return 1;
}

static void reset(void)
{
    rfn_forget_pending();
    rfn_by_kill = 0;
    for (int number = 1; rfn_actions_touched != 0; number++) {
        if (rfn_actions_touched & rfn_bit(number)) {
            rfn_actions[number] = actions_at_load[number];
            rfn_actions_touched &= ~rfn_bit(number);
        }
    }
    rfn_actions_touched = touched_at_load;
}

static int is_fault(int number)
{
    return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL || number == SIGTRAP;
}

/* -- frames */

/* As the program knows itself, whoever has really sent it. */
void rfn_fill_sender(siginfo_t *info, int number)
{
    union sigval value;
    if (is_fault(number)) { /* its address is in the same place */
        return;
    }
    info->si_code = rfn_by_kill & rfn_bit(number) ? SI_USER : SI_TKILL;
    if (number != SIGCHLD) { /* it is unknown which child */
        info->si_pid = RFN_PID + (pid_t)rfn_child();
        info->si_uid = getuid();
    }
    if (rfn_sent_with(number, &value)) {
        info->si_code = SI_QUEUE;
        info->si_value = value;
    }
}

static void fill(rfn_frame *into, const rfn_fiber *fiber, int number, uint64_t mask)
{
    memset(into, 0, rfn_frame_size);
    into->info.si_signo = number;
    into->info.si_code = SEGV_MAPERR;
    rfn_fill_sender(&into->info, number);
    into->context.uc_stack = fiber->alternate;
    memcpy(&into->context.uc_sigmask, &mask, sizeof mask);
    rfn_frame_save(into, fiber);
}

static void put_back(const rfn_frame *from, rfn_fiber *fiber)
{
    rfn_frame_load(from, fiber);
    memcpy(&fiber->blocked, &from->context.uc_sigmask, sizeof fiber->blocked);
}

int rfn_on_alternate(const rfn_fiber *fiber)
{
    uintptr_t start = (uintptr_t)fiber->alternate.ss_sp;
    return fiber->alternate.ss_size > 0 && rfn_stack_pointer(fiber) - start < fiber->alternate.ss_size;
}

/* Whether a handler ends early what the fiber waits for (wait.h). */
static int interrupts(const rfn_fiber *fiber, const struct sigaction *action)
{
    const rfn_control *control = rfn_control_of(fiber);
    return control->interruptible == fiber->in_handler + 1
           && (control->sleeps || (fiber->parked && !fiber->enabled && !(action->sa_flags & SA_RESTART)));
}

static const rfn_condition always = {.can = rfn_always, .place = rfn_itself};

/* What it waited for is kept until the handler has come back. 0: too many handlers inside each other. */
static int pause_it(rfn_fiber *fiber, const struct sigaction *action)
{
    rfn_pause *pause = &fiber->paused[fiber->in_handler];
    if (fiber->in_handler == RFN_NESTED) {
        return 0;
    }
    if (interrupts(fiber, action)) {
        rfn_control_of(fiber)->interrupted = 1;
    }
    pause->can = fiber->can;
    pause->object = fiber->object;
    pause->event = fiber->event;
    pause->uses = fiber->uses;
    pause->uses_size = fiber->uses_size;
    pause->parked = fiber->parked;
    pause->turn = fiber->turn;
    rfn_aside_paused(fiber, pause);
    rfn_unpark(fiber);
    fiber->can = NULL;
    fiber->in_handler++;
    return 1;
}

/* Its handler has come back: whether what it is parked at is over, because of that or of a pthread_cancel meanwhile. */
static int ends_early(const rfn_fiber *fiber)
{
    const rfn_control *control = rfn_control_of(fiber);
    uint8_t here = fiber->in_handler + 1;
    return (control->interruptible == here && control->interrupted)
           || (control->cancellable == here && fiber->cancel && !fiber->cancel_disabled && !control->leaving);
}

static rfn_fiber *go_back(rfn_fiber *fiber)
{
    const rfn_pause *pause = &fiber->paused[--fiber->in_handler];
    fiber->can = pause->can;
    fiber->object = pause->object;
    fiber->event = pause->event;
    fiber->uses = pause->uses;
    fiber->uses_size = pause->uses_size;
    rfn_will_touch(fiber, RF_OPAQUE, 0, 0);
    fiber->site = pause->event.site;
    fiber->turn = pause->turn;
    if (!pause->parked) {
        return fiber;
    }
    if (fiber->can != NULL && ends_early(fiber)) {
        fiber->can = &always;
    }
    rfn_announce(fiber);
    return rfn_next();
}

static int changes_stack(const rfn_fiber *fiber, const struct sigaction *action)
{
    return (action->sa_flags & SA_ONSTACK) && fiber->alternate.ss_size > 0 && !(fiber->alternate.ss_flags & SS_DISABLE)
           && !rfn_on_alternate(fiber);
}

/* The program has taken its alternate stack away: the kernel cannot lay the frame there, and ends the process. */
static int has_no_stack(const rfn_fiber *fiber, const struct sigaction *action)
{
    size_t size = fiber->alternate.ss_size < rfn_frame_size ? fiber->alternate.ss_size : rfn_frame_size;
    return changes_stack(fiber, action)
           && !rfn_can_be_written((uintptr_t)fiber->alternate.ss_sp + fiber->alternate.ss_size - size, size);
}

/* The fiber will run the handler at its next turn, as the kernel would have it. */
static rfn_fiber *enter_handler(rfn_fiber *fiber, const struct sigaction *action, int number, int forced)
{
    int alternate = changes_stack(fiber, action);
    uintptr_t top = alternate ? (uintptr_t)fiber->alternate.ss_sp + fiber->alternate.ss_size
                              : rfn_stack_pointer(fiber) - RFN_RED_ZONE;
    uintptr_t at = (top - rfn_frame_size) & ~(uintptr_t)(ALIGNMENT - 1);
    rfn_frame *into = (rfn_frame *)at;
    uint64_t mask = fiber->blocked;
    uintptr_t handler = (uintptr_t)action->sa_sigaction;
    if (alternate ? top - at + HANDLER_NEEDS > fiber->alternate.ss_size : at < fiber->base + 2 * RFN_PAGE) {
        return rfn_bug_found(RFN_BUG_HANDLER, fiber->number, fiber->site, "no room on the stack for the frame of signal %d",
                             number);
    }
    if (!pause_it(fiber, action)) {
        rfn_problem(RFN_PROBLEM_OUTSIDE, 0, "more than %d signal handlers inside each other, which are not carried out", RFN_NESTED);
        return rfn_bug_found(RFN_BUG_HANDLER, fiber->number, fiber->site, "more than %d signal handlers inside each other",
                             RFN_NESTED);
    }
    fiber->alternate_used |= (uint8_t)alternate;
    if (alternate || !rfn_is_private(fiber, at)) {
        rfn_kernel_wrote(into, rfn_frame_size);
    } else {
        rfn_will_write(into, rfn_frame_size); /* what it shows is its own thread's */
    }
    rfn_origin_note(RFN_ORIGIN_FRAME, into, rfn_frame_size, fiber->number, fiber->site);
    fill(into, fiber, number, mask);
    into->forced = (uint64_t)(unsigned)number << 8 | (forced != 0);
    memcpy(&mask, &action->sa_mask, sizeof mask);
    fiber->blocked |= mask | (action->sa_flags & SA_NODEFER ? 0 : rfn_bit(number));
    if (action->sa_flags & (int)SA_RESETHAND) {
        memset(&rfn_actions[number], 0, sizeof rfn_actions[number]);
    }
    rfn_frame_enter(into, fiber, handler, number);
    rfn_fiber_reached(fiber, fiber->at.sp);
    return fiber;
}

/* -- real signals, for a death that confirms */

static void real_handler(int number, siginfo_t *info, void *context)
{
    struct sigaction action = rfn_actions[number];
    if (action.sa_flags & (int)SA_RESETHAND) {
        memset(&rfn_actions[number], 0, sizeof rfn_actions[number]);
    }
    rfn_fill_sender(info, number);
    action.sa_sigaction(number, info, context);
}

/* The kernel will call the program's handler, on the stack that the program chose. */
static void make_ready(const rfn_fiber *fiber, const struct sigaction *action, int number)
{
    struct sigaction real = {.sa_sigaction = real_handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
    stack_t stack = fiber->alternate;
    real.sa_flags |= action->sa_flags & SA_ONSTACK;
    sigaction(number, &real, NULL);
    if (stack.ss_size > 0) {
        stack.ss_flags = 0;
        sigaltstack(&stack, NULL);
    }
}

int rfn_strike_here(rfn_fiber *fiber)
{
    int kill = rfn.control_block->plan.crash == RFN_CRASH_KILL;
    int number = kill ? SIGABRT : rfn.control_block->plan.signal;
    const struct sigaction *action = &rfn_actions[number];
    struct sigaction standard = {.sa_handler = SIG_DFL};
    rfn.strikes++;
    rfn.victim = fiber;
    rfn.allowed_at_strike = rfn.allowed;
    if (kill || action->sa_handler == SIG_DFL || action->sa_handler == SIG_IGN || (fiber->blocked & rfn_bit(number))
        || has_no_stack(fiber, action)) {
        rfn_parts_before_death();
        sigaction(number, &standard, NULL);
        return number;
    }
    rfn_aside_paused(fiber, &fiber->paused[fiber->in_handler++]);
    make_ready(fiber, action, number);
    return number;
}

static rfn_fiber *really_handle(rfn_fiber *fiber, const struct sigaction *action, int number, int forced)
{
    uint64_t mask = 0;
    if (!pause_it(fiber, action)) {
        return rfn_bug_found(RFN_BUG_HANDLER, fiber->number, fiber->site, "too many signal handlers inside each other");
    }
    make_ready(fiber, action, number);
    memcpy(&mask, &action->sa_mask, sizeof mask);
    fiber->struck_at.reserved[0] = fiber->blocked;
    fiber->struck_at.reserved[1] = (uint64_t)(unsigned)number << 8 | (forced != 0);
    fiber->blocked |= mask | (action->sa_flags & SA_NODEFER ? 0 : rfn_bit(number));
    return rfn_really(fiber, number);
}

rfn_fiber *rfn_really(rfn_fiber *fiber, int number)
{
    uint64_t kept[2] = {fiber->struck_at.reserved[0], fiber->struck_at.reserved[1]};
    rfn_aside_left(fiber);
    fiber->struck_at = fiber->at;
    fiber->struck_at.reserved[0] = kept[0];
    fiber->struck_at.reserved[1] = kept[1];
    rfn_raises_next(fiber, number);
    return fiber;
}

static rfn_fiber *after_handler(rfn_fiber *fiber, uint64_t forced)
{
    int number = (int)(forced >> 8);
    if ((forced & 1) && (is_fault(number) || number == SIGABRT)) {
        /* The instruction that faulted runs again, and faults again. */
        const rfn_pause *pause = &fiber->paused[--fiber->in_handler];
        fiber->event = pause->event;
        if (++fiber->refaults > REFAULTS) {
            return rfn_bug_found(RFN_BUG_HANDLER, fiber->number, fiber->site,
                                 "the handler of signal %d comes back again and again, and the fault strikes again", number);
        }
        return rfn_deliver_signal(fiber, number, 1);
    }
    return go_back(fiber);
}

static rfn_fiber *raise_returned(void *unused)
{
    rfn_fiber *fiber = rfn_current;
    uint64_t forced = fiber->struck_at.reserved[1];
    (void)unused;
    fiber->at = fiber->struck_at;
    fiber->blocked = fiber->struck_at.reserved[0];
    rfn_aside_resumed(fiber, &fiber->paused[fiber->in_handler - 1]);
    return after_handler(fiber, forced);
}

static rfn_fiber *handler_returned(void *context)
{
    rfn_fiber *fiber = rfn_current;
    const rfn_frame *from = (const rfn_frame *)(const void *)((char *)context - offsetof(rfn_frame, context));
    uint64_t forced = from->forced;
    put_back(from, fiber);
    rfn_aside_resumed(fiber, &fiber->paused[fiber->in_handler - 1]);
    return after_handler(fiber, forced);
}

/* -- delivery, on the runtime's stack */

rfn_fiber *rfn_deliver_signal(rfn_fiber *fiber, int number, int forced)
{
    struct sigaction action = number == RFN_CANCELS ? rfn_cancel_action : rfn_actions[number];
    if (forced && ((fiber->blocked & rfn_bit(number)) || action.sa_handler == SIG_IGN)) {
        action.sa_handler = SIG_DFL;
    }
    if (action.sa_handler == SIG_DFL) {
        switch (rfn_default_of(number)) {
        case RFN_FATE_IGNORED:
            return fiber;
        case RFN_FATE_TERMINATED:
            rfn.terminated = number;
            return rfn_ended(RFN_EXITED, 128 + number);
        default:
            rfn.victim = fiber;
            return rfn_ended(RFN_KILLED, number);
        }
    }
    if (action.sa_handler == SIG_IGN) {
        return fiber;
    }
    if (has_no_stack(fiber, &action)) {
        if (number != SIGSEGV) {
            return rfn_deliver_signal(fiber, SIGSEGV, 1);
        }
        rfn.victim = fiber;
        return rfn_ended(RFN_KILLED, SIGSEGV);
    }
    if (rfn.control_block->plan.real && number != RFN_CANCELS) {
        return really_handle(fiber, &action, number, forced);
    }
    return enter_handler(fiber, &action, number, forced);
}

static void begins(void)
{
    rfn_on_raise_returned = raise_returned;
    rfn_on_handler_returned = handler_returned;
    rfn_above.strike_with = rfn_deliver_signal;
}

RFN_PART(RFN_ON_MODELS_SIGNALS, signals, .begins = begins, .loaded = loaded, .reset = reset);
