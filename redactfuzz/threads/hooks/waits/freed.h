/* Locks, queues and handles of threads that are freed: whatever lies at their address next is another one. */
#ifndef RFH_FREED_H
#define RFH_FREED_H

int rfh_freed_install(void);
void rfh_freed_remove(void);

#endif
