/* The turns of a thread: it comes to a point or waits, gives control away, and has it again. */
#ifndef RFH_TURN_H
#define RFH_TURN_H

#include "state/execution.h"

/* A scheduling point of the running thread. Returns 0, or -1 with an exception set. */
int rfh_point(rfh_thread *t, const rf_event *event);
/* How a wait ends by itself: at any point from its beginning on, as a choice, or when nobody else can go on. One that is longer
 * than a minute does only that: no machine lets the others stand for so long. */
enum { RFH_FOR_EVER = 0, RFH_ANY_TIME, RFH_LAST };
/* The running thread cannot go on. Returns RFH_GO (try again), RFH_EXPIRED, or -1 with an exception set. */
int rfh_wait(rfh_thread *t, void *object, uint64_t timeout_ns, int timed, uint8_t kind);
/* A thread that the running thread starts: it becomes enabled now. */
void rfh_enable(rfh_thread *t);
/* Life of a controlled thread in an OS thread: wait for the first turn (no GIL), ... , say that it ended (no GIL). */
void rfh_first_turn(rfh_thread *t);
void rfh_ended(rfh_thread *t);
/* The body of the scenario has returned: its threads and crash triggers are enabled. */
void rfh_body_ended(int main_runs);
/* For a thread that was given up and came back: its execution is over. */
void rfh_park_for_ever(rfh_thread *t);

#endif
