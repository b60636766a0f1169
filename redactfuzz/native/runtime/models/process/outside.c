/* Timers of the kernel, whose signals never come, and shared memory with a name, which is a file. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/parts.h"
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

/* Their numbers are indices + 1, so that none is NULL. */
enum { TIMERS = 64, UNUSED = 0, STILL, SIGNALS, STARTS };
static RFN_STATE struct {
    int does, number;
} timers[TIMERS];

static void reset(void) { rfn_fill(timers, 0, sizeof timers); }

static int timer_at(timer_t timer)
{
    uintptr_t number = (uintptr_t)timer;
    if (number == 0 || number > TIMERS || timers[number - 1].does == UNUSED) {
        errno = EINVAL;
        return -1;
    }
    return (int)number - 1;
}

int model_timer_create(clockid_t clock, const struct sigevent *event, timer_t *timer)
{
    uintptr_t at = 0;
    int how = event == NULL ? SIGEV_SIGNAL : event->sigev_notify;
    (void)clock;
    rfn_at(RF_RMW, RFN_OBJECT(RFN_PROCESS), SITE());
    while (at < TIMERS && timers[at].does != UNUSED) {
        at++;
    }
    if (at == TIMERS) {
        errno = EAGAIN;
        return -1;
    }
    timers[at].does = how == SIGEV_NONE ? STILL : how == SIGEV_THREAD ? STARTS : SIGNALS;
    timers[at].number = event == NULL ? SIGALRM : event->sigev_signo;
    rfn_wrote(timer, sizeof *timer);
    *timer = (timer_t)(at + 1);
    return 0;
}

static void no_time(struct itimerspec *to)
{
    if (to != NULL) {
        rfn_wrote(to, sizeof *to);
        rfn_fill(to, 0, sizeof *to);
    }
}

int model_timer_settime(timer_t timer, int flags, const struct itimerspec *to, struct itimerspec *old)
{
    int at = timer_at(timer);
    (void)flags;
    if (at < 0) {
        return -1;
    }
    if (to->it_value.tv_sec != 0 || to->it_value.tv_nsec != 0) {
        if (timers[at].does == SIGNALS) {
            never_comes(timers[at].number, SITE(), "timer_settime");
        } else if (timers[at].does == STARTS) {
            rfn_problem(RFN_PROBLEM_OUTSIDE, SITE(), "the program calls timer_settime, whose thread never starts here");
        }
    }
    no_time(old);
    return 0;
}

int model_timer_gettime(timer_t timer, struct itimerspec *now)
{
    int at = timer_at(timer);
    if (at >= 0) {
        no_time(now);
    }
    return at < 0 ? -1 : 0;
}

int model_timer_getoverrun(timer_t timer) { return timer_at(timer) < 0 ? -1 : 0; }

int model_timer_delete(timer_t timer)
{
    int at = timer_at(timer);
    if (at >= 0) {
        timers[at].does = UNUSED;
    }
    return at < 0 ? -1 : 0;
}

RFN_PART(RFN_ON_MODELS_PROCESS, outside, .reset = reset);

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
