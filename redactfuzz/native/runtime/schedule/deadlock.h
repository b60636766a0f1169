/* Nobody can go on: a deadlock, or a process that waits for what comes from outside. */
#ifndef RFN_DEADLOCK_H
#define RFN_DEADLOCK_H

#include <stdint.h>
#include <sys/types.h>

#include "schedule/fiber.h"

/* The condition of a wait that only the outside ends: a connection, a datagram. */
extern const rfn_condition rfn_outside_comes;
/* Of an execution in which no thread can go on: some wait for the outside, and none for what nobody can give it. */
int rfn_is_quiescent(void);
/* A sleep, or a wait, has ended by its time. 1: nothing else has happened for so long that nothing else will. */
int rfn_only_sleeps(void);
/* A process that does nothing any more but sleep: a crash that has not struck strikes this fiber now, and without one that is
 * all. On the runtime's stack. */
rfn_fiber *rfn_rest(void *fiber);
/* Somebody may send a signal, and its handler change what a thread looks at, post a semaphore, or write to a pipe. */
int rfn_handles_signals(void);
/* The same rest, of a process whose threads look again and again at what such a handler may change. */
rfn_fiber *rfn_rest_in_loops(rfn_fiber *fiber);

#endif
