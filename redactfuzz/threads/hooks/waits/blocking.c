#define _GNU_SOURCE
#include "waits/blocking.h"

#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "schedule/looks.h"
#include "schedule/turn.h"
#include "state/execution.h"
#include "state/objects.h"
#include "waits/deadlines.h"
#include "waits/descriptors.h"
#include "waits/looking.h"
#include "waits/virtual_time.h"

enum { AT_ONCE = 4096 }; /* bytes for which a pipe that is ready has room (PIPE_BUF) */
enum { MS_NS = 1000 * 1000 };

void rfh_sleeps(uint64_t nanoseconds)
{
    if (!rfh_may_hand_over())
        rfh.clock += nanoseconds;
    else if (nanoseconds > 0)
        rfh_look_outside(NULL, nanoseconds, RFH_ANY_TIME);
}

/* -- several descriptors ------------------------------------------------------------------------------------------------ */

typedef struct polled {
    struct pollfd *each;
    nfds_t count;
} polled;

static int poll_ready(void *what)
{
    const polled *p = what;
    return poll(p->each, p->count, 0) != 0;
}

static rfh_reach poll_reach(void *what)
{
    const polled *p = what;
    rfh_reach found = RFH_BY_US;
    for (nfds_t i = 0; i < p->count; i++) {
        rfh_reach one = p->each[i].fd < 0 ? RFH_BY_US : rfh_reach_of(p->each[i].fd, p->each[i].events);
        found = one > found ? one : found;
    }
    return found;
}

/* 1: ask again without waiting; 0: it does not block; -1 with errno. */
static int poll_waits(struct pollfd *each, nfds_t count, uint64_t ns, int timed)
{
    polled what = {each, count};
    rfh_look look = {poll_ready, poll_reach, &what, count == 1 ? rfh_object_of(each->fd) : NULL};
    return rfh_look_outside(count ? &look : NULL, ns, timed);
}

/* Python calls this from 3.15 on, for limits below a millisecond. */
static int wait_ppoll(struct pollfd *each, nfds_t count, const struct timespec *limit, const sigset_t *mask)
{
    int at_once = limit && limit->tv_sec == 0 && limit->tv_nsec == 0;
    if (at_once)
        rfh_looked();
    if (at_once || mask || (limit && !rfh_is_length(limit)) || (count == 0 && limit == NULL))
        return ppoll(each, count, limit, mask);
    uint64_t ns = limit ? rfh_nanoseconds(limit) : 0;
    if (rfh_may_hand_over())
        return poll_waits(each, count, ns, limit ? RFH_ANY_TIME : RFH_FOR_EVER) < 0 ? -1 : count ? poll(each, count, 0) : 0;
    if (limit == NULL || !rfh_time_is_virtual())
        return ppoll(each, count, limit, NULL);
    int ready = count ? ppoll(each, count, limit, NULL) : 0;
    if (ready == 0)
        rfh.clock += ns;
    return ready;
}

static int wait_poll(struct pollfd *each, nfds_t count, int milliseconds)
{
    struct timespec limit = rfh_timespec((uint64_t)(milliseconds > 0 ? milliseconds : 0) * MS_NS);
    return wait_ppoll(each, count, milliseconds < 0 ? NULL : &limit, NULL);
}

typedef struct selected {
    int count;
    fd_set *sets[3];
} selected;

static int select_ready(void *what)
{
    const selected *s = what;
    fd_set copies[3], *asked[3];
    for (int i = 0; i < 3; i++) {
        asked[i] = s->sets[i] ? &copies[i] : NULL;
        if (s->sets[i])
            copies[i] = *s->sets[i];
    }
    struct timeval none = {0, 0};
    return select(s->count, asked[0], asked[1], asked[2], &none) != 0;
}

