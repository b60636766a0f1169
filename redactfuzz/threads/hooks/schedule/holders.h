/* Who holds which lock in this execution, and who waits for whom.
 *
 * A table by address, emptied for each execution; what is freed leaves it, for the next one may lie at its address. What it
 * says of a holder is what the patched methods saw; whether a lock is free is always asked of the lock itself.
 */
#ifndef RFH_HOLDERS_H
#define RFH_HOLDERS_H

#include "state/control.h"

enum {
    RFH_NOBODY = -1,
    RFH_FOREIGN = -2,  /* something uncontrolled: a thread from outside, or C code */
    RFH_SETTLING = -3, /* its thread has ended and releases it in a moment */
};

typedef struct rfh_held {
    void *object;
    uint32_t ordinal;
    int32_t owner;  /* number of a thread, or one of the above */
} rfh_held;

/* The entry of a lock, queue or handle, made at first sight. Valid until the next call. */
rfh_held *rfh_held_of(void *object);
/* `object` is freed. */
void rfh_holders_forget(void *object);
/* Before each execution: nothing has been seen yet. */
void rfh_holders_reset(void);
/* Number of first sight in this execution; 0 for NULL. */
uint32_t rfh_ordinal(void *object);
/* Locks that an ended thread took and did not release. */
void rfh_holders_of_ended(const rfh_thread *t);
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
