/* What the program calls about signals. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/parts.h"
#include "memory/alternate.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/signals/signals.h"
#include "state/now.h"
#include "models/threads/sync.h"
#include "processor/machine.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/dispositions.h"
#include "state/outcome.h"
#include "state/self.h"

int model_sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
    if (number < 1 || number > RFN_SIGNALS || (action != NULL && (number == SIGKILL || number == SIGSTOP))) {
        errno = EINVAL;
        return -1;
    }
    rfn_at(RF_RMW, &rfn_actions[number], SITE());
    if (old != NULL) {
        rfn_wrote(old, sizeof *old);
        *old = rfn_actions[number];
    }
    if (action != NULL) {
        rfn_actions[number] = *action;
        rfn_actions_touched |= rfn_bit(number);
    }
    return 0;
}

typedef void (*handler)(int);

static handler set_handler(int number, handler to, int flags, uintptr_t site)
{
    handler before;
    if (number < 1 || number > RFN_SIGNALS || number == SIGKILL || number == SIGSTOP) {
        errno = EINVAL;
        return SIG_ERR;
    }
    rfn_at(RF_RMW, &rfn_actions[number], site);
    before = rfn_actions[number].sa_handler;
    memset(&rfn_actions[number], 0, sizeof rfn_actions[number]);
    rfn_actions[number].sa_handler = to;
    rfn_actions[number].sa_flags = flags;
    rfn_actions_touched |= rfn_bit(number);
    return before;
}

handler model_signal(int number, handler to) { return set_handler(number, to, SA_RESTART, SITE()); }
handler model_sysv_signal(int number, handler to) { return set_handler(number, to, (int)(SA_RESETHAND | SA_NODEFER), SITE()); }

/* What constructors of the program ask for: main begins with it. */
static struct {
    uint64_t blocked;
    stack_t alternate;
} at_load;

static void thread_starts(rfn_fiber *fiber)
{
    if (fiber->number == RFN_MAIN) {
        fiber->blocked = at_load.blocked;
        fiber->alternate = at_load.alternate;
    }
}

int model_sigaltstack(const stack_t *stack, stack_t *old)
{
    rfn_fiber *fiber = rfn_current;
    if (fiber == NULL) {
        if (old != NULL) {
            *old = at_load.alternate;
            old->ss_flags = at_load.alternate.ss_size ? 0 : SS_DISABLE;
        }
        if (stack != NULL) {
            at_load.alternate = stack->ss_flags & SS_DISABLE ? (stack_t){0} : *stack;
        }
        return 0;
    }
    rfn_at_known(&fiber->alternate, SITE()); /* its own: only who strikes this thread looks there */
    if (fiber->alternate_used) {
        rfn_touched_all(); /* what a handler has left there is found now */
    }
    rfn_touched_if(RF_READ, stack, sizeof *stack);
    if (old != NULL) {
        rfn_wrote(old, sizeof *old);
        *old = fiber->alternate;
        old->ss_flags = rfn_on_alternate(fiber) ? SS_ONSTACK : fiber->alternate.ss_size ? 0 : SS_DISABLE;
    }
    if (stack != NULL) {
        rfn_alternate_left(fiber);
        if (stack->ss_flags & SS_DISABLE) {
            fiber->alternate_used = 0;
            memset(&fiber->alternate, 0, sizeof fiber->alternate);
        } else if (stack->ss_size < RFN_LEAST_ALTERNATE) {
            errno = ENOMEM;
            return -1;
        } else {
            fiber->alternate_used = 0;
            fiber->alternate = *stack;
        }
    }
    return 0;
}

static int set_mask(int how, const sigset_t *set, sigset_t *old, uintptr_t site)
{
    uint64_t *blocked = rfn_current == NULL ? &at_load.blocked : &rfn_current->blocked;
    uint64_t mask = 0;
    rfn_at(RF_RMW, NULL, site);
    if (set != NULL) {
        memcpy(&mask, set, sizeof mask);
    }
    if (old != NULL) {
        uint64_t before = *blocked;
        rfn_wrote(old, sizeof *old);
        memset(old, 0, sizeof *old);
        memcpy(old, &before, sizeof before);
    }
    if (set != NULL) {
        switch (how) {
        case SIG_BLOCK: *blocked |= mask; break;
        case SIG_UNBLOCK: *blocked &= ~mask; break;
        case SIG_SETMASK: *blocked = mask; break;
        default: return EINVAL;
        }
        *blocked &= ~(rfn_bit(SIGKILL) | rfn_bit(SIGSTOP));
        if (rfn_current != NULL) {
            rfn_deliver_pending();
        }
    }
    return 0;
}

int model_pthread_sigmask(int how, const sigset_t *set, sigset_t *old) { return set_mask(how, set, old, SITE()); }

int model_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    int error = set_mask(how, set, old, SITE());
    if (error) {
        errno = error;
        return -1;
    }
    return 0;
}

int model_sigpending(sigset_t *set)
{
    uint64_t pending = rfn_current->pending | rfn_pending;
    rfn_wrote(set, sizeof *set);
    memset(set, 0, sizeof *set);
    memcpy(set, &pending, sizeof pending);
    return 0;
}

