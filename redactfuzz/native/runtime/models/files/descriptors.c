#include "models/files/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "base/hidden.h"
#include "base/os.h"
#include "base/parts.h"
#include "choices/event.h"
#include "mappings/maps.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/files/file_locks.h"
#include "models/files/files.h"
#include "models/files/polling.h"
#include "models/signals/signals.h"
#include "models/strings/chance.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "schedule/deadlock.h"
#include "schedule/wait.h"
#include "state/objects.h"

enum { DESCRIPTORS = 1024, STANDARD = 3, MOST_AT_ONCE = 0x7ffff000 /* bytes of one write(2) */ };

/* One for a process and its children of fork, which share what they inherit. */
static struct descriptions {
    rfn_open open[DESCRIPTORS];
    uint32_t used;
} *opens;
static RFN_STATE uint16_t number_of[DESCRIPTORS]; /* 1 + index in opens; 0: closed */
static RFN_STATE uint32_t used;                   /* descriptors in use are below; 0: nothing was used in this execution */
static struct {
    const uint8_t *bytes;
    size_t size;
} input;

void rfn_stdin(const uint8_t *bytes, size_t size)
{
    input.bytes = bytes;
    input.size = size;
}

static void reset(void)
{
    if (opens == NULL) {
        opens = rfn_hidden_shared(sizeof *opens);
    }
    if (used > 0) {
        memset(number_of, 0, used * sizeof number_of[0]);
        used = 0;
    }
    if (opens->used > 0) {
        memset(opens->open, 0, opens->used * sizeof opens->open[0]);
        opens->used = 0;
    }
}

/* What constructors of the program opened cannot be put back. */
static int loaded(void *handle)
{
    (void)handle;
    for (uint32_t fd = STANDARD; fd < used; fd++) {
        if (number_of[fd] != 0) {
            rfn_internal("a constructor of the program opens descriptor %u before main(): open it from main() on", fd);
        }
    }
    return 1;
}

static void open_at(int fd, rfn_file *file, int flags)
{
    uint32_t i = 0;
    while (opens->open[i].uses > 0) {
        i++;
    }
    opens->used = i >= opens->used ? i + 1 : opens->used;
    opens->open[i] = (rfn_open){.file = file, .flags = flags, .uses = 1};
    file->readers += (flags & O_ACCMODE) != O_WRONLY;
    file->writers += (flags & O_ACCMODE) != O_RDONLY;
    number_of[fd] = (uint16_t)(i + 1);
    used = (uint32_t)fd >= used ? (uint32_t)fd + 1 : used;
}

/* The three that each program starts with. */
static void begin(void)
{
    rfn_file *first;
    if (used == 0) {
        used = STANDARD;
        first = rfn_file_new(RFN_INPUT, "stdin");
        first->bytes = (uint8_t *)(uintptr_t)input.bytes;
        first->size = input.size;
        first->on_disk = 1;
        open_at(0, first, O_RDONLY);
        open_at(1, rfn_file_new(RFN_OUTPUT, "stdout"), O_WRONLY);
        open_at(2, rfn_file_new(RFN_OUTPUT, "stderr"), O_WRONLY);
    }
}

/* Who looks only to know where it announces itself has looked at nothing yet. */
static rfn_open *announced(int fd)
{
    begin();
    return fd < 0 || fd >= DESCRIPTORS || number_of[fd] == 0 ? NULL : &opens->open[number_of[fd] - 1];
}

rfn_open *rfn_open_of(int fd)
{
    rfn_open *open = announced(fd);
    rfn_looked_at_files();
    if (open == NULL) {
        errno = EBADF;
    }
    return open;
}

const void *rfn_fd_object(int fd)
{
    const rfn_open *open = announced(fd);
    return open == NULL ? RFN_OBJECT(RFN_DIRECTORIES) : rfn_file_object(open->file);
}

int rfn_fd_with(const void *object)
{
    for (uint32_t fd = 0; fd < used; fd++) {
        const rfn_open *open = number_of[fd] == 0 ? NULL : &opens->open[number_of[fd] - 1];
        if (open != NULL && (open->flags & O_ACCMODE) != O_WRONLY && rfn_file_object(open->file) == object) {
            return (int)fd;
        }
    }
    return -1;
}

static int lowest(int from)
{
    begin();
    for (int fd = from; fd >= 0 && fd < DESCRIPTORS; fd++) {
        if (number_of[fd] == 0) {
            return fd;
        }
    }
    errno = EMFILE;
    return -1;
}

int rfn_fd_new(rfn_file *file, int flags, int from)
{
    int fd = lowest(from);
    if (fd >= 0) {
        open_at(fd, file, flags);
    }
    return fd;
}

static int share(int fd, int to)
{
    number_of[to] = number_of[fd];
    opens->open[number_of[fd] - 1].uses++;
    used = (uint32_t)to >= used ? (uint32_t)to + 1 : used;
    return to;
}

int rfn_fd_duplicate(int fd, int from)
{
    int to;
    if (rfn_open_of(fd) == NULL) {
        return -1;
    }
    to = lowest(from);
    return to < 0 ? -1 : share(fd, to);
}

int rfn_fd_replace(int fd, int to)
{
    if (rfn_open_of(fd) == NULL) {
        return -1;
    }
    if (to < 0 || to >= DESCRIPTORS) {
        errno = EBADF;
        return -1;
    }
    if (fd == to) {
        return to;
    }
    if (number_of[to] != 0) {
        rfn_fd_close(to);
    }
    return share(fd, to);
}

