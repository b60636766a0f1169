/* Waiting for what can only be looked at: whether a descriptor is ready. Whoever waits looks again when anything has moved. */
#ifndef RFH_LOOKS_H
#define RFH_LOOKS_H

#include "state/control.h"
#include "waits/descriptors.h"

typedef struct rfh_look {
    int (*ready)(void *what);       /* what it waits for is there */
    rfh_reach (*reach)(void *what); /* who could bring it */
    void *what;
    void *object;                   /* which one it is, the same for all that wait for the same; NULL: only this thread does */
} rfh_look;

/* Can the running thread hand over here, in C code that has given up the interpreter lock? */
int rfh_may_hand_over(void);
/* The running thread waits, and others have their turn: 1 when it is there, 0 when the time is over, -1 with an exception
 * set. The interpreter lock is held. `look` NULL: it sleeps. */
int rfh_look_until(const rfh_look *look, uint64_t timeout_ns, int timed);
/* The same without the interpreter lock; -1: it must not wait on, and errno is set. */
int rfh_look_outside(const rfh_look *look, uint64_t timeout_ns, int timed);
/* Something was read, written, closed or sent, or C code ran that could have done so. */
void rfh_moved(void);
/* Whoever finds what it looks for may go on. */
void rfh_look_again(void);
/* Nobody can go on. Did somebody outside bring what a thread looks for, in real time? */
int rfh_looks_help(void);
/* Number + 1 of a thread that waits for what somebody outside could bring: it is not stuck. */
int rfh_looks_outside(void);

/* A look that did not wait, in C code that has given up the interpreter lock: after many of them it spins, and hands over. */
void rfh_looked(void);

#endif
