#define _GNU_SOURCE
#include "models/files/polling.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "base/parts.h"
#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "models/files/descriptors.h"
#include "models/signals/signals.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/dispositions.h"
#include "state/objects.h"

#define AT_ONCE UINT64_MAX /* in place of a deadline: not at all */

enum { INTERESTS = 256 };

/* On the stack of a thread that polls. */
typedef struct poller {
    struct poller *next;
    struct pollfd *fds;
    nfds_t count;
} poller;

static RFN_STATE poller *pollers;

static void reset(void) { pollers = NULL; }

void rfn_polled_changed(void)
{
    for (poller *each = pollers; each != NULL; each = each->next) {
        rfn_changed(each);
    }
}

/* What poll() says of a descriptor. */
static short ready(int fd, short wanted)
{
    const rfn_open *open = rfn_open_of(fd);
    const rfn_file *file;
    short found = 0;
    if (open == NULL) {
        return POLLNVAL;
    }
    file = open->file;
    switch (file->kind) {
    case RFN_PIPE:
        if ((open->flags & O_ACCMODE) != O_WRONLY) {
            found = file->size > file->taken ? POLLIN | POLLRDNORM : 0;
            found |= file->writers == 0 ? POLLHUP : 0;
        }
        if (open->to != NULL || (open->flags & O_ACCMODE) == O_WRONLY) {
            const rfn_file *to = open->to != NULL ? open->to : file;
            found |= rfn_pipe_is_writable(rfn_file_object(to)) ? POLLOUT | POLLWRNORM : 0;
            found |= to->readers == 0 ? POLLERR : 0;
        }
        break;
    case RFN_EVENT:
        found = POLLOUT | POLLWRNORM | (file->taken > 0 ? POLLIN | POLLRDNORM : 0);
        break;
    case RFN_SOCKET:
        found = file->peer ? POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM : file->bound ? POLLOUT | POLLWRNORM : POLLHUP | POLLOUT;
        break;
    case RFN_INTERESTS:
        break;
    default:
        found = POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
        break;
    }
    return (short)(found & (wanted | POLLHUP | POLLERR | POLLNVAL));
}

static int any_is_ready(const void *object)
{
    const poller *self = object;
    for (nfds_t i = 0; i < self->count; i++) {
        if (self->fds[i].fd >= 0 && ready(self->fds[i].fd, self->fds[i].events)) {
            return 1;
        }
    }
    return 0;
}

/* A socket may become ready, or nothing is waited for but a signal. */
static int polls_outside(const void *object)
{
    const poller *self = object;
    int pipes = 0;
    for (nfds_t i = 0; i < self->count; i++) {
        const rfn_open *open = self->fds[i].fd < 0 ? NULL : rfn_open_of(self->fds[i].fd);
        if (open != NULL && open->file->kind == RFN_SOCKET) {
            return 1;
        }
        pipes += open != NULL;
    }
    return pipes == 0;
}

static const rfn_condition any_ready = {
    .can = any_is_ready,
    .name = "the descriptors that it polls",
    .is_from_outside = polls_outside,
    .flags = RFN_ENDED_BY_HANDLER | RFN_ENDED_BY_FAMILY | RFN_LOOKS_AGAIN,
};

