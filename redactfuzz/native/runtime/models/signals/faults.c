/* Real faults of the program, in the search: a bug of it, and the end of the execution. */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>

#include "memory/memory.h"
#include "models/signals/signals.h"
#include "processor/aside.h"
#include "processor/machine.h"
#include "schedule/ending.h"
#include "state/program.h"
#include "state/run.h"

static stack_t fault_stack;

static int is_on(const rfn_fiber *fiber, uintptr_t address)
{
    uintptr_t lowest = fiber->base + RFN_PAGE; /* below it nothing can be read */
    if (fiber->outside != 0 && fiber->own - address < RFN_ASIDE_SIZE) {
        return 1;
    }
    return address - lowest < fiber->top - lowest
           || address - (uintptr_t)fiber->alternate.ss_sp < fiber->alternate.ss_size;
}

/* The place in the program that called what faulted; 0: nobody knows. */
static uint64_t called_from(const rfn_fiber *fiber, const ucontext_t *at)
{
    enum { FRAMES = 32 };
    rfn_struck with = rfn_struck_with(at);
    uint64_t site = fiber->outside != 0 ? rfn_site(*(const uintptr_t *)fiber->outside) : 0;
    if (site == 0 && is_on(fiber, with.sp)) {
        site = rfn_site(*(const uintptr_t *)with.link);
    }
    for (int i = 0; i < FRAMES && site == 0 && is_on(fiber, with.frame) && with.frame % sizeof(uintptr_t) == 0; i++) {
        const uintptr_t *frame = (const uintptr_t *)with.frame; /* the frame before, and where it goes on */
        site = rfn_site(frame[1]);
        with.frame = frame[0];
    }
    return site;
}

/* The program's own code, a model or libc on a stack of the program's: it was given a pointer to nowhere. */
static int is_the_programs(const rfn_fiber *fiber, const ucontext_t *at, uintptr_t address)
{
    uintptr_t pc = rfn_struck_at(at);
    return pc == 0 || rfn_site(pc) != 0 || is_on(fiber, rfn_struck_with(at).sp) || address - fiber->base < RFN_PAGE
           || rfn_is_program((const void *)address) || address <= 1 << 20;
}

/* Asked of the kernel when it matters: what an execution does is the same under every limit. */
static int may_be_larger(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur > RFN_STACK_SIZE;
}

static void fault(int number, siginfo_t *info, void *context)
{
    ucontext_t *at = context;
    uintptr_t pc = rfn_struck_at(at);
    uintptr_t address = (uintptr_t)info->si_addr;
    rfn_fiber *fiber = rfn_current;
    uint64_t site = rfn_site(pc);
    if (rfn_loading) {
        rfn_internal("%s in a constructor of the program, before main()", strsignal(number));
    }
    if (fiber == NULL || !is_the_programs(fiber, at, address)) {
        rfn_internal("fault of the driver itself: signal %d at %#lx", number, (unsigned long)pc);
    }
    if (site == 0) {
        site = called_from(fiber, at);
    }
    if (address - fiber->base < RFN_PAGE) {
        if (fiber->top - fiber->base <= RFN_STACK_SIZE && may_be_larger()) {
            rfn_problem(RFN_PROBLEM_OUTSIDE, 0, "a stack of 8 MiB, which every thread has here that asks for none, is too small, and the"
                        " limit of this machine is larger (ulimit -s)");
        }
        rfn_bug_found(RFN_BUG_FAULT, fiber->number, site ? site : fiber->site, "stack overflow");
    } else {
        rfn_bug_found(rfn.strikes ? RFN_BUG_HANDLER : RFN_BUG_FAULT, fiber->number, site ? site : fiber->site, "%s%s",
                      strsignal(number), address < RFN_PAGE ? ", near address 0" : "");
    }
    rfn_abandon(at);
}

int rfn_signals_init(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    size_t size = 64 << 10;
    if (fault_stack.ss_sp == NULL) {
        fault_stack.ss_sp = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        fault_stack.ss_size = size;
        madvise(fault_stack.ss_sp, size, MADV_DONTDUMP);
    }
    if (sigaltstack(&fault_stack, NULL) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (sigaction(faults[i], &action, NULL) != 0) {
            return -1;
        }
    }
    return 0;
}
