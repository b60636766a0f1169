/* A copy of this process as it is at this instant: for a dumper to read, or dying at once so that the kernel dumps it.
 *
 * Linux. No at-fork handler runs (they would change the memory that is dumped, and wait for locks of stopped threads):
 * the copy is made by the system call itself. */
#ifndef RF_SNAPSHOT_H
#define RF_SNAPSHOT_H

#include <stddef.h>

/* The child goes into the directory `folder` (an open descriptor), raises its core limit to the hard limit, and
 * dies by SIGABRT under its default action. Returns its pid, or -errno. */
int rf_snapshot_dead(int folder);
/* The child asks to be traced by the calling thread and stops. Returns its pid, or -errno. */
int rf_snapshot_stopped(void);
/* Copies a register set (an NT_ number) of a child stopped by the call above, or of a thread that is held; the caller must be
 * the same thread. Returns the bytes written into `out` (which has room for `size`), or -errno. */
int rf_snapshot_registers(int pid, int kind, void *out, size_t size);
/* Stops another thread of such a child, and lets go of it, which must be done before the child can end. Return 0, or -errno. */
int rf_snapshot_hold(int thread);
int rf_snapshot_release(int thread);

#endif
