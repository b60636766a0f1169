/* What the kernel is asked about the process itself: may it leave a core, who is it; and system calls by number. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/parts.h"
#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/family/family.h"
#include "models/files/descriptors.h"
#include "models/memory/heap.h"
#include "models/process/process.h"
#include "models/signals/signals.h"
#include "models/strings/bytes.h"
#include "models/strings/chance.h"
#include "models/threads/sync.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "state/control.h"
#include "state/core_limit.h"
#include "state/objects.h"
#include "state/outcome.h"
#include "state/run.h"
#include "state/self.h"

#ifndef __NR_memfd_secret
#define __NR_memfd_secret 447
#endif

/* As constructors of the program have left them: every execution begins so. */
static int dumpable_at_load = 1;
static struct rlimit core_limit_at_load = {RLIM_INFINITY, RLIM_INFINITY};

static int loaded(void *handle)
{
    (void)handle;
    dumpable_at_load = rfn_dumpable;
    core_limit_at_load = rfn_core_limit;
    return 1;
}

static void reset(void)
{
    rfn_dumpable = dumpable_at_load;
    rfn_core_limit = core_limit_at_load;
}

int rfn_core_is_cut(void)
{
    enum { BESIDE = 16 << 20 }; /* more than cores hold of libraries, of the descriptions of mappings and of registers */
    const uint8_t *first, *last;
    size_t most = BESIDE;
    if (!rfn_leaves_core() || (rfn.control_block->plan.lift & RFN_LIFT_CORE) || rfn.control_block->plan.crash == RFN_CRASH_KILL) {
        return 0;
    }
    rfn_globals_of(&first, &last);
    most += (size_t)(last - first) + (rfn_heap_top() - RFN_HEAP) + (rfn_mappings_end - RFN_FIRST_MAPPING);
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        most += rfn_fibers[i].life == RFN_UNUSED ? 0 : rfn_fibers[i].top - rfn_fibers[i].low;
    }
    return rfn_core_limit.rlim_cur < most;
}

static void at_process(uintptr_t site)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_PROCESS), site);
    rfn_touched_crash();
    rfn_touched_phase(); /* it may change whether there is a core, and the name in it */
}

static int fails(int error)
{
    errno = error;
    return -1;
}

/* The arguments behind the first are words, whatever is declared. */
int model_prctl(int option, unsigned long value, unsigned long third, unsigned long fourth, unsigned long fifth)
{
    (void)third;
    (void)fourth;
    (void)fifth;
    at_process(SITE());
    switch (option) {
    case PR_SET_DUMPABLE:
        if (value > 1) {
            return fails(EINVAL);
        }
        rfn_dumpable = (int)value;
        return 0;
    case PR_GET_DUMPABLE:
        return rfn_dumpable;
    case PR_SET_NAME: /* it lies in the kernel, which cuts it off */
        if (rfn_current != NULL) {
            size_t length = rfn_text_within((const char *)value, sizeof rfn_current->name - 1);
            rfn_fill(rfn_current->name, 0, sizeof rfn_current->name);
            rfn_copy(rfn_current->name, (const void *)value, length);
        }
        return 0;
    case PR_SET_PDEATHSIG:
    case PR_SET_PTRACER:
    case PR_SET_VMA:
    case PR_SET_NO_NEW_PRIVS:
        return 0;
    case PR_GET_NAME:
        rfn_wrote((void *)value, 16);
        rfn_fill((void *)value, 0, 16);
        rfn_copy((void *)value, rfn_thread_name(rfn_current), 16);
        return 0;
    default:
        rfn_problem(RFN_PROBLEM_INCOMPLETE, SITE(), "prctl with an option that is not modelled: it fails with EINVAL");
        return fails(EINVAL);
    }
}

/* Of limits only that on cores is known; the others are as on this machine, and are not changed: what would fail by them goes well. */
static void not_carried_out(int which, const struct rlimit *set, uintptr_t site)
{
    struct rlimit here;
    if (getrlimit((__rlimit_resource_t)which, &here) == 0
        && (set->rlim_cur != here.rlim_cur || set->rlim_max != here.rlim_max)) {
        rfn_problem(RFN_PROBLEM_INCOMPLETE, site,
                    "the program sets a limit that is not carried out (setrlimit, of another than RLIMIT_CORE): what would fail by it goes well");
    }
}

static int limited(int which, const struct rlimit *set, struct rlimit *get, uintptr_t site)
{
    at_process(site);
    if (get != NULL) {
        rfn_wrote(get, sizeof *get);
        if (which != RLIMIT_CORE) {
            return getrlimit((__rlimit_resource_t)which, get);
        }
        *get = rfn_core_limit;
    }
    if (set != NULL && which != RLIMIT_CORE) {
        not_carried_out(which, set, site);
    } else if (set != NULL) {
        if (set->rlim_cur > set->rlim_max) {
            return fails(EINVAL);
        }
        if (set->rlim_max > rfn_core_limit.rlim_max) {
            return fails(EPERM);
        }
        rfn_core_limit = *set;
    }
    return 0;
}

