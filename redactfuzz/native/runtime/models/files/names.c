/* Names of files: rename, unlink, stat, access, folders. One event each, on the tree of names. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "models/files/alone.h"
#include "models/files/descriptors.h"
#include "schedule/point.h"
#include "state/objects.h"
#include "state/outcome.h"

static void at_names(const char *path, uintptr_t site)
{
    rfn_at_files(site);
    rfn_touched_name(path);
}

/* A path that hangs on a folder's descriptor is not followed. */
static int is_plain(int folder, const char *path, uintptr_t site)
{
    if (folder == AT_FDCWD || path[0] == '/') {
        return 1;
    }
    rfn_problem(RFN_PROBLEM_INCOMPLETE, site, "names a file relative to a folder's descriptor");
    errno = ENOENT;
    return 0;
}

static int renamed(const char *from, const char *to, uintptr_t site)
{
    rfn_file *file;
    at_names(from, site);
    rfn_touched_name(to);
    file = rfn_file_named(from);
    if (file == NULL) {
        return -1;
    }
    if (!rfn_has_folder(to)) {
        errno = ENOENT;
        return -1;
    }
    rfn_file_rename(file, to);
    return 0;
}

static int unlinked(const char *path, int folder, uintptr_t site)
{
    rfn_file *file;
    at_names(path, site);
    file = rfn_file_named(path);
    if (file == NULL) {
        return -1;
    }
    if ((file->kind == RFN_FOLDER) != folder) {
        errno = folder ? ENOTDIR : EISDIR;
        return -1;
    }
    rfn_file_forget(file);
    return 0;
}

int model_rename(const char *from, const char *to) { return renamed(from, to, SITE()); }

int model_renameat(int one, const char *from, int other, const char *to)
{
    return is_plain(one, from, SITE()) && is_plain(other, to, SITE()) ? renamed(from, to, SITE()) : -1;
}

int model_renameat2(int one, const char *from, int other, const char *to, unsigned flags)
{
    if (flags & RENAME_EXCHANGE) {
        errno = EINVAL;
        return -1;
    }
    if ((flags & RENAME_NOREPLACE) && rfn_file_named(to) != NULL) {
        errno = EEXIST;
        return -1;
    }
    return is_plain(one, from, SITE()) && is_plain(other, to, SITE()) ? renamed(from, to, SITE()) : -1;
}

int model_unlink(const char *path) { return unlinked(path, 0, SITE()); }
int model_rmdir(const char *path) { return unlinked(path, 1, SITE()); }

int model_unlinkat(int folder, const char *path, int flags)
{
    return is_plain(folder, path, SITE()) ? unlinked(path, (flags & AT_REMOVEDIR) != 0, SITE()) : -1;
}

int model_remove(const char *path)
{
    const rfn_file *file = rfn_file_named(path);
    return unlinked(path, file != NULL && file->kind == RFN_FOLDER, SITE());
}

static int made_folder(const char *path, mode_t mode, uintptr_t site)
{
    rfn_file *folder;
    at_names(path, site);
    if (rfn_file_named(path) != NULL) {
        errno = EEXIST;
        return -1;
    }
    if (!rfn_has_folder(path)) {
        errno = ENOENT;
        return -1;
    }
    folder = rfn_file_new(RFN_FOLDER, path);
    if (folder == NULL) {
        return -1;
    }
    folder->mode = S_IFDIR | (mode & 0777 & ~(mode_t)022);
    folder->exists = 1;
    folder->written = RFN_WRITTEN_HERE;
    return 0;
}

int model_mkdir(const char *path, mode_t mode) { return made_folder(path, mode, SITE()); }

int model_truncate(const char *path, off_t size)
{
    rfn_file *file;
    at_names(path, SITE());
    file = rfn_file_named(path);
    if (file == NULL) {
        return -1;
    }
    if (size < 0 || file->kind != RFN_REGULAR) {
        errno = EINVAL;
        return -1;
    }
    return rfn_file_resize(file, (size_t)size);
}

/* -- what is known about them */

