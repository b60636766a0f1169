/* Locks of multiprocessing (SemLock): who holds one is known, as of a lock of threads. */
#ifndef RFH_SEMAPHORES_H
#define RFH_SEMAPHORES_H

int rfh_semaphores_install(void);
void rfh_semaphores_remove(void);

#endif
