#define _GNU_SOURCE
#include "denied.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "interpose.h"

/* Whether the rights of files would let `path` be written, or made: Landlock is not asked by faccessat. */
static int is_ours_to_write(int folder, const char *path)
{
    char parent[PATH_MAX];
    const char *slash;
    if (faccessat(folder, path, W_OK, AT_EACCESS) == 0)
        return 1;
    if (errno != ENOENT || strlen(path) >= sizeof parent)
        return 0;
    slash = strrchr(path, '/');
    snprintf(parent, sizeof parent, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    return faccessat(folder, parent, W_OK, AT_EACCESS) == 0;
}

/* Landlock says EACCES, and EXDEV of a move to another folder. */
static void look(int failed, int folder, const char *path)
{
    int error = errno;
    if (failed && (error == EACCES || error == EXDEV) && rfh_controlled() && rfh.phase <= RFH_EXPLORE && path
        && is_ours_to_write(folder, path))
        rfh.denied = 1;
    errno = error;
}

static int writes(int flags) { return (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != 0; }

static int open_at(int folder, const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int fd = openat(folder, path, flags, mode);
    look(fd < 0 && writes(flags), folder, path);
    return fd;
}

static int open_(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int fd = open(path, flags, mode);
    look(fd < 0 && writes(flags), AT_FDCWD, path);
    return fd;
}

static FILE *fopen_(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    look(file == NULL && strpbrk(mode, "wa+") != NULL, AT_FDCWD, path);
    return file;
}

/* A call that takes one path. */
#define ONE_PATH(name, parameters, arguments)                                                                          \
    static int name##_ parameters                                                                                      \
    {                                                                                                                  \
        int status = name arguments;                                                                                   \
        look(status != 0, AT_FDCWD, path);                                                                             \
        return status;                                                                                                 \
    }

/* One whose path starts from a folder. */
#define ONE_AT(name, parameters, arguments)                                                                            \
    static int name##_ parameters                                                                                      \
    {                                                                                                                  \
        int status = name arguments;                                                                                   \
        look(status != 0, folder, path);                                                                               \
        return status;                                                                                                 \
    }

ONE_PATH(mkdir, (const char *path, mode_t mode), (path, mode))
ONE_PATH(rmdir, (const char *path), (path))
ONE_PATH(unlink, (const char *path), (path))
ONE_PATH(remove, (const char *path), (path))
ONE_PATH(truncate, (const char *path, off_t size), (path, size))
ONE_PATH(mkfifo, (const char *path, mode_t mode), (path, mode))
ONE_PATH(mknod, (const char *path, mode_t mode, dev_t device), (path, mode, device))
ONE_PATH(symlink, (const char *to, const char *path), (to, path))
ONE_PATH(link, (const char *from, const char *path), (from, path))
ONE_AT(mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
ONE_AT(unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
ONE_AT(symlinkat, (const char *to, int folder, const char *path), (to, folder, path))
ONE_AT(mkfifoat, (int folder, const char *path, mode_t mode), (folder, path, mode))
ONE_AT(mknodat, (int folder, const char *path, mode_t mode, dev_t device), (folder, path, mode, device))

static int linkat_(int from, const char *old, int folder, const char *path, int flags)
{
    int status = linkat(from, old, folder, path, flags);
    look(status != 0, folder, path);
    return status;
}

static int rename_(const char *from, const char *to)
{
    int status = rename(from, to);
    look(status != 0, AT_FDCWD, from);
    look(status != 0, AT_FDCWD, to);
    return status;
}

static int renameat_(int first, const char *from, int second, const char *to)
{
    int status = renameat(first, from, second, to);
    look(status != 0, first, from);
    look(status != 0, second, to);
    return status;
}

static int bind_(int fd, const struct sockaddr *address, socklen_t size)
{
    int status = bind(fd, address, size);
    const struct sockaddr_un *local = (const struct sockaddr_un *)address;
    char path[sizeof local->sun_path + 1] = "";
    if (status != 0 && address && address->sa_family == AF_UNIX && size > offsetof(struct sockaddr_un, sun_path)) {
        int saved = errno;
        snprintf(path, sizeof path, "%.*s", (int)(size - offsetof(struct sockaddr_un, sun_path)), local->sun_path);
        errno = saved;
        look(path[0] != 0, AT_FDCWD, path);
    }
    return status;
}

#define IMPORT(name) {#name, (void *)name##_, (void *)name, NULL}

static const rfh_import imports[] = {
    {"open", (void *)open_, (void *)open, NULL},
    {"open64", (void *)open_, (void *)open, NULL},
    {"openat", (void *)open_at, (void *)openat, NULL},
    {"openat64", (void *)open_at, (void *)openat, NULL},
    {"fopen64", (void *)fopen_, (void *)fopen, NULL},
    {"truncate64", (void *)truncate_, (void *)truncate, NULL},
    IMPORT(fopen),
    IMPORT(mkdir),
    IMPORT(rmdir),
    IMPORT(unlink),
    IMPORT(remove),
    IMPORT(truncate),
    IMPORT(mkfifo),
    IMPORT(mknod),
    IMPORT(symlink),
    IMPORT(link),
    IMPORT(mkdirat),
    IMPORT(unlinkat),
    IMPORT(symlinkat),
    IMPORT(mkfifoat),
    IMPORT(mknodat),
    IMPORT(linkat),
    IMPORT(rename),
    IMPORT(renameat),
    IMPORT(bind),
    {NULL, NULL, NULL, NULL},
};

int rfh_denied_install(void)
{
    rfh_interpose(imports);
    return 0;
}

void rfh_denied_remove(void) {} /* they look away in threads that are not controlled */
