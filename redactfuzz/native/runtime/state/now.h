/* What time it is, in the virtual time of an execution. */
#ifndef RFN_NOW_H
#define RFN_NOW_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of the virtual clock: CLOCK_REALTIME and CLOCK_MONOTONIC alike, from this moment on. */
#define RFN_EPOCH UINT64_C(1700000000000000000)

extern uint64_t rfn_now;

static inline uint64_t rfn_nanoseconds(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * UINT64_C(1000000000) + (uint64_t)time->tv_nsec;
}

#endif
