/* open: regular files, and those that are none. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "memory/copy.h"
#include "models/files/descriptors.h"
#include "state/outcome.h"

static const struct {
    const char *path;
    rfn_file_kind kind;
} devices[] = {
    {"/dev/null", RFN_NULL}, {"/dev/zero", RFN_ZEROS}, {"/dev/urandom", RFN_RANDOM}, {"/dev/random", RFN_RANDOM},
};

static const char *const streams[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};

static int open_device(const char *path, int flags)
{
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        if (rfn_text_same(path, devices[i].path)) {
            rfn_file *file = rfn_file_new(devices[i].kind, path);
            return file == NULL ? -1 : rfn_fd_new(file, flags, 0);
        }
    }
    for (int fd = 0; fd < (int)(sizeof streams / sizeof *streams); fd++) {
        if (rfn_text_same(path, streams[fd])) {
            return rfn_fd_duplicate(fd, 0);
        }
    }
    errno = ENXIO;
    return -1;
}

static int begins(const char *path, const char *with)
{
    while (*with != 0 && *path == *with) {
        path++;
        with++;
    }
    return *with == 0;
}

static int open_file(const char *path, int flags, mode_t mode)
{
    int writes = (flags & O_ACCMODE) != O_RDONLY;
    rfn_file *file = rfn_file_named(path);
    if (file == NULL) {
        if (errno != ENOENT || !(flags & O_CREAT)) {
            return -1;
        }
        if (!rfn_has_folder(path)) {
            errno = ENOENT;
            return -1;
        }
        file = rfn_file_new(RFN_REGULAR, path);
        if (file == NULL) {
            return -1;
        }
        file->mode = (mode_t)(file->mode & ~(mode_t)0777) | (mode & 0777 & ~(mode_t)022);
        file->exists = 1;
        file->written = RFN_WRITTEN_HERE;
    } else if ((flags & O_CREAT) && (flags & O_EXCL)) {
        errno = EEXIST;
        return -1;
    } else if (file->kind == RFN_FOLDER && writes) {
        errno = EISDIR;
        return -1;
    } else if (file->kind != RFN_FOLDER && (flags & O_DIRECTORY)) {
        errno = ENOTDIR;
        return -1;
    }
    if ((flags & O_TRUNC) && writes && rfn_file_resize(file, 0) != 0) {
        return -1;
    }
    return rfn_fd_new(file, flags, 0);
}

int rfn_fd_open(const char *path, int flags, mode_t mode, uintptr_t site)
{
    rfn_open_of(0); /* stdin, stdout and stderr were there before */
    if (begins(path, "/dev/") && !begins(path, "/dev/shm/")) {
        return open_device(path, flags);
    }
    if (begins(path, "/proc/") || begins(path, "/sys/")) {
        /* What lies there is about the driver, not about the program. */
        rfn_problem(RFN_PROBLEM_REFUSED, site, "the program opens a file of the kernel below %s, which is not there",
                    begins(path, "/proc/") ? "/proc" : "/sys");
        errno = ENOENT;
        return -1;
    }
    return open_file(path, flags, mode);
}