static void changed(const rfn_file *file)
{
    rfn_changed(rfn_file_object(file));
    rfn_polled_changed();
}

/* 1: nobody has it open any more. */
static int let_go(rfn_open *open)
{
    if (--open->uses > 0) {
        return 0;
    }
    open->file->readers -= (open->flags & O_ACCMODE) != O_WRONLY;
    open->file->writers -= open->to == NULL && (open->flags & O_ACCMODE) != O_RDONLY;
    if (open->to != NULL) {
        open->to->writers--;
    }
    rfn_file_locks_end(rfn_open_owns(open), NULL);
    return 1;
}

int rfn_fd_close(int fd)
{
    rfn_open *open = rfn_open_of(fd);
    if (open == NULL) {
        return -1;
    }
    number_of[fd] = 0;
    rfn_file_locks_end(rfn_process_owns(), open->file);
    if (let_go(open)) {
        if (open->to != NULL) {
            changed(open->to);
        }
        if (open->file->kind == RFN_PIPE) {
            changed(open->file); /* its end may be what somebody waits for */
        }
    }
    return 0;
}

/* -- children of fork */

void rfn_descriptors_inherited(void)
{
    begin();
    for (uint32_t fd = 0; fd < used; fd++) {
        if (number_of[fd] != 0) {
            opens->open[number_of[fd] - 1].uses++;
        }
    }
}

void rfn_descriptors_end(void)
{
    rfn_file_locks_end(rfn_process_owns(), NULL);
    for (uint32_t fd = 0; fd < used; fd++) {
        if (number_of[fd] != 0) {
            let_go(&opens->open[number_of[fd] - 1]);
            number_of[fd] = 0;
        }
    }
}

void rfn_descriptors_apart(void)
{
    rfn_hidden_apart(opens, sizeof *opens);
    rfn_file_locks_apart();
}

/* -- reading and writing */

/* A difference of unlike pointers: of no memory that a program has. */
static int is_too_much(size_t size)
{
    if (size > MOST_AT_ONCE) {
        errno = (ssize_t)size < 0 ? EINVAL : EFAULT;
    }
    return size > MOST_AT_ONCE;
}

ssize_t rfn_fd_write(int fd, const void *bytes, size_t size, uintptr_t site)
{
    rfn_open *open = rfn_open_of(fd);
    rfn_file *file;
    size_t put;
    if (open == NULL) {
        return -1;
    }
    file = open->to != NULL ? open->to : open->file;
    if ((open->flags & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        return -1;
    }
    if (rfn_current != NULL) {
        rfn_may_publish(rfn_current, (uintptr_t)bytes, size); /* a pipe may carry addresses */
    }
    switch (file->kind) {
    case RFN_NULL:
    case RFN_ZEROS:
    case RFN_RANDOM:
        return (ssize_t)size;
    case RFN_SECRETS:
    case RFN_FOLDER:
    case RFN_INTERESTS:
        errno = EINVAL;
        return -1;
    case RFN_EVENT:
        return rfn_event_put(file, bytes, size);
    case RFN_PIPE:
        return is_too_much(size) ? -1 : rfn_pipe_write(open, bytes, size, site);
    default:
        break;
    }
    if (size == 0) {
        return 0;
    }
    if (is_too_much(size)) {
        return -1;
    }
    if ((open->flags & O_APPEND) || file->kind != RFN_REGULAR) {
        open->offset = file->size;
    }
    put = rfn_file_put(file, bytes, size, open->offset);
    open->offset += put;
    return put == 0 ? -1 : (ssize_t)put;
}

ssize_t rfn_fd_read(int fd, void *bytes, size_t size, uintptr_t site)
{
    rfn_open *open = rfn_open_of(fd);
    size_t got;
    if (open == NULL || (open->flags & O_ACCMODE) == O_WRONLY) {
        errno = EBADF;
        return -1;
    }
    switch (open->file->kind) {
    case RFN_NULL:
        return 0;
    case RFN_SOCKET: /* who was connected to has nothing to say; who might connect or send does not */
        if (open->file->bound && !open->file->peer) {
            return rfn_await_outside(rfn_file_object(open->file), open->flags & O_NONBLOCK, site);
        }
        return 0;
    case RFN_EVENT:
        return rfn_event_take(open->file, bytes, size, open->flags & O_NONBLOCK, site);
    case RFN_INTERESTS:
        errno = EINVAL;
        return -1;
    case RFN_ZEROS:
        rfn_wrote(bytes, size);
        rfn_fill(bytes, 0, size);
        return (ssize_t)size;
    case RFN_RANDOM:
        rfn_chance(bytes, size);
        return (ssize_t)size;
    case RFN_FOLDER:
        errno = EISDIR;
        return -1;
    case RFN_SECRETS:
        errno = EINVAL;
        return -1;
    case RFN_PIPE:
        return rfn_pipe_read(open, bytes, size, site);
    default:
        break;
    }
    rfn_maps_write_back();
    got = rfn_file_get(open->file, bytes, size, open->offset);
    open->offset += got;
    return (ssize_t)got;
}

int rfn_await_outside(const void *object, int must_not_wait, uintptr_t site)
{
    if (must_not_wait) {
        errno = EAGAIN;
        return -1;
    }
    if (rfn_wait_interruptibly(&rfn_outside_comes, object, RF_WAIT, site, RFN_FOREVER) == RFN_CANCELLED) {
        rfn_cancellation_point(site);
    }
    errno = EINTR;
    return -1;
}

RFN_PART(RFN_ON_MODELS_FILES, descriptors, .begins = reset, .loaded = loaded, .reset = reset);
