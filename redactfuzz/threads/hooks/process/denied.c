#define _GNU_SOURCE
#include "process/denied.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "interpreter/interpose.h"
#include "process/confine.h"
#include "state/execution.h"

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

/* Whether what the thread does counts: before the crash, or with threads that nobody controls. */
static int counts(void) { return rfh_confine_wanted() && (rfh_me ? rfh_controlled() && rfh.phase <= RFH_EXPLORE : rfh_confine_everybody()); }

/* Landlock says EACCES. */
static void look(int failed, int folder, const char *path)
{
    int error = errno;
    if (failed && error == EACCES && counts() && path && is_ours_to_write(folder, path))
        rfh_confine_refused(1);
    errno = error;
}

static dev_t device_of(int folder, const char *path, int of_parent)
{
    char parent[PATH_MAX];
    struct stat status;
    const char *slash = strrchr(path, '/');
    if (of_parent) {
        snprintf(parent, sizeof parent, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
        path = parent;
    }
    return fstatat(folder, path, &status, of_parent ? 0 : AT_SYMLINK_NOFOLLOW) == 0 ? status.st_dev : 0;
}

/* It says EXDEV of what is moved or linked from one folder to another, as file systems do of two of them. */
static void look_between(int failed, int first, const char *from, int second, const char *to)
{
    int error = errno;
    if (failed && error == EXDEV && counts() && from && to && device_of(first, from, 0) == device_of(second, to, 1) && device_of(second, to, 1) != 0)
        rfh_confine_refused(1);
    errno = error;
    look(failed, first, from);
    look(failed, second, to);
}

/* And EPERM of a signal to somebody else, which the rights of processes would let through. */
static void look_at_process(int failed, pid_t process)
{
    int error = errno;
    char path[32];
    struct stat status;
    if (failed && error == EPERM && counts()) {
        snprintf(path, sizeof path, "/proc/%ld", (long)(process < 0 ? -process : process));
        if (geteuid() == 0 || process == -1 || (stat(path, &status) == 0 && status.st_uid == geteuid()))
            rfh_confine_refused(1);
    }
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

/* A function of libc, and how to look where it `failed`. */
#define WATCHED(kind, failure, name, parameters, arguments, look)                                                      \
    static kind name##_ parameters                                                                                     \
    {                                                                                                                  \
        kind given = name arguments;                                                                                   \
        int failed = given == (failure);                                                                               \
        look;                                                                                                          \
        return given;                                                                                                  \
    }
#define HERE look(failed, AT_FDCWD, path)
#define THERE look(failed, folder, path)
#define AS(mode) look(failed && strpbrk(mode, "wa+") != NULL, AT_FDCWD, path)

WATCHED(FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode), AS(mode))
WATCHED(FILE *, NULL, freopen, (const char *path, const char *mode, FILE *file), (path, mode, file), AS(mode))
WATCHED(int, -1, creat, (const char *path, mode_t mode), (path, mode), HERE)
WATCHED(int, -1, mkdir, (const char *path, mode_t mode), (path, mode), HERE)
WATCHED(int, -1, rmdir, (const char *path), (path), HERE)
WATCHED(int, -1, unlink, (const char *path), (path), HERE)
WATCHED(int, -1, remove, (const char *path), (path), HERE)
WATCHED(int, -1, truncate, (const char *path, off_t size), (path, size), HERE)
WATCHED(int, -1, mkfifo, (const char *path, mode_t mode), (path, mode), HERE)
WATCHED(int, -1, mknod, (const char *path, mode_t mode, dev_t device), (path, mode, device), HERE)
WATCHED(int, -1, symlink, (const char *to, const char *path), (to, path), HERE)
WATCHED(int, -1, mkstemp, (char *path), (path), HERE)
WATCHED(int, -1, mkostemp, (char *path, int flags), (path, flags), HERE)
WATCHED(int, -1, mkstemps, (char *path, int suffix), (path, suffix), HERE)
WATCHED(char *, NULL, mkdtemp, (char *path), (path), HERE)
WATCHED(int, -1, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode), THERE)
WATCHED(int, -1, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), THERE)
WATCHED(int, -1, symlinkat, (const char *to, int folder, const char *path), (to, folder, path), THERE)
WATCHED(int, -1, mkfifoat, (int folder, const char *path, mode_t mode), (folder, path, mode), THERE)
WATCHED(int, -1, mknodat, (int folder, const char *path, mode_t mode, dev_t device), (folder, path, mode, device), THERE)
WATCHED(int, -1, link, (const char *from, const char *to), (from, to), look_between(failed, AT_FDCWD, from, AT_FDCWD, to))
WATCHED(int, -1, rename, (const char *from, const char *to), (from, to), look_between(failed, AT_FDCWD, from, AT_FDCWD, to))
WATCHED(int, -1, linkat, (int first, const char *from, int second, const char *to, int flags),
        (first, from, second, to, flags), look_between(failed, first, from, second, to))
WATCHED(int, -1, renameat, (int first, const char *from, int second, const char *to), (first, from, second, to),
        look_between(failed, first, from, second, to))
WATCHED(int, -1, renameat2, (int first, const char *from, int second, const char *to, unsigned flags),
        (first, from, second, to, flags), look_between(failed, first, from, second, to))
WATCHED(int, -1, kill, (pid_t process, int number), (process, number), look_at_process(failed, process))
WATCHED(int, -1, killpg, (pid_t group, int number), (group, number), look_at_process(failed, -group))

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
    IMPORT(renameat2),
    IMPORT(creat),
    {"creat64", (void *)creat_, (void *)creat, NULL},
    IMPORT(mkstemp),
    {"mkstemp64", (void *)mkstemp_, (void *)mkstemp, NULL},
    IMPORT(mkostemp),
    {"mkostemp64", (void *)mkostemp_, (void *)mkostemp, NULL},
    IMPORT(mkstemps),
    IMPORT(mkdtemp),
    IMPORT(freopen),
    {"freopen64", (void *)freopen_, (void *)freopen, NULL},
    IMPORT(kill),
    IMPORT(killpg),
    IMPORT(bind),
    {NULL, NULL, NULL, NULL},
};

int rfh_denied_install(void)
{
    rfh_interpose(imports);
    return 0;
}

void rfh_denied_remove(void) {} /* they look away in threads that are not controlled */
