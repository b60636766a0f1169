/* Virtual time: it starts at the same moment in each execution, a sleep or an expired wait moves it on, and so does who
 * reads it again and again. Sleeping hands over to the other threads and moves the clock on by the length of the sleep. */
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include <errno.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#include "base/parts.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "schedule/deadlock.h"
#include "schedule/wait.h"
#include "state/now.h"

static const uint64_t SECOND = UINT64_C(1000000000);

enum {
    PATIENCE = 64,    /* times that the clock is read and has stood still, before who reads it waits for it */
    LONGEST_LOOK = 30 /* of such a wait: 2 to the power of it nanoseconds, about a second */
};

static RFN_STATE uint32_t looks; /* at the clock, since it went on */

static void reset(void)
{
    looks = 0;
}

/* Another thread's sleep may have moved the clock on meanwhile: two sleeps at once take as long as the longer one. 0: a
 * signal handler ended it, and it has taken no time. */
static int slept(uint64_t nanoseconds, uintptr_t site)
{
    uint64_t until = rfn_deadline_in(nanoseconds);
    rfn_interruption outer;
    int interrupted;
    rfn_cancellation_point(site);
    outer = rfn_interruptible(1);
    rfn_yield(site, 1);
    rfn_touched_all(); /* whether the process rests depends on every thread */
    if (rfn_current != NULL && rfn_only_sleeps()) {
        rfn_leave(rfn_rest, rfn_current);
    }
    interrupted = rfn_uninterruptible(outer);
    if (!interrupted && until > rfn_now) {
        rfn_now = until;
        looks = 0;
    }
    rfn_cancellation_point(site);
    return !interrupted;
}

static void interrupted(const struct timespec *length, struct timespec *left)
{
    if (left != NULL) {
        rfn_wrote(left, sizeof *left);
        *left = *length;
    }
}

/* The time. A loop that reads it until it is late enough sleeps, in effect, and ever longer. */
static uint64_t looked(uintptr_t site)
{
    rfn_touched_object(RF_RMW, RF_OBJECT_TIME);
    if (++looks > PATIENCE) {
        uint32_t length = looks - PATIENCE;
        rfn_touched_all();
        rfn_now = rfn_deadline_in(UINT64_C(1) << (length < LONGEST_LOOK ? length : LONGEST_LOOK));
        if (rfn_current != NULL) {
            rfn_yield(site, 1);
        }
    }
    return rfn_now;
}

static void tell_time(struct timespec *time, uintptr_t site)
{
    uint64_t now = looked(site);
    rfn_wrote(time, sizeof *time);
    time->tv_sec = (time_t)(now / SECOND);
    time->tv_nsec = (long)(now % SECOND);
}

static int is_clock(clockid_t clock)
{
    /* Negative ones are CPU time of a process or thread, from clock_getcpuclockid. */
    return clock < 0 || (clock >= CLOCK_REALTIME && clock <= CLOCK_TAI && clock != 10);
}

static int is_cpu_time(clockid_t clock)
{
    return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
}

int model_clock_gettime(clockid_t clock, struct timespec *time)
{
    if (!is_clock(clock)) {
        errno = EINVAL;
        return -1;
    }
    tell_time(time, SITE());
    if (is_cpu_time(clock)) {
        time->tv_sec -= (time_t)(RFN_EPOCH / SECOND);
    }
    return 0;
}

int model_clock_getres(clockid_t clock, struct timespec *resolution)
{
    if (!is_clock(clock)) {
        errno = EINVAL;
        return -1;
    }
    if (resolution != NULL) {
        rfn_wrote(resolution, sizeof *resolution);
        resolution->tv_sec = 0;
        resolution->tv_nsec = 1;
    }
    return 0;
}

int model_timespec_get(struct timespec *time, int base)
{
    if (base != TIME_UTC) {
        return 0;
    }
    tell_time(time, SITE());
    return base;
}

int model_gettimeofday(struct timeval *time, void *zone)
{
    if (time != NULL) {
        uint64_t now = looked(SITE());
        rfn_wrote(time, sizeof *time);
        time->tv_sec = (time_t)(now / SECOND);
        time->tv_usec = (suseconds_t)(now % SECOND / 1000);
    }
    if (zone != NULL) {
        struct timezone *utc = zone;
        rfn_wrote(utc, sizeof *utc);
        utc->tz_minuteswest = 0;
        utc->tz_dsttime = 0;
    }
    return 0;
}

time_t model_time(time_t *time)
{
    time_t seconds = (time_t)(looked(SITE()) / SECOND);
    if (time != NULL) {
        rfn_wrote(time, sizeof *time);
        *time = seconds;
    }
    return seconds;
}

