/* Waiting for what can only be looked at: whether a descriptor is ready. Whoever waits looks again when anything has moved. */
#ifndef RFH_LOOKS_H
#define RFH_LOOKS_H

#include "state/execution.h"

/* Who can bring what a thread looks for: this process alone, others as well, or others alone. */
typedef enum rfh_reach {
    RFH_BY_US = 0,   /* nobody but this process, whose threads are controlled */
    RFH_BY_ANYBODY,     /* this process, and whoever asks: a socket that listens, a signal */
    RFH_BY_OTHERS,    /* somebody else, or real time */
} rfh_reach;

typedef struct rfh_look {
    int (*ready)(void *what);       /* what it waits for is there */
    rfh_reach (*reach)(void *what); /* who could bring it */
    void *what;
    void *object;                   /* which one it is, the same for all that wait for the same; NULL: only this thread does */
} rfh_look;

extern char rfh_anything; /* whoever looks waits for this object: that anything has moved */
/* Something was read, written, closed or sent, or C code ran that could have done so. */
void rfh_moved(void);
/* Whoever finds what it looks for may go on. */
void rfh_look_again(void);
/* Nobody can go on. Did somebody outside bring what a thread looks for, in real time? */
int rfh_looks_help(void);
/* Number + 1 of a thread that waits for what somebody outside could bring: it is not stuck. */
int rfh_looks_outside(void);
/* The time of the running thread is over, and who was to bring it lives in real time: that one gets some of it. Did it come? */
int rfh_came_late(const rfh_look *look);

#endif
