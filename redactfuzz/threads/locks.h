/* Locks by type: lock, RLock, the import lock. */
#ifndef RFH_LOCKS_H
#define RFH_LOCKS_H

#include <stdint.h>

static inline uint64_t rfh_of_seconds(double seconds) { return seconds > 9e9 ? (uint64_t)9e18 : (uint64_t)(seconds * 1e9); }

int rfh_locks_install(void);
void rfh_locks_remove(void);

#endif
