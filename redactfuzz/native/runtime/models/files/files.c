/* open, read, write, close and their family, on descriptors; names are in names.c, streams in models/streams. */
#include "models/files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "choices/event.h"
#include "mappings/maps.h"
#include "memory/copy.h"
#include "memory/touched.h"
#include "models/files/alone.h"
#include "models/files/descriptors.h"
#include "models/strings/bytes.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "state/objects.h"
#include "state/outcome.h"
#include "state/self.h"

int rfn_is_path(const char *name)
{
    static const char *const streams[] = {"stdout", "stderr", "pipe"};
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        if (rfn_text_same(name, streams[i])) {
            return 0;
        }
    }
    return 1;
}

void rfn_files_visit(rfn_file_visitor *visit, void *context)
{
    int written = rfn_is_twin() ? RFN_WRITTEN_HERE : RFN_WRITTEN;
    rfn_maps_write_back();
    if (rfn_child() && !rfn_is_twin()) {
        return; /* they are searched when the process that has started ends */
    }
    for (uint32_t i = 0; i < rfn_file_count(); i++) {
        const rfn_file *file = rfn_file_number(i);
        if ((file->written & written) != written) {
            continue;
        }
        switch (file->kind) {
        case RFN_REGULAR:
        case RFN_FOLDER:
            if (file->exists) {
                visit(file->name, file->bytes, file->size, context);
            }
            break;
        case RFN_OUTPUT:
            if (file->size > 0) {
                visit(file->name, file->bytes, file->size, context);
            }
            break;
        case RFN_SOCKET:
            if (file->size > 0) {
                visit("pipe", file->bytes, file->size, context);
            }
            break;
        default:
            break;
        }
    }
}

/* -- what the program calls. An access of a file is one event on it, and one on the bytes in memory. */

static void at_write(int fd, const void *bytes, size_t size, uintptr_t site)
{
    rfn_cancellation_point(site);
    rfn_at_read(bytes, size, site);
    if (rfn_at_file(fd, site)) {
        rfn_touched(RF_READ, bytes, size);
    }
}

static void at_read(int fd, void *bytes, size_t size, uintptr_t site)
{
    rfn_cancellation_point(site);
    rfn_at_bytes(RF_WRITE, bytes, size, site);
    rfn_at(RF_RMW, rfn_fd_object(fd), site);
}

ssize_t model_write(int fd, const void *bytes, size_t size)
{
    at_write(fd, bytes, size, SITE());
    return rfn_fd_write(fd, bytes, size, SITE());
}

ssize_t model_read(int fd, void *bytes, size_t size)
{
    at_read(fd, bytes, size, SITE());
    return rfn_fd_read(fd, bytes, size, SITE());
}

ssize_t model___read_chk(int fd, void *bytes, size_t size, size_t room)
{
    (void)room;
    at_read(fd, bytes, size, SITE());
    return rfn_fd_read(fd, bytes, size, SITE());
}

/* At a place of its own, which the descriptor does not notice. */
static ssize_t displaced(int fd, off_t offset, void *to, const void *from, size_t size, uintptr_t site)
{
    rfn_open *open = rfn_open_of(fd);
    size_t before;
    ssize_t done;
    int flags;
    if (open == NULL) {
        return -1;
    }
    if (offset < 0 || open->file->kind != RFN_REGULAR) {
        errno = offset < 0 ? EINVAL : ESPIPE;
        return -1;
    }
    before = open->offset;
    flags = open->flags;
    open->offset = (size_t)offset;
    open->flags &= ~O_APPEND;
    done = to != NULL ? rfn_fd_read(fd, to, size, site) : rfn_fd_write(fd, from, size, site);
    open->offset = before;
    open->flags = flags;
    return done;
}

ssize_t model_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    at_write(fd, bytes, size, SITE());
    return displaced(fd, offset, NULL, bytes, size, SITE());
}

ssize_t model_pread(int fd, void *bytes, size_t size, off_t offset)
{
    at_read(fd, bytes, size, SITE());
    return displaced(fd, offset, bytes, NULL, size, SITE());
}

ssize_t model_writev(int fd, const struct iovec *parts, int count)
{
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        rfn_at_read(parts[i].iov_base, parts[i].iov_len, SITE());
    }
    at_write(fd, parts, (size_t)count * sizeof *parts, SITE());
    for (int i = 0; i < count; i++) {
        ssize_t done;
        rfn_touched(RF_READ, parts[i].iov_base, parts[i].iov_len);
        done = rfn_fd_write(fd, parts[i].iov_base, parts[i].iov_len, SITE());
        if (done < 0) {
            return all > 0 ? all : -1;
        }
        all += done;
        if ((size_t)done < parts[i].iov_len) {
            break; /* a pipe is full */
        }
    }
    return all;
}

ssize_t model_readv(int fd, const struct iovec *parts, int count)
{
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        ssize_t done;
        at_read(fd, parts[i].iov_base, parts[i].iov_len, SITE());
        done = rfn_fd_read(fd, parts[i].iov_base, parts[i].iov_len, SITE());
        if (done < 0) {
            return all > 0 ? all : -1;
        }
        all += done;
        if ((size_t)done < parts[i].iov_len) {
            break;
        }
    }
    return all;
}