/* How many are ready, with their `revents`; -1: errno. */
static int polled(struct pollfd *fds, nfds_t count, uint64_t deadline, const sigset_t *mask, uintptr_t site)
{
    rfn_fiber *fiber = rfn_current;
    uint64_t before = fiber->blocked;
    poller self = {pollers, fds, count};
    rfn_wake wake = RFN_WOKEN;
    int found = 0;
    rfn_cancellation_point(site);
    rfn_at(RF_READ, RFN_OBJECT(RFN_DIRECTORIES), site);
    if (mask != NULL) {
        memcpy(&fiber->blocked, mask, sizeof fiber->blocked);
        rfn_deliver_pending();
    }
    if (deadline != AT_ONCE && !any_is_ready(&self)) {
        rfn_interruption outer = rfn_interruptible(1);
        self.next = pollers;
        pollers = &self;
        wake = rfn_wait(&any_ready, &self, RF_WAIT, site, deadline);
        for (poller **at = &pollers; *at != NULL; at = &(*at)->next) {
            if (*at == &self) {
                *at = self.next;
                break;
            }
        }
        rfn_uninterruptible(outer);
    }
    fiber->blocked = before;
    if (wake == RFN_CANCELLED) {
        rfn_cancellation_point(site);
    }
    if (wake == RFN_INTERRUPTED) {
        errno = EINTR;
        return -1;
    }
    for (nfds_t i = 0; i < count; i++) {
        fds[i].revents = fds[i].fd < 0 ? 0 : ready(fds[i].fd, fds[i].events);
        found += fds[i].revents != 0;
    }
    return found;
}

static uint64_t within(const struct timespec *time)
{
    return time == NULL ? RFN_FOREVER : rfn_length(time) == 0 ? AT_ONCE : rfn_deadline_in(rfn_length(time));
}

static uint64_t within_ms(int milliseconds)
{
    return milliseconds < 0 ? RFN_FOREVER : milliseconds == 0 ? AT_ONCE : rfn_deadline_in((uint64_t)milliseconds * 1000000);
}

/* -- poll */

int model_poll(struct pollfd *fds, nfds_t count, int milliseconds)
{
    rfn_wrote(fds, count * sizeof *fds);
    return polled(fds, count, within_ms(milliseconds), NULL, SITE());
}

int model___poll_chk(struct pollfd *fds, nfds_t count, int milliseconds, size_t size)
{
    (void)size;
    return model_poll(fds, count, milliseconds);
}

int model_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *time, const sigset_t *mask)
{
    rfn_wrote(fds, count * sizeof *fds);
    return polled(fds, count, within(time), mask, SITE());
}

/* -- select */

static int selected(int count, fd_set *sets[3], uint64_t deadline, const sigset_t *mask, uintptr_t site)
{
    static const short wanted[] = {POLLIN, POLLOUT, POLLPRI};
    struct pollfd fds[FD_SETSIZE];
    nfds_t used = 0;
    int found, bits = 0;
    if (count < 0 || count > FD_SETSIZE) {
        errno = EINVAL;
        return -1;
    }
    for (int fd = 0; fd < count; fd++) {
        short events = 0;
        for (int i = 0; i < 3; i++) {
            events = (short)(events | (sets[i] != NULL && FD_ISSET(fd, sets[i]) ? wanted[i] : 0));
        }
        if (events != 0) {
            fds[used++] = (struct pollfd){fd, events, 0};
        }
    }
    found = polled(fds, used, deadline, mask, site);
    if (found < 0) {
        return -1;
    }
    for (int i = 0; i < 3; i++) {
        if (sets[i] != NULL) {
            rfn_wrote(sets[i], sizeof *sets[i]);
            rfn_fill(sets[i], 0, sizeof *sets[i]);
        }
    }
    for (nfds_t k = 0; k < used; k++) {
        if (fds[k].revents & POLLNVAL) {
            errno = EBADF;
            return -1;
        }
        for (int i = 0; i < 3; i++) {
            short counts = (short)(wanted[i] | (i < 2 ? POLLHUP | POLLERR : 0));
            if (sets[i] != NULL && (fds[k].events & wanted[i]) && (fds[k].revents & counts)) {
                FD_SET(fds[k].fd, sets[i]);
                bits++;
            }
        }
    }
    return bits;
}

int model_select(int count, fd_set *reads, fd_set *writes, fd_set *others, struct timeval *time)
{
    fd_set *sets[3] = {reads, writes, others};
    struct timespec length = {0};
    if (time != NULL) {
        length = (struct timespec){time->tv_sec, (long)time->tv_usec * 1000};
    }
    return selected(count, sets, within(time == NULL ? NULL : &length), NULL, SITE());
}

