/* Locks of files: of an open description (flock, F_OFD_SETLK), or of a process (F_SETLK, lockf). As of flock(2) and fcntl_locking(2):
 * flock knows nothing of the others, and the locks of a process are gone when it closes any descriptor of the file. A process
 * and its children of fork have one table. Not modelled: EDEADLK, two processes that wait for one another so are reported as a deadlock.
 */
#ifndef RFN_FILE_LOCKS_H
#define RFN_FILE_LOCKS_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/types.h>

#include "models/files/descriptors.h"

typedef enum rfn_lock_kind {
    RFN_WHOLE = 1, /* flock */
    RFN_RANGE,     /* fcntl */
} rfn_lock_kind;

typedef struct rfn_file_lock {
    const rfn_file *file;
    uintptr_t owner;   /* rfn_process_owns(), or rfn_open_owns() */
    uint64_t from, to; /* the byte behind the last */
    uint8_t kind;      /* rfn_lock_kind; 0: none */
    uint8_t alone;     /* nobody else may have one, of either sort */
} rfn_file_lock;

/* As rfn_store_apart. */
void rfn_file_locks_apart(void);
/* What stands for this process, and for an open description. */
uintptr_t rfn_process_owns(void);
uintptr_t rfn_open_owns(const rfn_open *open);
/* What F_GETLK gives: its process, or -1 for an open description. */
pid_t rfn_process_of(const rfn_file_lock *lock);
/* One of another owner that this one cannot be beside; NULL: there is none. */
const rfn_file_lock *rfn_file_lock_against(const rfn_file_lock *wanted);
/* There is one, or was, in this execution. */
int rfn_file_locks_any(void);
/* Takes it, in place of what its owner has there. -1: too many (errno). */
int rfn_file_lock_take(const rfn_file_lock *wanted);
/* What its owner has in this range is gone. -1: too many, where one is cut in two. */
int rfn_file_lock_drop(const rfn_file_lock *part);
/* All of an owner, on this file, or on any where it is NULL. */
void rfn_file_locks_end(uintptr_t owner, const rfn_file *file);
/* Waits until it can be had, and takes it. -1: errno, EINTR among others. */
int rfn_file_lock_await(const rfn_file_lock *wanted, uintptr_t site);
/* fcntl with F_SETLK and its kind. -1: errno. */
int rfn_lock_of_range(const rfn_open *open, int command, struct flock *range, uintptr_t site);

#endif
