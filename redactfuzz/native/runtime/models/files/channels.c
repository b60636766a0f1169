/* Descriptors that lead elsewhere: pipes, which other threads read, and sockets, at whose other end nobody answers. What
 * is written to sockets counts as a dump; a pipe leads to the process itself, and to its children of fork. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "models/files/alone.h"
#include "models/files/descriptors.h"
#include "models/files/file_locks.h"
#include "models/files/reach.h"
#include "models/strings/bytes.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "schedule/deadlock.h"
#include "state/objects.h"

static int made_pipe(int *ends, int flags, uintptr_t site)
{
    rfn_file *pipe;
    int out, in;
    rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), site);
    pipe = rfn_file_new(RFN_PIPE, "pipe");
    out = pipe == NULL ? -1 : rfn_fd_new(pipe, (flags & O_NONBLOCK) | O_RDONLY, 0);
    in = out < 0 ? -1 : rfn_fd_new(pipe, (flags & O_NONBLOCK) | O_WRONLY, 0);
    if (in < 0) {
        if (out >= 0) {
            rfn_fd_close(out);
        }
        return -1;
    }
    rfn_wrote(ends, 2 * sizeof *ends);
    ends[0] = out;
    ends[1] = in;
    return 0;
}

int model_pipe(int *ends) { return made_pipe(ends, 0, SITE()); }
int model_pipe2(int *ends, int flags) { return made_pipe(ends, flags, SITE()); }

/* -- sockets */

int model_socket(int domain, int type, int protocol)
{
    rfn_file *file;
    (void)domain;
    (void)protocol;
    rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), SITE());
    file = rfn_file_new(RFN_SOCKET, "socket");
    return file == NULL ? -1 : rfn_fd_new(file, O_RDWR | (type & SOCK_NONBLOCK ? O_NONBLOCK : 0), 0);
}

static int is_socket(int fd)
{
    const rfn_open *open = rfn_open_of(fd);
    if (open != NULL && open->file->kind != RFN_SOCKET && open->to == NULL) {
        errno = ENOTSOCK;
        return 0;
    }
    return open != NULL;
}

int model_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    rfn_cancellation_point(SITE());
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    if (!is_socket(fd)) {
        return -1;
    }
    rfn_reaches(address, size, SITE());
    rfn_open_of(fd)->file->peer = 1;
    return 0;
}

/* Others may connect to it now, or send to it: nobody ever does. */
static int opened(int fd, uint64_t address, uintptr_t site)
{
    rfn_at(RF_RMW, rfn_fd_object(fd), site);
    if (!is_socket(fd)) {
        return -1;
    }
    rfn_open_of(fd)->file->bound = 1;
    if (address != 0) {
        rfn_open_of(fd)->file->address = address;
    }
    return 0;
}

int model_bind(int fd, const struct sockaddr *address, socklen_t size)
{
    return opened(fd, rfn_address(address, size), SITE());
}

int model_listen(int fd, int backlog)
{
    (void)backlog;
    return opened(fd, 0, SITE());
}

static int accepted(int fd, uintptr_t site)
{
    rfn_cancellation_point(site);
    rfn_at(RF_RMW, rfn_fd_object(fd), site);
    return is_socket(fd) ? rfn_await_outside(rfn_fd_object(fd), rfn_open_of(fd)->flags & O_NONBLOCK, site) : -1;
}

int model_accept(int fd, struct sockaddr *address, socklen_t *size)
{
    (void)address;
    (void)size;
    return accepted(fd, SITE());
}

int model_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    (void)address;
    (void)size;
    (void)flags;
    return accepted(fd, SITE());
}

int model_socketpair(int domain, int type, int protocol, int *ends)
{
    int flags = type & SOCK_NONBLOCK ? O_NONBLOCK : 0;
    rfn_file *one, *other;
    (void)domain;
    (void)protocol;
    rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), SITE());
    one = rfn_file_new(RFN_PIPE, "socketpair");
    other = rfn_file_new(RFN_PIPE, "socketpair");
    if (one == NULL || other == NULL) {
        return -1;
    }
    rfn_wrote(ends, 2 * sizeof *ends);
    ends[0] = rfn_fd_pair(one, other, flags);
    ends[1] = rfn_fd_pair(other, one, flags);
    return ends[0] < 0 || ends[1] < 0 ? -1 : 0;
}

int model_shutdown(int fd, int how)
{
    (void)how;
    return is_socket(fd) ? 0 : -1;
}

int model_setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
    (void)level;
    (void)option;
    (void)value;
    (void)size;
    return is_socket(fd) ? 0 : -1;
}

