/* The time that an execution has: it passes when somebody waits. */
#ifndef RFH_VIRTUAL_TIME_H
#define RFH_VIRTUAL_TIME_H

#include <stdint.h>
#include <time.h>

#define RFH_SECOND ((uint64_t)1000000000)
/* 2026-01-01 00:00 UTC, and a day of uptime: the same in every process, so that a replay sees the same time. */
#define RFH_EPOCH_NS (1767225600u * RFH_SECOND)
#define RFH_UPTIME_NS (86400u * RFH_SECOND)

/* Is it a controlled thread that asks, and in code that is not ours? A thread that waits for the interpreter lock uses a
 * clock too: the interpreter's own need, which the program does not see. */
int rfh_time_is_virtual(void);
struct timespec rfh_timespec(uint64_t nanoseconds);
int rfh_is_length(const struct timespec *length);
uint64_t rfh_nanoseconds(const struct timespec *length);
/* Virtual time is at least `at`, a point of the clock that began at `base`. */
void rfh_reached(uint64_t at, uint64_t base);

#endif
