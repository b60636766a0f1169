/* Pipes, and pairs of sockets: what they hold, and who waits for it. As of Linux's pipe(7), bytes alone are counted, where Linux
 * counts pages. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>

#include "choices/event.h"
#include "models/files/descriptors.h"
#include "models/files/polling.h"
#include "models/signals/signals.h"
#include "models/threads/sync.h"
#include "schedule/wait.h"

enum {
    ATOMIC = 4096,          /* PIPE_BUF, and a page: a full pipe takes nothing before it has room for one */
    CAPACITY = 65536,       /* of a pipe, as Linux makes it */
    OF_SOCKETS = 212992,    /* net.core.wmem_default: what the kernel counts beside the bytes is left out */
    LARGEST = 1 << 20,      /* fs.pipe-max-size */
};

static rfn_file *pipe_at(const void *object)
{
    for (uint32_t i = 0; i < rfn_file_count(); i++) {
        rfn_file *file = rfn_file_number(i);
        if (file->kind == RFN_PIPE && rfn_file_object(file) == object) {
            return file;
        }
    }
    return NULL;
}

/* It has something, or nobody will ever write to it again. */
static int is_readable(const void *object)
{
    const rfn_file *file = pipe_at(object);
    return file == NULL || file->size > file->taken || file->writers == 0;
}

size_t rfn_pipe_capacity(const rfn_file *file)
{
    return file->capacity > 0 ? file->capacity : file->paired ? OF_SOCKETS : CAPACITY;
}

static size_t room_in(const rfn_file *file)
{
    return rfn_pipe_capacity(file) - (file->size - file->taken);
}

int rfn_pipe_is_writable(const void *object)
{
    const rfn_file *file = pipe_at(object);
    return file == NULL || room_in(file) >= ATOMIC || file->readers == 0;
}

static const rfn_condition readable = {
    .can = is_readable,
    .name = "the pipe",
    .descriptor = rfn_fd_with,
    .flags = RFN_ENDED_BY_HANDLER | RFN_ENDED_BY_FAMILY | RFN_LOOKS_AGAIN,
};
static const rfn_condition writable = {
    .can = rfn_pipe_is_writable,
    .name = "room in a pipe that is full",
    .flags = RFN_ENDED_BY_HANDLER | RFN_ENDED_BY_FAMILY | RFN_LOOKS_AGAIN,
};

static void changed(const rfn_file *file)
{
    rfn_changed(rfn_file_object(file));
    rfn_polled_changed();
}

int rfn_pipe_resize(rfn_file *file, long size)
{
    size_t capacity = ATOMIC;
    if (size < 0 || size > LARGEST) {
        errno = size < 0 ? EINVAL : EPERM;
        return -1;
    }
    while (capacity < (size_t)size) {
        capacity *= 2;
    }
    if (capacity < file->size - file->taken) {
        errno = EBUSY;
        return -1;
    }
    file->capacity = capacity;
    changed(file);
    return (int)capacity;
}

int rfn_fd_pair(rfn_file *from, rfn_file *to, int flags)
{
    int fd = rfn_fd_new(from, flags | O_RDONLY, 0);
    rfn_open *open = fd < 0 ? NULL : rfn_open_of(fd);
    if (open != NULL) {
        open->flags = flags | O_RDWR;
        open->to = to;
        to->writers++;
        to->paired = 1;
    }
    return fd;
}

/* 0: it can, or somebody else was faster; else errno. */
static int await(const rfn_condition *can, const rfn_file *file, const rfn_open *open, uintptr_t site)
{
    if (open->flags & O_NONBLOCK) {
        return EAGAIN;
    }
    switch (rfn_wait_interruptibly(can, rfn_file_object(file), RF_ACQUIRE, site, RFN_FOREVER)) {
    case RFN_CANCELLED:
        rfn_cancellation_point(site);
        return EINTR;
    case RFN_INTERRUPTED:
        return EINTR;
    default:
        return 0;
    }
}

ssize_t rfn_pipe_read(const rfn_open *open, void *bytes, size_t size, uintptr_t site)
{
    rfn_file *file = open->file;
    size_t got;
    int error;
    if (size == 0) {
        return 0;
    }
    error = is_readable(rfn_file_object(file)) ? 0 : await(&readable, file, open, site);
    if (error != 0) {
        errno = error;
        return -1;
    }
    got = rfn_file_get(file, bytes, size, file->taken);
    file->taken += got;
    changed(file);
    return (ssize_t)got;
}

/* What is no longer than PIPE_BUF goes as a whole; of what is longer as much as there is room for, and the rest later. */
ssize_t rfn_pipe_write(const rfn_open *open, const void *bytes, size_t size, uintptr_t site)
{
    rfn_file *file = open->to != NULL ? open->to : open->file;
    size_t done = 0;
    int error = 0;
    do {
        size_t room = room_in(file), left = size - done;
        if (file->readers == 0) {
            error = EPIPE;
        } else if (left > 0 && (room == 0 || (room < left && size <= ATOMIC))) {
            error = await(&writable, file, open, site);
        } else if (left > 0) {
            size_t put = rfn_file_put(file, (const uint8_t *)bytes + done, left < room ? left : room, file->size);
            done += put;
            error = put == 0 ? errno : 0;
            changed(file);
        }
    } while (done < size && error == 0);
    if (error == EPIPE) {
        rfn_send(rfn_current, SIGPIPE, site);
    }
    if (error != 0) {
        errno = error;
    }
    return done > 0 || error == 0 ? (ssize_t)done : -1;
}
