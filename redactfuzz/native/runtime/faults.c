/* Real faults of the program, in the search: a bug of it, and the end of the execution. */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "load.h"
#include "machine.h"
#include "memory.h"
#include "run.h"
#include "signals.h"

static stack_t fault_stack;

static void fault(int number, siginfo_t *info, void *context)
{
    ucontext_t *at = context;
    uintptr_t pc = rfn_struck_at(at);
    uintptr_t address = (uintptr_t)info->si_addr;
    rfn_fiber *fiber = rfn_current;
    uint64_t site = rfn_site(pc);
    if (fiber == NULL || (pc != 0 && site == 0 && !(address - fiber->base < RFN_PAGE) && rfn_is_program(info->si_addr) == 0
                          && address > 1 << 20)) {
        rfn_internal("fault of the driver itself: signal %d at %#lx", number, (unsigned long)pc);
    }
    if (address - fiber->base < RFN_PAGE) {
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
