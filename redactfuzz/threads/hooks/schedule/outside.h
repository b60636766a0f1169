/* Threads of the process that are not the scenario's: they go on in real time, and may hold or release what it waits for. */
#ifndef RFH_OUTSIDE_H
#define RFH_OUTSIDE_H

#include <Python.h>

/* Before a batch, and before each execution. The GIL is held. */
void rfh_outside_begin_batch(void);
void rfh_outside_begin(void);
/* A controlled thread hands something over at `object`. Is it the i-th of `_hooks.awaited`, then rfh.asked = i + 1. */
void rfh_outside_asked(const void *object);
/* A thread that is not controlled has released `object` or put something into it. */
void rfh_outside_released(void *object);
/* Gives the other threads of the process some real time. Returns 0 when this execution has had its share. */
int rfh_outside_nap(void);
/* Nothing can go on. Has, or does, a thread from outside release what a blocked thread waits for? Then it may try again. */
int rfh_outside_helps(void);

extern PyMethodDef rfh_outside_methods[];

#endif
