#define _GNU_SOURCE
#include "process/snapshot.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* All arguments but the first are zero, so that their order, which differs between machines, does not matter. */
static int copy_process(void)
{
    long pid = syscall(SYS_clone, (unsigned long)SIGCHLD, 0UL, 0UL, 0UL, 0UL);
    return pid < 0 ? -errno : (int)pid;
}

/* The child never returns from here: it has no thread but this one, and no lock that can be trusted. */
static void end_by(int signal_number)
{
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signal_number);
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigaction(signal_number, &plain, NULL);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    kill(getpid(), signal_number);
    _exit(127);
}

int rf_snapshot_dead(int folder)
{
    int pid = copy_process();
    if (pid != 0)
        return pid;
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_CORE, &limit);
    }
    if (fchdir(folder) != 0)
        _exit(126);
    end_by(SIGABRT);
    return 0;
}

int rf_snapshot_stopped(void)
{
    int pid = copy_process();
    if (pid != 0)
        return pid;
    ptrace(PTRACE_TRACEME, 0, NULL, NULL); /* where it is forbidden the registers are missing, no more */
    end_by(SIGSTOP);
    return 0;
}

int rf_snapshot_registers(int pid, int kind, void *out, size_t size)
{
    struct iovec part = {.iov_base = out, .iov_len = size};
    if (ptrace(PTRACE_GETREGSET, pid, (void *)(size_t)kind, &part) != 0)
        return -errno;
    return (int)part.iov_len;
}

int rf_snapshot_hold(int thread)
{
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0)
        return -errno;
    if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0 || waitpid(thread, NULL, __WALL) != thread) {
        int error = errno;
        rf_snapshot_release(thread);
        return -error;
    }
    return 0;
}

int rf_snapshot_release(int thread)
{
    return ptrace(PTRACE_DETACH, thread, NULL, NULL) != 0 ? -errno : 0;
}