static rfh_reach select_reach(void *what)
{
    const selected *s = what;
    rfh_reach found = RFH_BY_US;
    for (int fd = 0; fd < s->count; fd++)
        for (int i = 0; i < 3; i++)
            if (s->sets[i] && FD_ISSET(fd, s->sets[i])) {
                rfh_reach one = rfh_reach_of(fd, i == 1 ? POLLOUT : POLLIN);
                found = one > found ? one : found;
            }
    return found;
}

static int wait_select(int count, fd_set *reading, fd_set *writing, fd_set *failing, struct timeval *timeout)
{
    struct timespec length = timeout ? (struct timespec){timeout->tv_sec, timeout->tv_usec * 1000} : (struct timespec){0, 0};
    struct timeval none = {0, 0};
    int any = reading || writing || failing;
    if (timeout && timeout->tv_sec == 0 && timeout->tv_usec == 0)
        rfh_looked();
    if ((timeout == NULL && !any) || !rfh_is_length(&length))
        return select(count, reading, writing, failing, timeout);
    uint64_t ns = rfh_nanoseconds(&length);
    selected what = {count, {reading, writing, failing}};
    rfh_look look = {select_ready, select_reach, &what, NULL};
    if ((timeout == NULL || ns > 0) && rfh_may_hand_over())
        return rfh_look_outside(any ? &look : NULL, ns, timeout ? RFH_ANY_TIME : RFH_FOR_EVER) < 0 ? -1
               : any ? select(count, reading, writing, failing, &none) : 0;
    if (timeout == NULL || !rfh_time_is_virtual())
        return select(count, reading, writing, failing, timeout);
    int ready = any ? select(count, reading, writing, failing, timeout) : 0;
    if (ready == 0)
        rfh.clock += ns;
    return ready;
}

static int wait_epoll(int fd, struct epoll_event *events, int most, int milliseconds)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    uint64_t ns = (uint64_t)(milliseconds > 0 ? milliseconds : 0) * MS_NS;
    if (milliseconds == 0) {
        rfh_looked();
        return epoll_wait(fd, events, most, 0);
    }
    if (rfh_may_hand_over())
        return poll_waits(&one, 1, ns, milliseconds > 0 ? RFH_ANY_TIME : RFH_FOR_EVER) < 0 ? -1 : epoll_wait(fd, events, most, 0);
    int ready = epoll_wait(fd, events, most, milliseconds);
    if (ready == 0 && milliseconds > 0 && rfh_time_is_virtual())
        rfh.clock += ns;
    return ready;
}

/* -- one descriptor ------------------------------------------------------------------------------------------------------ */

/* Whether the call may be made: it does not block any more, or was not to. */
static int may(int fd, short what)
{
    struct pollfd one = {.fd = fd, .events = what};
    if (!rfh_may_hand_over() || rfh_is_ready(fd, what) || !rfh_waits_when_empty(fd))
        return 1;
    return poll_waits(&one, 1, 0, RFH_FOR_EVER) >= 0;
}

#define CALL(type, name, parameters, arguments, fd, what) \
    static type wait_##name parameters \
    { \
        type result = may(fd, what) ? name arguments : -1; \
        if ((what) == POLLOUT && result > 0 && rfh_me) \
            rfh_push_out(fd); \
        return result; \
    }
CALL(ssize_t, read, (int fd, void *data, size_t size), (fd, data, size), fd, POLLIN)
CALL(ssize_t, readv, (int fd, const struct iovec *parts, int count), (fd, parts, count), fd, POLLIN)
CALL(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), fd, POLLOUT)
CALL(ssize_t, recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags), flags & MSG_DONTWAIT ? -1 : fd, POLLIN)
CALL(ssize_t, recvfrom, (int fd, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length),
     (fd, data, size, flags, from, length), flags & MSG_DONTWAIT ? -1 : fd, POLLIN)
CALL(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags), flags & MSG_DONTWAIT ? -1 : fd, POLLIN)
CALL(ssize_t, sendto, (int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length),
     (fd, data, size, flags, to, length), flags & MSG_DONTWAIT ? -1 : fd, POLLOUT)