clock_t model_clock(void)
{
    return (clock_t)((looked(SITE()) - RFN_EPOCH) / (SECOND / CLOCKS_PER_SEC));
}

/* Of what the machine has given the process only the time is told, all of it spent in the program; the memory is always the same. */

clock_t model_times(struct tms *used)
{
    enum { A_SECOND = 100 /* sysconf(_SC_CLK_TCK) */ };
    clock_t now = (clock_t)(looked(SITE()) / (SECOND / A_SECOND));
    if (used != NULL) {
        rfn_wrote(used, sizeof *used);
        rfn_fill(used, 0, sizeof *used);
        used->tms_utime = now - (clock_t)(RFN_EPOCH / (SECOND / A_SECOND));
    }
    return now;
}

int model_getrusage(int whose, struct rusage *used)
{
    enum { KILOBYTES = 8192 };
    uint64_t spent;
    if (whose != RUSAGE_SELF && whose != RUSAGE_CHILDREN && whose != RUSAGE_THREAD) {
        errno = EINVAL;
        return -1;
    }
    spent = whose == RUSAGE_CHILDREN ? 0 : looked(SITE()) - RFN_EPOCH;
    rfn_wrote(used, sizeof *used);
    rfn_fill(used, 0, sizeof *used);
    used->ru_utime.tv_sec = (time_t)(spent / SECOND);
    used->ru_utime.tv_usec = (suseconds_t)(spent % SECOND / 1000);
    used->ru_maxrss = KILOBYTES;
    return 0;
}

int model_nanosleep(const struct timespec *length, struct timespec *left)
{
    if (!rfn_is_time(length) || length->tv_sec < 0) {
        errno = EINVAL;
        return -1;
    }
    if (slept(rfn_length(length), SITE())) {
        return 0;
    }
    interrupted(length, left);
    errno = EINTR;
    return -1;
}

int model_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    uint64_t length;
    if (!is_clock(clock) || clock == CLOCK_THREAD_CPUTIME_ID || !rfn_is_time(time) || time->tv_sec < 0) {
        return EINVAL;
    }
    length = rfn_length(time);
    if (flags & TIMER_ABSTIME) {
        length = length > rfn_now ? length - rfn_now : 0;
    }
    if (slept(length, SITE())) {
        return 0;
    }
    interrupted(time, flags & TIMER_ABSTIME ? NULL : left);
    return EINTR;
}

int model_usleep(useconds_t microseconds)
{
    if (slept((uint64_t)microseconds * 1000, SITE())) {
        return 0;
    }
    errno = EINTR;
    return -1;
}

unsigned model_sleep(unsigned seconds)
{
    return slept((uint64_t)seconds * SECOND, SITE()) ? 0 : seconds;
}

int model_sched_yield(void)
{
    rfn_yield(SITE(), 0);
    return 0;
}

int model_pthread_yield(void)
{
    rfn_yield(SITE(), 0);
    return 0;
}

/* <threads.h>: 0 or -1; other negative numbers are errors. */
int model_thrd_sleep(const struct timespec *length, struct timespec *left)
{
    if (!rfn_is_time(length) || length->tv_sec < 0) {
        return -2;
    }
    if (slept(rfn_length(length), SITE())) {
        return 0;
    }
    interrupted(length, left);
    return -1;
}

void model_thrd_yield(void)
{
    rfn_yield(SITE(), 0);
}

/* -- libstdc++: std::chrono's clocks, and sleep_for where the library was built without nanosleep */

int64_t model__ZNSt6chrono3_V212system_clock3nowEv(void);
int64_t model__ZNSt6chrono3_V212system_clock3nowEv(void)
{
    return (int64_t)looked(SITE());
}

int64_t model__ZNSt6chrono3_V212steady_clock3nowEv(void);
int64_t model__ZNSt6chrono3_V212steady_clock3nowEv(void)
{
    return (int64_t)looked(SITE());
}

void model__ZNSt11this_thread11__sleep_forENSt6chrono8durationIlSt5ratioILl1ELl1EEEENS1_IlS2_ILl1ELl1000000000EEEE(
    int64_t seconds, int64_t nanoseconds);
void model__ZNSt11this_thread11__sleep_forENSt6chrono8durationIlSt5ratioILl1ELl1EEEENS1_IlS2_ILl1ELl1000000000EEEE(
    int64_t seconds, int64_t nanoseconds)
{
    const struct timespec length = {seconds, nanoseconds};
    slept(rfn_length(&length), SITE());
}

RFN_PART(RFN_ON_MODELS_THREADS, clock, .reset = reset);