int model_pselect(int count, fd_set *reads, fd_set *writes, fd_set *others, const struct timespec *time, const sigset_t *mask)
{
    fd_set *sets[3] = {reads, writes, others};
    return selected(count, sets, within(time), mask, SITE());
}

/* -- epoll: level-triggered, whatever was asked for */

typedef struct interest {
    int fd;
    struct epoll_event event;
} interest;

int rfn_fd_made(rfn_file_kind kind, const char *name, size_t counter, int flags, uintptr_t site)
{
    rfn_file *file;
    rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), site);
    file = rfn_file_new(kind, name);
    if (file == NULL) {
        return -1;
    }
    file->taken = counter;
    return rfn_fd_new(file, O_RDWR | (flags & O_NONBLOCK), 0);
}

int model_epoll_create1(int flags)
{
    (void)flags;
    return rfn_fd_made(RFN_INTERESTS, "epoll", 0, 0, SITE());
}

int model_epoll_create(int size)
{
    (void)size;
    return rfn_fd_made(RFN_INTERESTS, "epoll", 0, 0, SITE());
}

static rfn_file *interests_of(int fd)
{
    rfn_open *open = rfn_open_of(fd);
    if (open != NULL && open->file->kind != RFN_INTERESTS) {
        errno = EINVAL;
        return NULL;
    }
    return open == NULL ? NULL : open->file;
}

int model_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    rfn_file *file = interests_of(epoll);
    interest *table;
    size_t count, at = 0;
    interest one = {.fd = fd};
    rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), SITE());
    if (file == NULL || rfn_open_of(fd) == NULL) {
        return -1;
    }
    table = (interest *)(void *)file->bytes;
    count = file->size / sizeof *table;
    while (at < count && table[at].fd != fd) {
        at++;
    }
    if ((operation == EPOLL_CTL_ADD) != (at == count)) {
        errno = operation == EPOLL_CTL_ADD ? EEXIST : ENOENT;
        return -1;
    }
    if (operation == EPOLL_CTL_DEL) {
        table[at] = table[count - 1];
        file->size -= sizeof *table;
        return 0;
    }
    if (at == INTERESTS) {
        errno = ENOSPC;
        return -1;
    }
    one.event = *event;
    return rfn_file_put(file, &one, sizeof one, at * sizeof one) == sizeof one ? 0 : -1;
}

static int epoll(int fd, struct epoll_event *events, int most, uint64_t deadline, const sigset_t *mask, uintptr_t site)
{
    const rfn_file *file = interests_of(fd);
    struct pollfd fds[INTERESTS];
    const interest *table;
    nfds_t count;
    int found, given = 0;
    if (file == NULL || most <= 0) {
        errno = file == NULL ? errno : EINVAL;
        return -1;
    }
    table = (const interest *)(const void *)file->bytes;
    count = file->size / sizeof *table;
    for (nfds_t i = 0; i < count; i++) {
        fds[i] = (struct pollfd){table[i].fd, (short)(table[i].event.events & 0xffff), 0};
    }
    found = polled(fds, count, deadline, mask, site);
    if (found < 0) {
        return -1;
    }
    for (nfds_t i = 0; i < count && given < most; i++) {
        if (fds[i].revents != 0 && !(fds[i].revents & POLLNVAL)) {
            rfn_wrote(&events[given], sizeof *events);
            events[given].events = (uint16_t)fds[i].revents;
            events[given++].data = table[i].event.data;
        }
    }
    return given;
}

int model_epoll_wait(int fd, struct epoll_event *events, int most, int milliseconds)
{
    return epoll(fd, events, most, within_ms(milliseconds), NULL, SITE());
}

int model_epoll_pwait(int fd, struct epoll_event *events, int most, int milliseconds, const sigset_t *mask)
{
    return epoll(fd, events, most, within_ms(milliseconds), mask, SITE());
}

RFN_PART(RFN_ON_MODELS_FILES, polling, .reset = reset);
