/* Virtual time: it starts at the same moment in each execution, a sleep or an expired wait moves it on, and so does who
 * reads it again and again. */
#ifndef RFN_CLOCK_H
#define RFN_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t rfn_nanoseconds(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * UINT64_C(1000000000) + (uint64_t)time->tv_nsec;
}

#endif
