#include "waits/virtual_time.h"

#include "state/execution.h"

int rfh_time_is_virtual(void)
{
    const rfh_thread *t = rfh_me;
    return t && t->quiet == 0 && t->state != RFH_ABANDONED && (t->outside || _PyThreadState_UncheckedGet() == t->tstate);
}

struct timespec rfh_timespec(uint64_t nanoseconds)
{
    return (struct timespec){(time_t)(nanoseconds / RFH_SECOND), (long)(nanoseconds % RFH_SECOND)};
}

int rfh_is_length(const struct timespec *length)
{
    return length && length->tv_sec >= 0 && length->tv_nsec >= 0 && length->tv_nsec < (long)RFH_SECOND;
}

uint64_t rfh_nanoseconds(const struct timespec *length)
{
    uint64_t seconds = (uint64_t)length->tv_sec;
    return seconds > 9000000000u ? 9000000000u * RFH_SECOND : seconds * RFH_SECOND + (uint64_t)length->tv_nsec;
}

void rfh_reached(uint64_t at, uint64_t base)
{
    if (at > base + rfh.clock)
        rfh.clock = at - base;
}
