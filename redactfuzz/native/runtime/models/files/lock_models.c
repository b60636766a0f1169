/* flock, lockf, and what fcntl does with locks: file_locks.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "choices/event.h"
#include "memory/memory.h"
#include "models/files/file_locks.h"
#include "schedule/point.h"
#include "state/objects.h"

static const uint64_t END = UINT64_MAX;

/* Takes it or drops it: 0, or -1 and errno. `waits`: until it can be had. */
static int become(const rfn_file_lock *wanted, int type, int waits, uintptr_t site)
{
    if (type == F_UNLCK) {
        return rfn_file_lock_drop(wanted);
    }
    if (!waits && rfn_file_lock_against(wanted) != NULL) {
        errno = EAGAIN;
        return -1;
    }
    return rfn_file_lock_await(wanted, site);
}

int model_flock(int fd, int operation)
{
    const rfn_open *open;
    rfn_file_lock wanted;
    int type = operation & ~LOCK_NB;
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    open = rfn_open_of(fd);
    if (open == NULL) {
        return -1;
    }
    if (type != LOCK_SH && type != LOCK_EX && type != LOCK_UN) {
        errno = EINVAL;
        return -1;
    }
    wanted = (rfn_file_lock){open->file, rfn_open_owns(open), 0, END, RFN_WHOLE, type == LOCK_EX};
    if (type != LOCK_UN && rfn_file_lock_against(&wanted) != NULL) {
        rfn_file_lock_drop(&wanted); /* one of the other sort is given up before this one is there */
    }
    return become(&wanted, type == LOCK_UN ? F_UNLCK : F_WRLCK, !(operation & LOCK_NB), SITE());
}

/* 0: `from` and `to` are set; else errno. */
static int range_of(const rfn_open *open, const struct flock *range, rfn_file_lock *lock)
{
    int64_t base = range->l_whence == SEEK_CUR ? (int64_t)open->offset : range->l_whence == SEEK_END ? (int64_t)open->file->size : 0;
    int64_t from, length = range->l_len;
    if (range->l_whence != SEEK_SET && range->l_whence != SEEK_CUR && range->l_whence != SEEK_END) {
        return EINVAL;
    }
    if (__builtin_add_overflow(base, range->l_start, &from) || (length < 0 && __builtin_add_overflow(from, length, &from)) || from < 0) {
        return from < 0 ? EINVAL : EOVERFLOW;
    }
    lock->from = (uint64_t)from;
    lock->to = length == 0 ? END : (uint64_t)from + (uint64_t)(length < 0 ? -length : length);
    return 0;
}

static int is_allowed(const rfn_open *open, int type)
{
    int mode = open->flags & O_ACCMODE;
    return type == F_UNLCK || mode == O_RDWR || mode == (type == F_RDLCK ? O_RDONLY : O_WRONLY);
}

int rfn_lock_of_range(const rfn_open *open, int command, struct flock *range, uintptr_t site)
{
    int of_open = command == F_OFD_GETLK || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    int type = range->l_type, error;
    rfn_file_lock wanted = {open->file, of_open ? rfn_open_owns(open) : rfn_process_owns(), 0, END, RFN_RANGE, type == F_WRLCK};
    const rfn_file_lock *against;
    error = (type != F_RDLCK && type != F_WRLCK && type != F_UNLCK) || (of_open && range->l_pid != 0) ? EINVAL : range_of(open, range, &wanted);
    if (error != 0) {
        errno = error;
        return -1;
    }
    if (command != F_GETLK && command != F_OFD_GETLK) {
        if (!is_allowed(open, type)) {
            errno = EBADF;
            return -1;
        }
        return become(&wanted, type, command == F_SETLKW || command == F_OFD_SETLKW, site);
    }
    against = rfn_file_lock_against(&wanted);
    rfn_wrote(range, sizeof *range);
    range->l_type = F_UNLCK;
    if (against != NULL) {
        range->l_type = against->alone ? F_WRLCK : F_RDLCK;
        range->l_whence = SEEK_SET;
        range->l_start = (off_t)against->from;
        range->l_len = against->to == END ? 0 : (off_t)(against->to - against->from);
        range->l_pid = rfn_process_of(against);
    }
    return 0;
}

int model_lockf(int fd, int command, off_t length)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_len = length};
    const rfn_open *open;
    rfn_file_lock wanted;
    int error;
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    open = rfn_open_of(fd);
    if (open == NULL) {
        return -1;
    }
    wanted = (rfn_file_lock){open->file, rfn_process_owns(), 0, END, RFN_RANGE, 1};
    error = command != F_LOCK && command != F_TLOCK && command != F_ULOCK && command != F_TEST ? EINVAL
          : command != F_ULOCK && command != F_TEST && !is_allowed(open, F_WRLCK)             ? EBADF
                                                                                              : range_of(open, &range, &wanted);
    if (error != 0) {
        errno = error;
        return -1;
    }
    if (command == F_TEST) {
        errno = EACCES;
        return rfn_file_lock_against(&wanted) != NULL ? -1 : 0;
    }
    return become(&wanted, command == F_ULOCK ? F_UNLCK : F_WRLCK, command == F_LOCK, SITE());
}