int model_raise(int number)
{
    if (number < 0 || number > RFN_SIGNALS) {
        errno = EINVAL;
        return -1;
    }
    if (number > 0) {
        rfn_raise(number, SITE());
    }
    return 0;
}

int model_sigqueue(pid_t process, int number, const union sigval value)
{
    if (number < 0 || number > RFN_SIGNALS) {
        errno = EINVAL;
        return -1;
    }
    if (process != RFN_PID + (pid_t)rfn_child()) {
        rfn_problem(RFN_PROBLEM_OUTSIDE, SITE(), "sigqueue to another process, which is not carried out");
        errno = ESRCH;
        return -1;
    }
    return number == 0 ? 0 : rfn_send_value(NULL, number, value, SITE());
}

int model_pthread_sigqueue(pthread_t thread, int number, const union sigval value)
{
    rfn_fiber *fiber = rfn_fiber_of(thread);
    if (fiber == NULL || fiber->life != RFN_ALIVE) {
        return ESRCH;
    }
    if (number < 0 || number > RFN_SIGNALS) {
        return EINVAL;
    }
    return number == 0 || rfn_send_value(fiber, number, value, SITE()) == 0 ? 0 : EAGAIN;
}

int model_pthread_kill(pthread_t thread, int number)
{
    rfn_fiber *fiber = rfn_fiber_of(thread);
    if (fiber == NULL || fiber->life != RFN_ALIVE) {
        return ESRCH;
    }
    if (number < 0 || number > RFN_SIGNALS) {
        return EINVAL;
    }
    if (number > 0) {
        rfn_send(fiber, number, SITE());
    }
    return 0;
}

/* Until a handler has run, or the thread is cancelled, with `blocked` as its mask: another thread may take what is for all of them, and what is ignored wakes nobody. */
static void wait_for_handler(uint64_t blocked, uintptr_t site)
{
    rfn_interruption outer = rfn_interruptible(1);
    rfn_wake wake;
    rfn_touched_all(); /* who waits is among those that a signal may come to */
    do {
        wake = rfn_wait(&rfn_any_signal, rfn_current, RF_WAIT, site, RFN_FOREVER);
        rfn_touched_all(); /* it may take what was for others as well */
        if (wake != RFN_CANCELLED) {
            rfn_deliver_pending();
        }
    } while (wake != RFN_CANCELLED && !rfn_was_interrupted());
    rfn_uninterruptible(outer);
    if (wake == RFN_CANCELLED) {
        rfn_current->blocked = blocked;
        rfn_cancellation_point(site);
    }
}

int model_pause(void)
{
    wait_for_handler(rfn_current->blocked, SITE());
    errno = EINTR;
    return -1;
}

/* -- waiting for a signal */

int model_sigsuspend(const sigset_t *set)
{
    rfn_fiber *fiber = rfn_current;
    uint64_t before = fiber->blocked, mask = 0;
    memcpy(&mask, set, sizeof mask);
    fiber->blocked = mask & ~(rfn_bit(SIGKILL) | rfn_bit(SIGSTOP));
    wait_for_handler(before, SITE());
    fiber->blocked = before;
    errno = EINTR;
    return -1;
}

/* The number; -1, and errno: the time is over, or a handler of another signal has run (`interruptible`). */
static int awaited(const sigset_t *set, siginfo_t *info, uint64_t deadline, int interruptible, uintptr_t site)
{
    rfn_fiber *fiber = rfn_current;
    rfn_interruption outer;
    rfn_wake wake;
    uint64_t ready, wanted;
    int number = -1, interrupted;
    memcpy(&wanted, set, sizeof wanted);
    do {
        fiber->awaited = wanted;
        outer = rfn_interruptible(1);
        wake = rfn_wait(&rfn_awaited_signal, fiber, RF_WAIT, site, deadline);
        interrupted = rfn_uninterruptible(outer) && interruptible;
        ready = (fiber->pending | rfn_pending) & wanted;
        fiber->awaited = 0;
        if (wake == RFN_CANCELLED) {
            rfn_cancellation_point(site);
        }
        /* Another thread may have taken what was for all of them. */
    } while (!ready && wake != RFN_TIMED_OUT && !interrupted);
    if (!ready) {
        errno = wake == RFN_TIMED_OUT ? EAGAIN : EINTR;
    } else {
        number = __builtin_ctzll(ready) + 1;
        rfn_take(fiber, number);
    }
    if (number > 0 && info != NULL) {
        rfn_wrote(info, sizeof *info);
        memset(info, 0, sizeof *info);
        info->si_signo = number;
        rfn_fill_sender(info, number);
    }
    return number;
}

int model_sigwait(const sigset_t *set, int *number)
{
    int found = awaited(set, NULL, RFN_FOREVER, 0, SITE());
    rfn_wrote(number, sizeof *number);
    *number = found;
    return 0;
}

int model_sigwaitinfo(const sigset_t *set, siginfo_t *info) { return awaited(set, info, RFN_FOREVER, 1, SITE()); }

int model_sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *time)
{
    uint64_t deadline = time == NULL ? (uint64_t)RFN_FOREVER : rfn_deadline_in(rfn_nanoseconds(time));
    return awaited(set, info, deadline, 1, SITE());
}

RFN_PART(RFN_ON_MODELS_SIGNALS, signal_models, .thread_starts = thread_starts);
