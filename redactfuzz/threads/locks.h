/* Locks by type: lock, RLock, SimpleQueue, the import lock. Who holds what, and who may go on. */
#ifndef RFH_LOCKS_H
#define RFH_LOCKS_H

#include "control.h"

int rfh_locks_install(void);
void rfh_locks_remove(void);
/* Before each execution: nothing has been seen yet. */
void rfh_locks_reset(void);
/* Number of first sight of a lock, queue or handle in this execution; 0 for NULL. */
uint32_t rfh_ordinal(void *object);
/* Locks that an ended thread took and did not release. */
void rfh_locks_of_ended(const rfh_thread *t);
/* Keeps who waits for whom, for the report; rfh_deadlock_list gives it as a list of
 * (thread, ordinal of the object, holder: name, None where unknown). */
void rfh_note_deadlock(void);
PyObject *rfh_deadlock_list(void);
/* Nobody can go on, and somebody waits without limit for a lock whose holder is blocked or has ended: a deadlock of
 * the program, whatever the crash does about it. Waiting for a notification that may still come is none. */
int rfh_holders_are_stuck(void);

#endif