int model_setrlimit(int which, const struct rlimit *limit) { return limited(which, limit, NULL, SITE()); }
int model_getrlimit(int which, struct rlimit *limit) { return limited(which, NULL, limit, SITE()); }

static int limited_of(pid_t process, int which, const struct rlimit *set, struct rlimit *get, uintptr_t site)
{
    return process != 0 && process != RFN_PID ? fails(ESRCH) : limited(which, set, get, site);
}

int model_prlimit(pid_t process, int which, const struct rlimit *set, struct rlimit *get)
{
    return limited_of(process, which, set, get, SITE());
}

/* -- who it is */

pid_t model_getpid(void) { return RFN_PID + (pid_t)rfn_child(); }
pid_t model_getppid(void) { return rfn_parent(); }
pid_t model_getpgrp(void) { return RFN_PID; }
pid_t model_getpgid(pid_t process) { (void)process; return RFN_PID; }
pid_t model_getsid(pid_t process) { (void)process; return RFN_PID; }
pid_t model_gettid(void) { return RFN_PID + (pid_t)rfn_self(); }

static rfn_fiber *thread_numbered(long tid)
{
    long number = tid - RFN_PID;
    if (number < 0 || number >= (long)rfn_fiber_count || rfn_fibers[number].life != RFN_ALIVE) {
        errno = ESRCH;
        return NULL;
    }
    return &rfn_fibers[number];
}

static int sent(long tid, int signal, uintptr_t site)
{
    rfn_fiber *fiber;
    at_process(site);
    fiber = thread_numbered(tid);
    if (fiber == NULL) {
        return -1;
    }
    if (signal < 0 || signal > 64) {
        return fails(EINVAL);
    }
    if (signal > 0) {
        rfn_send(fiber, signal, site);
    }
    return 0;
}

int model_tgkill(pid_t process, pid_t thread, int signal)
{
    return process != RFN_PID ? fails(ESRCH) : sent(thread, signal, SITE());
}

/* -- random bytes */

ssize_t model_getrandom(void *bytes, size_t size, unsigned flags)
{
    (void)flags;
    rfn_at(RF_RMW, RFN_OBJECT(RFN_CHANCE), SITE());
    rfn_chance(bytes, size);
    return (ssize_t)size;
}

int model_getentropy(void *bytes, size_t size)
{
    if (size > 256) {
        return fails(EIO);
    }
    rfn_at(RF_RMW, RFN_OBJECT(RFN_CHANCE), SITE());
    rfn_chance(bytes, size);
    return 0;
}

/* -- by number */

static int secret_memory(unsigned long flags, uintptr_t site)
{
    rfn_file *file;
    at_process(site);
    if (flags & ~(unsigned long)O_CLOEXEC) {
        return fails(EINVAL);
    }
    file = rfn_file_new(RFN_SECRETS, "");
    return file == NULL ? -1 : rfn_fd_new(file, O_RDWR, 0);
}

long model_syscall(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e,
                   unsigned long f)
{
    uintptr_t site = SITE();
    switch (number) {
    case __NR_memfd_secret:
        return secret_memory(a, site);
    case __NR_gettid:
        return RFN_PID + (long)rfn_self();
    case __NR_getpid:
        return model_getpid();
    case __NR_tgkill:
        return (long)a != RFN_PID ? fails(ESRCH) : sent((long)b, (int)c, site);
    case __NR_tkill:
        return sent((long)a, (int)b, site);
    case __NR_getrandom:
        rfn_at(RF_RMW, RFN_OBJECT(RFN_CHANCE), site);
        rfn_chance((void *)a, b);
        return (long)b;
    case __NR_exit_group:
        rfn_exit_at_once((int)a & 0xff, site);
    case __NR_write:
        rfn_at_read((const void *)b, c, site);
        rfn_at(RF_RMW, rfn_fd_object((int)a), site);
        return rfn_fd_write((int)a, (const void *)b, c, site);
    case __NR_read:
        rfn_at_bytes(RF_WRITE, (const void *)b, c, site);
        rfn_at(RF_RMW, rfn_fd_object((int)a), site);
        return rfn_fd_read((int)a, (void *)b, c, site);
    case __NR_futex:
        return rfn_futex((uint32_t *)a, (int)b, (uint32_t)c, (const struct timespec *)d, (uint32_t *)e, (uint32_t)f, site);
    default: /* which one is not reported: numbers that the program gives may be a secret */
        if (rfn.control_block->plan.lift & RFN_LIFT_REFUSAL) {
            return 0;
        }
        rfn_problem(RFN_PROBLEM_REFUSED, site, "the program makes a system call by number that is not carried out: it fails");
        return fails(ENOSYS);
    }
}

RFN_PART(RFN_ON_MODELS_PROCESS, limits, .loaded = loaded, .reset = reset);
