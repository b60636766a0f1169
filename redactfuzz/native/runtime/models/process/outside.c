/* What reaches outside of the process, or comes from there: timers of the kernel, memory and queues that other processes
 * share. None of it is carried out: it would change this machine, thousands of
 * times, or touch descriptors that are the driver's. The verdict names what was called.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/store.h"
#include "models/files/descriptors.h"
#include "schedule/point.h"
#include "state/dispositions.h"
#include "state/objects.h"
#include "state/outcome.h"
#include "state/run.h"

/* A signal that the kernel would send later. Where its default action is due, and no handler, the process would end without
 * a core: only listed. */
static void never_comes(int number, uintptr_t site, const char *call)
{
    int handled = number < 1 || number > RFN_SIGNALS || rfn_actions[number].sa_handler != SIG_DFL;
    rfn_problem(handled ? RFN_PROBLEM_OUTSIDE : RFN_PROBLEM_OPAQUE, site, "the program calls %s, whose signal never comes here",
                call);
}

/* -- timers */

unsigned model_alarm(unsigned seconds)
{
    if (seconds > 0) {
        never_comes(SIGALRM, SITE(), "alarm");
    }
    return 0;
}

useconds_t model_ualarm(useconds_t first, useconds_t interval)
{
    (void)interval;
    if (first > 0) {
        never_comes(SIGALRM, SITE(), "ualarm");
    }
    return 0;
}

int model_setitimer(int which, const struct itimerval *to, struct itimerval *old)
{
    static const int numbers[] = {SIGALRM, SIGVTALRM, SIGPROF};
    if (which < 0 || which > 2) {
        errno = EINVAL;
        return -1;
    }
    if (to != NULL && (to->it_value.tv_sec != 0 || to->it_value.tv_usec != 0)) {
        never_comes(numbers[which], SITE(), "setitimer");
    }
    if (old != NULL) {
        rfn_wrote(old, sizeof *old);
        rfn_fill(old, 0, sizeof *old);
    }
    return 0;
}

int model_getitimer(int which, struct itimerval *now)
{
    (void)which;
    rfn_wrote(now, sizeof *now);
    rfn_fill(now, 0, sizeof *now);
    return 0;
}

/* -- shared memory with a name: a file of the kernel's own folder for that */

static int named(const char *name, char *path, size_t size)
{
    while (*name == '/') {
        name++;
    }
    return (size_t)snprintf(path, size, "/dev/shm/%s", name) < size;
}

int model_shm_open(const char *name, int flags, mode_t mode)
{
    char path[256];
    if (!named(name, path, sizeof path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), SITE());
    return rfn_fd_open(path, flags | O_CLOEXEC, mode, SITE());
}

int model_shm_unlink(const char *name)
{
    char path[256];
    rfn_file *file;
    rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), SITE());
    file = named(name, path, sizeof path) ? rfn_file_named(path) : NULL;
    if (file == NULL) {
        errno = ENOENT;
        return -1;
    }
    rfn_file_forget(file);
    return 0;
}

/* -- what fails */

static int refuses(uintptr_t site, const char *call)
{
    rfn_problem(RFN_PROBLEM_REFUSED, site, "the program calls %s, which is not carried out: it fails", call);
    errno = ENOSYS;
    return -1;
}

/* Asked whether a leak comes of its failing: then it seems to succeed. */
static int refuses_unless_lifted(uintptr_t site, const char *call)
{
    return rfn.board->plan.lift & RFN_LIFT_REFUSAL ? 0 : refuses(site, call);
}

/* Further arguments do not matter. */
#define FAILS(name) int model_##name(void) { return refuses_unless_lifted(SITE(), #name); }

FAILS(timer_create)
FAILS(timer_settime)
FAILS(timer_gettime)
FAILS(timer_getoverrun)
FAILS(timer_delete)
FAILS(timerfd_create)
FAILS(timerfd_settime)
FAILS(signalfd)
FAILS(inotify_init)
FAILS(inotify_init1)
FAILS(sendfile)
FAILS(splice)
FAILS(tee)
FAILS(vmsplice)
FAILS(aio_read)
FAILS(aio_write)
FAILS(aio_fsync)
FAILS(lio_listio)
FAILS(mq_open)
FAILS(msgget)
FAILS(semget)
FAILS(semop)
FAILS(shmget)
FAILS(shmctl)
FAILS(clone)
FAILS(unshare)
FAILS(ptrace)
FAILS(process_vm_readv)
FAILS(process_vm_writev)
FAILS(waitid)

/* -- what makes descriptors and streams that others here do not know, or takes those that they made: elsewhere such a number is
 * the driver's */

FAILS(getsockname)
FAILS(getpeername)
FAILS(getsockopt)
FAILS(sendmmsg)
FAILS(recvmmsg)
FAILS(preadv)
FAILS(preadv64)
FAILS(preadv2)
FAILS(preadv64v2)
FAILS(pwritev)
FAILS(pwritev64)
FAILS(pwritev2)
FAILS(pwritev64v2)
FAILS(copy_file_range)
FAILS(fchdir)
FAILS(fchown)
FAILS(futimens)
FAILS(statx)
FAILS(mkfifo)
FAILS(mknod)
FAILS(link)
FAILS(symlink)
FAILS(symlinkat)
FAILS(linkat)
FAILS(mkdirat)
FAILS(pidfd_open)
FAILS(openpty)
FAILS(posix_openpt)
FAILS(fgetpos)
FAILS(fsetpos)

/* What parses a stream, and streams of wide characters. */
FAILS(fwide)
FAILS(putwc)
FAILS(fputwc)
FAILS(putwchar)
FAILS(fputws)
FAILS(wprintf)
FAILS(vwprintf)
FAILS(fwprintf)
FAILS(vfwprintf)
FAILS(getwc)
FAILS(fgetwc)
FAILS(getwchar)
FAILS(ungetwc)
FAILS(scanf)
FAILS(vscanf)
FAILS(fscanf)
FAILS(vfscanf)
FAILS(__isoc99_scanf)
FAILS(__isoc99_vscanf)
FAILS(__isoc99_fscanf)
FAILS(__isoc99_vfscanf)
FAILS(__isoc23_scanf)
FAILS(__isoc23_vscanf)
FAILS(__isoc23_fscanf)
FAILS(__isoc23_vfscanf)
FAILS(wscanf)
FAILS(fwscanf)

/* Of those that give a pointer. */
#define FAILS_WITH_NULL(name)                                                                                       \
    void *model_##name(void)                                                                                        \
    {                                                                                                               \
        refuses(SITE(), #name);                                                                                     \
        return NULL;                                                                                                \
    }

FAILS_WITH_NULL(tmpfile)
FAILS_WITH_NULL(tmpfile64)
FAILS_WITH_NULL(fopencookie)
FAILS_WITH_NULL(fdopendir)
FAILS_WITH_NULL(fgetws)

sem_t *model_sem_open(void)
{
    refuses(SITE(), "sem_open");
    return SEM_FAILED;
}

void *model_shmat(void)
{
    refuses(SITE(), "shmat");
    return (void *)-1;
}
