/* SimpleQueue, the one queue that is written in C. */
#ifndef RFH_QUEUES_H
#define RFH_QUEUES_H

int rfh_queues_install(void);
void rfh_queues_remove(void);

#endif