CALL(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags), flags & MSG_DONTWAIT ? -1 : fd, POLLOUT)
CALL(int, accept, (int fd, struct sockaddr *from, socklen_t *length), (fd, from, length), fd, POLLIN)
CALL(int, accept4, (int fd, struct sockaddr *from, socklen_t *length, int flags), (fd, from, length, flags), fd, POLLIN)
CALL(int, eventfd_read, (int fd, eventfd_t *value), (fd, value), fd, POLLIN)

static int is_output(int fd)
{
    char path[32], file[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(path, file, sizeof file - 1);
    file[length > 0 ? length : 0] = 0;
    return strncmp(file, "/memfd:redactfuzz-std", 21) == 0;
}

/* Limits of files hold for no terminal and no pipe. */
static ssize_t written(int fd, const void *data, size_t size)
{
    ssize_t wrote = write(fd, data, size);
    struct rlimit limit, most;
    if (wrote >= 0 || errno != EFBIG || rfh_me == NULL || !is_output(fd) || getrlimit(RLIMIT_FSIZE, &limit) != 0)
        return wrote;
    most = (struct rlimit){limit.rlim_max, limit.rlim_max};
    if (setrlimit(RLIMIT_FSIZE, &most) != 0)
        return -1;
    wrote = write(fd, data, size);
    int error = errno;
    setrlimit(RLIMIT_FSIZE, &limit);
    errno = error;
    return wrote;
}

/* More than fits at once is written piece by piece, as the kernel does it. */
static ssize_t pieces(int fd, const void *data, size_t size, int flags, int is_socket)
{
    size_t done = 0, step = size;
    if (rfh_may_hand_over() && size > AT_ONCE && rfh_waits_when_empty(fd) && rfh_reach_of(fd, POLLOUT) == RFH_BY_US)
        step = AT_ONCE;
    do {
        size_t part = size - done < step ? size - done : step;
        const char *from = (const char *)data + done;
        ssize_t wrote = !may(fd, POLLOUT) ? -1 : is_socket ? send(fd, from, part, flags) : written(fd, from, part);
        if (wrote < 0)
            return done > 0 ? (ssize_t)done : -1;
        done += (size_t)wrote;
        if (rfh_me)
            rfh_push_out(fd);
        if (step < size)
            rfh_look_again();
    } while (step < size && done < size);
    return (ssize_t)done;
}

static ssize_t wait_write(int fd, const void *data, size_t size) { return pieces(fd, data, size, 0, 0); }

static ssize_t wait_send(int fd, const void *data, size_t size, int flags)
{
    return flags & MSG_DONTWAIT ? send(fd, data, size, flags) : pieces(fd, data, size, flags, 1);
}

/* -- what is no descriptor ------------------------------------------------------------------------------------------------ */

static rfh_reach reach_here(void *what) { return RFH_BY_US; }
static rfh_reach reach_of_signals(void *what) { return RFH_BY_ANYBODY; }
static int never(void *what) { return 0; }

/* What is taken by asking for it: who looks for another thread takes it for that one. */
typedef struct taken {
    int fd, operation; /* of a file that is locked; or */
    sem_t *semaphore;
    int got, error;
} taken;

static int take_file(void *what)
{
    taken *t = what;
    if (!t->got && flock(t->fd, t->operation | LOCK_NB) != 0) {
        t->error = errno;
        return t->error != EWOULDBLOCK;
    }
    t->error = 0;
    return t->got = 1;
}

static int holds_file(int fd, int operation, int failed)
{
    if (failed == 0 && rfh_me && rfh_me->quiet == 0)
        rfh_held_of(rfh_object_of(fd))->owner = operation & LOCK_UN ? RFH_NOBODY : rfh_me->id;
    return failed;
}

static int wait_flock(int fd, int operation)
{
    taken what = {.fd = fd, .operation = operation};
    rfh_look look = {take_file, reach_here, &what, rfh_object_of(fd)};
    if ((operation & (LOCK_NB | LOCK_UN)) || !rfh_may_hand_over())
        return holds_file(fd, operation, flock(fd, operation));
    if (rfh_look_outside(&look, 0, RFH_FOR_EVER) < 0)
        return -1;
    errno = what.error;
    return holds_file(fd, operation, what.error ? -1 : 0);
}

static int take_semaphore(void *what)
{
    taken *t = what;
    return t->got = t->got || sem_trywait(t->semaphore) == 0;
}

int rfh_wait_semaphore(sem_t *semaphore, uint64_t nanoseconds, int timed)
{
    taken what = {.semaphore = semaphore};
    rfh_look look = {take_semaphore, reach_here, &what, semaphore};
    int found = rfh_look_outside(&look, nanoseconds, timed);
    if (found == 0)
        errno = ETIMEDOUT;
    return found > 0 ? 0 : -1;
}

static int wait_sem_wait(sem_t *semaphore)
{
    return rfh_may_hand_over() ? rfh_wait_semaphore(semaphore, 0, RFH_FOR_EVER) : sem_wait(semaphore);
}

static int has_signal(void *what)
{
    sigset_t pending, both;
    sigpending(&pending);
    sigandset(&both, &pending, what);
    return !sigisemptyset(&both);
}

/* Whether a signal is there: else the wait has ended, with errno. */
static int signal_comes(const sigset_t *set, const struct timespec *timeout)
{
    rfh_look look = {has_signal, reach_of_signals, (void *)set, NULL};
    if (!rfh_may_hand_over())
        return 1;
    int found = rfh_look_outside(&look, timeout ? rfh_nanoseconds(timeout) : 0, timeout ? RFH_ANY_TIME : RFH_FOR_EVER);
    if (found == 0)
        errno = EAGAIN;
    return found > 0;
}

static int wait_sigwait(const sigset_t *set, int *number)
{
    return signal_comes(set, NULL) ? sigwait(set, number) : errno;
}

static int wait_sigwaitinfo(const sigset_t *set, siginfo_t *about)
{
    return signal_comes(set, NULL) ? sigwaitinfo(set, about) : -1;
}

static int wait_sigtimedwait(const sigset_t *set, siginfo_t *about, const struct timespec *timeout)
{
    return signal_comes(set, timeout) ? sigtimedwait(set, about, timeout) : -1;
}

static int wait_pause(void)
{
    rfh_look look = {never, reach_of_signals, NULL, NULL};
    return rfh_may_hand_over() ? rfh_look_outside(&look, 0, RFH_FOR_EVER) : pause();
}

#define STANDS_IN(name) {#name, (void *)wait_##name, (void *)name, NULL}
const rfh_import rfh_blocking[] = {
    {"poll", (void *)wait_poll, (void *)poll, NULL},
    {"ppoll", (void *)wait_ppoll, (void *)ppoll, NULL},
    {"select", (void *)wait_select, (void *)select, NULL},
    {"epoll_wait", (void *)wait_epoll, (void *)epoll_wait, NULL},
    STANDS_IN(read),        STANDS_IN(readv),        STANDS_IN(write),    STANDS_IN(writev),  STANDS_IN(recv),
    STANDS_IN(recvfrom),    STANDS_IN(recvmsg),      STANDS_IN(send),     STANDS_IN(sendto),  STANDS_IN(sendmsg),
    STANDS_IN(accept),      STANDS_IN(accept4),      STANDS_IN(flock),    STANDS_IN(sem_wait), STANDS_IN(eventfd_read),
    STANDS_IN(sigwait),     STANDS_IN(sigwaitinfo),  STANDS_IN(sigtimedwait), STANDS_IN(pause),
    {NULL, NULL, NULL, NULL},
};
