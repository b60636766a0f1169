/* A binary semaphore on a futex: the hand-off between threads. One waiter, posts do not accumulate. */
#ifndef RFH_GATE_H
#define RFH_GATE_H

#include <stdint.h>

typedef struct rfh_gate {
    int32_t open; /* 0 or 1, atomic */
} rfh_gate;

void rfh_gate_post(rfh_gate *gate);
/* Waits until posted, at most `timeout_ns` (0: without limit). Returns 1 when it was posted, 0 otherwise
 * (timeout or signal). */
int rfh_gate_wait(rfh_gate *gate, uint64_t timeout_ns);

#endif
