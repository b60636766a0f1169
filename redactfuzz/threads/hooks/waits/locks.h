/* Locks by type: lock and RLock. */
#ifndef RFH_LOCKS_H
#define RFH_LOCKS_H

#include <stdint.h>

#include "state/execution.h"

static inline uint64_t rfh_of_seconds(double seconds) { return seconds > 9e9 ? (uint64_t)9e18 : (uint64_t)(seconds * 1e9); }

/* It is free, and whoever waits for it may go on. `t`: the thread that had it; NULL: one that is not controlled. */
void rfh_lock_released(rfh_thread *t, void *self);

int rfh_locks_install(void);
void rfh_locks_remove(void);

#endif
