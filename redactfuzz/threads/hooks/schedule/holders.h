/* Who waits for whom, when nobody can go on: a deadlock. */
#ifndef RFH_HOLDERS_H
#define RFH_HOLDERS_H

#include "state/execution.h"

/* Keeps who waits for whom, for the report; rfh_deadlock_list gives it as a list of
 * (thread, ordinal of the object, holder: name, None where unknown, site). */
void rfh_note_deadlock(void);
PyObject *rfh_deadlock_list(void);
/* Nobody can go on, and somebody waits without limit for a lock whose holder is blocked or has ended: a deadlock of
 * the program, whatever the crash does about it. Waiting for a notification that may still come is none. */
int rfh_holders_are_stuck(void);
/* No thread of the scenario has ended or can go on, and what they wait for (a pipe, a file's lock, a semaphore) is not all the
 * same: each waits for what only another of them could give, unless the crash does. Asked again when that is over, of all `but` the one whose handler it was. */
int rfh_all_are_stuck(const rfh_thread *but);

#endif
