/* Locks by type: lock, RLock, SimpleQueue, the import lock. */
#ifndef RFH_LOCKS_H
#define RFH_LOCKS_H

int rfh_locks_install(void);
void rfh_locks_remove(void);

#endif