static int give_state(const rfn_file *file, struct stat *state)
{
    if (file == NULL) {
        return -1;
    }
    rfn_wrote(state, sizeof *state);
    rfn_fill(state, 0, sizeof *state);
    state->st_mode = file->mode;
    state->st_ino = file->number + 1;
    state->st_nlink = file->exists || file->kind != RFN_REGULAR;
    state->st_size = file->kind == RFN_PIPE || file->kind == RFN_OUTPUT ? 0 : (off_t)file->size;
    state->st_blksize = RFN_PAGE;
    state->st_blocks = (state->st_size + 511) / 512;
    state->st_uid = getuid();
    state->st_gid = getgid();
    return 0;
}

int model_stat(const char *path, struct stat *state)
{
    at_names(path, SITE());
    return give_state(rfn_file_named(path), state);
}

/* No symbolic links are made here, those on disk are followed. */
int model_lstat(const char *path, struct stat *state)
{
    at_names(path, SITE());
    return give_state(rfn_file_named(path), state);
}

int model_fstat(int fd, struct stat *state)
{
    const rfn_open *open;
    rfn_at_file(fd, SITE());
    open = rfn_open_of(fd);
    return open == NULL ? -1 : give_state(open->file, state);
}

int model_fstatat(int folder, const char *path, struct stat *state, int flags)
{
    at_names(path, SITE());
    if ((flags & AT_EMPTY_PATH) && path[0] == 0) {
        const rfn_open *open = rfn_open_of(folder);
        return open == NULL ? -1 : give_state(open->file, state);
    }
    return is_plain(folder, path, SITE()) ? give_state(rfn_file_named(path), state) : -1;
}

static int accessible(const char *path, int mode, uintptr_t site)
{
    const rfn_file *file;
    at_names(path, site);
    file = rfn_file_named(path);
    if (file == NULL) {
        return -1;
    }
    if ((mode & X_OK) && !(file->mode & 0111)) {
        errno = EACCES;
        return -1;
    }
    return 0;
}

int model_access(const char *path, int mode) { return accessible(path, mode, SITE()); }

int model_faccessat(int folder, const char *path, int mode, int flags)
{
    (void)flags;
    return is_plain(folder, path, SITE()) ? accessible(path, mode, SITE()) : -1;
}

/* Modes are remembered, and not enforced. */
int model_chmod(const char *path, mode_t mode)
{
    rfn_file *file;
    at_names(path, SITE());
    file = rfn_file_named(path);
    if (file == NULL) {
        return -1;
    }
    file->mode = (file->mode & S_IFMT) | (mode & 07777);
    return 0;
}

int model_fchmod(int fd, mode_t mode)
{
    const rfn_open *open;
    rfn_at_file(fd, SITE());
    open = rfn_open_of(fd);
    if (open == NULL) {
        return -1;
    }
    open->file->mode = (open->file->mode & S_IFMT) | (mode & 07777);
    return 0;
}

mode_t model_umask(mode_t mask)
{
    (void)mask;
    return 022;
}

/* "prefixXXXXXX": the first number whose name is free. 0: there is none. */
static int find_free(char *pattern, size_t after, uintptr_t site)
{
    size_t length;
    char *end;
    at_names(pattern, site);
    length = rfn_text_length(pattern);
    end = pattern + length - after - 6;
    if (length < after + 6 || !(end[0] == 'X' && end[1] == 'X' && end[2] == 'X' && end[3] == 'X' && end[4] == 'X' && end[5] == 'X')) {
        errno = EINVAL;
        return 0;
    }
    rfn_wrote(end, 6);
    for (uint32_t number = 1; number < 100000; number++) {
        uint32_t left = number;
        for (int digit = 5; digit >= 0; digit--, left /= 10) {
            end[digit] = (char)('0' + left % 10);
        }
        if (rfn_file_named(pattern) == NULL) {
            return 1;
        }
    }
    errno = EEXIST;
    return 0;
}

static int temporary(char *pattern, size_t after, int flags, uintptr_t site)
{
    return find_free(pattern, after, site) ? rfn_fd_open(pattern, flags | O_CREAT | O_EXCL | O_RDWR, 0600, site) : -1;
}

char *model_mkdtemp(char *pattern)
{
    return find_free(pattern, 0, SITE()) && made_folder(pattern, 0700, SITE()) == 0 ? pattern : NULL;
}

int model_mkstemp(char *pattern) { return temporary(pattern, 0, 0, SITE()); }
int model_mkostemp(char *pattern, int flags) { return temporary(pattern, 0, flags, SITE()); }
int model_mkstemps(char *pattern, int after) { return temporary(pattern, (size_t)after, 0, SITE()); }

