/* File descriptors of the program. No events. */
#ifndef RFN_DESCRIPTORS_H
#define RFN_DESCRIPTORS_H

#include "memory/store.h"
#include "schedule/fiber.h"

/* What descriptors that were duplicated share. */
typedef struct rfn_open {
    rfn_file *file;
    size_t offset;
    int flags; /* of open() */
    uint32_t uses;
    rfn_file *to; /* of a pair of sockets: where what is written goes; NULL: to `file` */
} rfn_open;

/* NULL: EBADF. */
rfn_open *rfn_open_of(int fd);
/* The lowest free number, at least `from`. -1: errno. */
int rfn_fd_new(rfn_file *file, int flags, int from);
int rfn_fd_duplicate(int fd, int from);
/* Makes `to` the same as `fd`, whatever it was. */
int rfn_fd_replace(int fd, int to);
int rfn_fd_close(int fd);

/* open(), without its event. */
int rfn_fd_open(const char *path, int flags, mode_t mode, uintptr_t site);
/* write() and read(), without their events but with their waiting. -1: errno. `bytes` may be memory of ours. */
ssize_t rfn_fd_write(int fd, const void *bytes, size_t size, uintptr_t site);
ssize_t rfn_fd_read(int fd, void *bytes, size_t size, uintptr_t site);
/* The pipe that has this object, which is that of the file, has room for what is written as a whole, or nobody will ever read from it. */
int rfn_pipe_is_writable(const void *object);
/* Bytes that it holds at most, until F_SETPIPE_SZ says otherwise. */
size_t rfn_pipe_capacity(const rfn_file *file);
/* fcntl(F_SETPIPE_SZ). -1: errno. */
int rfn_pipe_resize(rfn_file *file, long size);
/* The same of pipes and pairs of sockets as rfn_fd_read and rfn_fd_write. */
ssize_t rfn_pipe_read(const rfn_open *open, void *bytes, size_t size, uintptr_t site);
ssize_t rfn_pipe_write(const rfn_open *open, const void *bytes, size_t size, uintptr_t site);
/* Before a fork: its child has what is open as well. */
void rfn_descriptors_inherited(void);
/* The process has ended, and with it what it has open. */
void rfn_descriptors_end(void);
/* As rfn_store_apart. */
void rfn_descriptors_apart(void);
/* A descriptor of a pair of sockets. */
int rfn_fd_pair(rfn_file *from, rfn_file *to, int flags);
/* Where its file stands at scheduling points. */
const void *rfn_fd_object(int fd);
/* The lowest number by which what stands there can be read; -1: none. */
int rfn_fd_with(const void *object);

/* Waits at `object` for what only the outside brings (rfn_outside_comes), as a cancellation point. -1, and errno: EINTR; EAGAIN where it must not wait. */
int rfn_await_outside(const void *object, int must_not_wait, uintptr_t site);

#endif