static ssize_t sent(int fd, const void *bytes, size_t size, uintptr_t site)
{
    rfn_cancellation_point(site);
    rfn_at_read(bytes, size, site);
    rfn_at(RF_RMW, rfn_fd_object(fd), site);
    return is_socket(fd) ? rfn_fd_write(fd, bytes, size, site) : -1;
}

ssize_t model_send(int fd, const void *bytes, size_t size, int flags)
{
    (void)flags;
    return sent(fd, bytes, size, SITE());
}

ssize_t model_sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t length)
{
    (void)flags;
    rfn_reaches(to, length, SITE());
    return sent(fd, bytes, size, SITE());
}

static ssize_t received(int fd, void *bytes, size_t size, uintptr_t site)
{
    rfn_cancellation_point(site);
    rfn_at_bytes(RF_WRITE, bytes, size, site);
    rfn_at(RF_RMW, rfn_fd_object(fd), site);
    return is_socket(fd) ? rfn_fd_read(fd, bytes, size, site) : -1;
}

ssize_t model_recv(int fd, void *bytes, size_t size, int flags)
{
    (void)flags;
    return received(fd, bytes, size, SITE());
}

ssize_t model_recvfrom(int fd, void *bytes, size_t size, int flags, struct sockaddr *from, socklen_t *length)
{
    (void)flags;
    (void)from;
    if (length != NULL) {
        rfn_wrote(length, sizeof *length);
        *length = 0;
    }
    return received(fd, bytes, size, SITE());
}

/* -- what can be asked of any descriptor */

static int no_terminal(int fd, uintptr_t site)
{
    rfn_at_file(fd, site);
    if (rfn_open_of(fd) != NULL) {
        errno = ENOTTY;
    }
    return 0;
}

int model_isatty(int fd) { return no_terminal(fd, SITE()); }

/* There is no terminal. */
#define OF_TERMINALS(name)                                                                                            \
    int model_##name(int fd)                                                                                           \
    {                                                                                                                  \
        return no_terminal(fd, SITE()) - 1;                                                                                 \
    }

OF_TERMINALS(tcgetattr)
OF_TERMINALS(tcsetattr)
OF_TERMINALS(tcflush)
OF_TERMINALS(tcdrain)
OF_TERMINALS(tcgetpgrp)
OF_TERMINALS(tcsetpgrp)

char *model_ttyname(int fd)
{
    no_terminal(fd, SITE());
    return NULL;
}

int model_ioctl(int fd, unsigned long request, void *argument)
{
    const rfn_open *open;
    (void)argument;
    rfn_at_file(fd, SITE());
    open = rfn_open_of(fd);
    if (open != NULL) {
        errno = request == FIONBIO ? 0 : ENOTTY;
    }
    return open != NULL && request == FIONBIO ? 0 : -1;
}

int model_fcntl(int fd, int command, long argument)
{
    rfn_open *open;
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    open = rfn_open_of(fd);
    if (open == NULL) {
        return -1;
    }
    switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        return rfn_fd_duplicate(fd, (int)argument);
    case F_GETFL:
        return open->flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC);
    case F_SETFL:
        open->flags = (open->flags & ~(O_APPEND | O_NONBLOCK)) | ((int)argument & (O_APPEND | O_NONBLOCK));
        return 0;
    case F_GETFD:
    case F_SETFD: /* nothing is executed */
        return 0;
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return rfn_lock_of_range(open, command, (struct flock *)(uintptr_t)argument, SITE());
    case F_GETPIPE_SZ:
    case F_SETPIPE_SZ:
        if (open->file->kind != RFN_PIPE || open->file->paired) {
            errno = EBADF;
            return -1;
        }
        return command == F_GETPIPE_SZ ? (int)rfn_pipe_capacity(open->file) : rfn_pipe_resize(open->file, argument);
    default:
        errno = EINVAL;
        return -1;
    }
}

#define MEMFD "/memfd:"
#ifndef MFD_NOEXEC_SEAL /* newer than some headers */
#define MFD_NOEXEC_SEAL 8u
#endif

int model_memfd_create(const char *name, unsigned flags)
{
    rfn_file *file;
    char called[sizeof MEMFD + 256];
    size_t length = rfn_text_within(name, 250);
    rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), SITE());
    if (length == 250) {
        errno = EINVAL;
        return -1;
    }
    rfn_copy(called, MEMFD, sizeof MEMFD - 1); /* as the kernel calls it */
    rfn_copy(called + sizeof MEMFD - 1, name, length + 1);
    file = rfn_file_new(RFN_REGULAR, called);
    if (file == NULL) {
        return -1;
    }
    file->mode = S_IFREG | (flags & MFD_NOEXEC_SEAL ? 0666 : 0777);
    return rfn_fd_new(file, O_RDWR, 0);
}

