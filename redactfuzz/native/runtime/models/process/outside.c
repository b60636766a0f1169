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
