/* What threads wait for in this execution: locks, queues, threads. Who holds each, and who waits for it.
 *
 * A table by address, emptied for each execution; what is freed leaves it, for the next one may lie at its address. What it
 * says of a holder is what the patched methods saw; whether a lock is free is always asked of the lock itself.
 */
#ifndef RFH_OBJECTS_H
#define RFH_OBJECTS_H

#include "state/execution.h"

enum {
    RFH_NOBODY = -1,
    RFH_FOREIGN = -2,  /* something uncontrolled: a thread from outside, or C code */
    RFH_SETTLING = -3, /* its thread has ended and releases it in a moment */
};

typedef struct rfh_held {
    void *object;
    uint32_t ordinal;
    int32_t owner;  /* number of a thread, or one of the above */
    PyObject *watch; /* a weak reference that tells when it has died (owned), or NULL: see touch/identity.c */
} rfh_held;

/* The entry of a lock, queue or handle, made at first sight. Valid until the next call. */
rfh_held *rfh_held_of(void *object);
/* `object` is freed. */
void rfh_objects_forget(void *object);
/* Before each execution: nothing has been seen yet. */
void rfh_objects_reset(void);
/* So many have a number. */
uint32_t rfh_objects_seen(void);
/* Number of first sight in this execution; 0 for NULL. */
uint32_t rfh_ordinal(void *object);
/* Locks that an ended thread took and did not release. */
void rfh_objects_of_ended(const rfh_thread *t);
/* What `t` waits for is there: it may try again. */
void rfh_go_on(rfh_thread *t);
/* Whether it has locks. */
int rfh_holds_any(const rfh_thread *t);
/* Whoever waits for `object` may try again. */
void rfh_signal(void *object);
/* `object` was taken by `t`: threads about to take it are blocked from now on. Gives whether there are any. */
int rfh_taken(rfh_thread *t, void *object);

#endif