static int opened(const char *path, int flags, mode_t mode, uintptr_t site)
{
    rfn_cancellation_point(site);
    rfn_at_files(site);
    rfn_touched_name(path);
    return rfn_fd_open(path, flags, mode, site);
}

static int opened_at(int folder, const char *path, int flags, mode_t mode, uintptr_t site)
{
    if (folder != AT_FDCWD && path[0] != '/') {
        rfn_problem(RFN_PROBLEM_INCOMPLETE, site, "opens a file relative to a folder's descriptor");
        errno = ENOENT;
        return -1;
    }
    return opened(path, flags, mode, site);
}

/* The mode is there only for those that create; then it is an argument like any other. */
int model_open(const char *path, int flags, mode_t mode) { return opened(path, flags, mode, SITE()); }
int model___open_2(const char *path, int flags) { return opened(path, flags, 0, SITE()); }
int model___open64_2(const char *path, int flags) { return opened(path, flags, 0, SITE()); }
int model_creat(const char *path, mode_t mode) { return opened(path, O_CREAT | O_WRONLY | O_TRUNC, mode, SITE()); }
int model_openat(int folder, const char *path, int flags, mode_t mode)
{
    return opened_at(folder, path, flags, mode, SITE());
}
int model_close(int fd)
{
    rfn_cancellation_point(SITE());
    rfn_at_file(fd, SITE());
    return rfn_fd_close(fd);
}

int model_dup(int fd)
{
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    return rfn_fd_duplicate(fd, 0);
}

int model_dup2(int fd, int to)
{
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    return rfn_fd_replace(fd, to);
}

int model_dup3(int fd, int to, int flags)
{
    (void)flags;
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    if (fd == to) {
        errno = EINVAL;
        return -1;
    }
    return rfn_fd_replace(fd, to);
}

off_t model_lseek(int fd, off_t offset, int whence)
{
    rfn_open *open;
    off_t from;
    rfn_at_file(fd, SITE());
    open = rfn_open_of(fd);
    if (open == NULL) {
        return -1;
    }
    if (open->file->kind != RFN_REGULAR) {
        errno = ESPIPE;
        return -1;
    }
    from = whence == SEEK_SET ? 0 : (off_t)(whence == SEEK_CUR ? open->offset : open->file->size);
    if (whence < SEEK_SET || whence > SEEK_END || from + offset < 0) {
        errno = EINVAL;
        return -1;
    }
    open->offset = (size_t)(from + offset);
    return from + offset;
}

int model_ftruncate(int fd, off_t size)
{
    rfn_open *open;
    rfn_at_file(fd, SITE());
    open = rfn_open_of(fd);
    if (open == NULL) {
        return -1;
    }
    if (size < 0 || (open->flags & O_ACCMODE) == O_RDONLY ||
        (open->file->kind != RFN_REGULAR && open->file->kind != RFN_SECRETS)) {
        errno = EINVAL;
        return -1;
    }
    if (open->file->kind == RFN_SECRETS) {
        open->file->size = (size_t)size; /* it has pages, and bytes nowhere else */
        return 0;
    }
    return rfn_file_resize(open->file, (size_t)size);
}

int model_fallocate(int fd, int mode, off_t offset, off_t size)
{
    rfn_open *open;
    rfn_at_file(fd, SITE());
    open = rfn_open_of(fd);
    if (open == NULL) {
        return -1;
    }
    if (mode != 0 || open->file->kind != RFN_REGULAR) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (size_t)(offset + size) > open->file->size ? rfn_file_resize(open->file, (size_t)(offset + size)) : 0;
}

int model_posix_fallocate(int fd, off_t offset, off_t size)
{
    rfn_open *open;
    rfn_at_file(fd, SITE());
    open = rfn_open_of(fd);
    if (open == NULL || open->file->kind != RFN_REGULAR) {
        return open == NULL ? EBADF : ENODEV;
    }
    return (size_t)(offset + size) > open->file->size && rfn_file_resize(open->file, (size_t)(offset + size)) != 0 ? ENOSPC : 0;
}

/* What is written is there: nothing can be lost. */
static int synchronised(int fd, uintptr_t site)
{
    rfn_cancellation_point(site);
    rfn_at_file(fd, site);
    return rfn_open_of(fd) == NULL ? -1 : 0;
}

int model_fsync(int fd) { return synchronised(fd, SITE()); }
/* Advice, which changes nothing. */
static int is_open(int fd, uintptr_t site)
{
    rfn_at_file(fd, site);
    return rfn_open_of(fd) != NULL;
}
int model_posix_fadvise(int fd) { return is_open(fd, SITE()) ? 0 : EBADF; }
ssize_t model_readahead(int fd) { return is_open(fd, SITE()) ? 0 : -1; }
int model_sync_file_range(int fd) { return synchronised(fd, SITE()); }
void model_sync(void) { rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), SITE()); }

/* The names of the time when files were small. */
