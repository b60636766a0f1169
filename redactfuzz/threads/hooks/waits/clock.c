/* Virtual time: in controlled threads every clock shows the execution's own time, which sleeps and expiries advance.
 *
 * It is made below Python, so that the module time, datetime, SQLite and a library's C++ see one date. */
#define _GNU_SOURCE
#include "waits/clock.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "interpreter/generations.h"
#include "interpreter/interpose.h"
#include "interpreter/patch.h"
#include "schedule/turn.h"
#include "state/execution.h"
#include "waits/blocking.h"
#include "waits/deadlines.h"
#include "waits/looking.h"
#include "waits/virtual_time.h"

/* Reading a clock takes time, else a loop that polls it would never end; more where one is read over and over. A finalizer that the
 * collector runs takes none: what is garbage follows from earlier executions, and the times in a dump must not. */
enum { READ_NS = 1000, POLL_NS = 1000 * 1000, READS_BEFORE_POLL = 1000, LAST_BIT = 63 /* it stands for all that follow as well */ };
/* On a machine that stalls. Not longer: a program may reckon that half a minute is enough for what takes a few seconds. The
 * number of seconds, of thousandths, millionths and milliardths of one, and of 1024 of the last is odd there at a first look where it is
 * even otherwise, and the other way round: what samples by low digits of the time goes the other way. */
static const uint64_t STALL_NS = 1101002501;
/* Before a look that is chosen: deadlines of most programs (sessions, tokens, leases, certificates) lie nearer. A hundred days, which
 * change the weekday; half a day and more, which change the hour and the date; and as much as above for the low digits. */
static const uint64_t DAYS_NS = (100 * 86400 + 13 * 3600 + 37 * 60) * RFH_SECOND + STALL_NS;
enum { EVERY_LOOK = -1 /* of the looks before which it stalls */ };
/* Of times(2) and clock(3). */
enum { TICKS_PER_SECOND = 100 };

/* A lock of the interpreter's own reckons when a wait would be over, even where it has no limit (PyThread_acquire_lock_timed): as an
 * interned name is made for the first time, say. The locks of programs are others (locks.c). */
static int is_for_own_lock(void)
{
    enum { FRAMES = 6 /* this, its callers here, what reads the clock, the lock */ };
    static uintptr_t from, to;
    void *stack[FRAMES];
    if (from == 0) {
        Dl_info info;
        const ElfW(Sym) *symbol = NULL;
        from = (uintptr_t)PyThread_acquire_lock_timed;
        if (dladdr1((void *)from, &info, (void **)&symbol, RTLD_DL_SYMENT) != 0 && symbol)
            to = from + symbol->st_size;
    }
    int count = backtrace(stack, FRAMES);
    for (int i = 0; i < count; i++)
        if ((uintptr_t)stack[i] > from && (uintptr_t)stack[i] <= to)
            return 1;
    return 0;
}

static uint64_t now(uint64_t base)
{
    if (rfh_collector_looks() || (base == RFH_UPTIME_NS && is_for_own_lock()))
        return base + rfh.clock;
    int stalls = (rfh.stalls >> (rfh.clock_reads < LAST_BIT ? rfh.clock_reads : LAST_BIT)) & 1;
    int polls = ++rfh.clock_reads > READS_BEFORE_POLL;
    if (!rfh.finalizes || polls)
        rfh.clock += stalls ? (rfh.stalls == EVERY_LOOK ? STALL_NS : DAYS_NS) : polls ? POLL_NS : READ_NS;
    return base + rfh.clock;
}

static uint64_t base_of(clockid_t id)
{
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
        return RFH_EPOCH_NS;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
        return RFH_UPTIME_NS;
    default:
        return 0; /* of the processor: it worked all the time */
    }
}

static int get_clock(clockid_t id, struct timespec *at)
{
    struct timespec real;
    if (!rfh_time_is_virtual() || clock_gettime(id, &real) != 0) /* no such clock */
        return clock_gettime(id, at);
    *at = rfh_timespec(now(base_of(id)));
    return 0;
}

static int get_day(struct timeval *at, void *zone)
{
    if (!rfh_time_is_virtual() || at == NULL)
        return gettimeofday(at, zone);
    uint64_t value = now(RFH_EPOCH_NS);
    *at = (struct timeval){(time_t)(value / RFH_SECOND), (suseconds_t)(value % RFH_SECOND / 1000)};
    return 0;
}

static time_t get_time(time_t *at)
{
    if (!rfh_time_is_virtual())
        return time(at);
    time_t value = (time_t)(now(RFH_EPOCH_NS) / RFH_SECOND);
    if (at)
        *at = value;
    return value;
}

static int get_timespec(struct timespec *at, int base)
{
    if (!rfh_time_is_virtual() || base != TIME_UTC)
        return timespec_get(at, base);
    *at = rfh_timespec(now(RFH_EPOCH_NS));
    return base;
}

static clock_t get_processor(void)
{
    return rfh_time_is_virtual() ? (clock_t)(now(0) / (RFH_SECOND / CLOCKS_PER_SEC)) : clock();
}

static clock_t get_times(struct tms *at)
{
    if (!rfh_time_is_virtual())
        return times(at);
    uint64_t value = now(0);
    if (at)
        *at = (struct tms){.tms_utime = (clock_t)(value / (RFH_SECOND / TICKS_PER_SECOND))};
    return (clock_t)((RFH_UPTIME_NS + value) / (RFH_SECOND / TICKS_PER_SECOND));
}

static int get_usage(int who, struct rusage *at)
{
    int failed = getrusage(who, at);
    if (failed || !rfh_time_is_virtual())
        return failed;
    uint64_t value = now(0);
    at->ru_utime = (struct timeval){(time_t)(value / RFH_SECOND), (suseconds_t)(value % RFH_SECOND / 1000)};
    at->ru_stime = (struct timeval){0, 0};
    return 0;
}

/* -- sleeping in C -------------------------------------------------------------------------------------------------- */

static int slept(const struct timespec *length)
{
    rfh_sleeps(rfh_nanoseconds(length));
    return 0;
}

static int sleeps(void) { return rfh_may_hand_over() || rfh_time_is_virtual(); }

static int sleep_nanoseconds(const struct timespec *length, struct timespec *left)
{
    return sleeps() && rfh_is_length(length) ? slept(length) : nanosleep(length, left);
}

static int sleep_by_clock(clockid_t id, int flags, const struct timespec *at, struct timespec *left)
{
    if (!sleeps() || !rfh_is_length(at))
        return clock_nanosleep(id, flags, at, left);
    if (!(flags & TIMER_ABSTIME))
        return slept(at);
    uint64_t until = rfh_nanoseconds(at), now_ns = base_of(id) + rfh.clock;
    rfh_sleeps(until > now_ns ? until - now_ns : 0);
    return 0;
}

static int sleep_microseconds(useconds_t length)
{
    struct timespec given = rfh_timespec(length * (uint64_t)1000);
    return sleeps() ? slept(&given) : usleep(length);
}

static unsigned sleep_seconds(unsigned length)
{
    struct timespec given = {(time_t)length, 0};
    return sleeps() ? (unsigned)slept(&given) : sleep(length);
}

/* -- sleeping in Python: a scheduling point ----------------------------------------------------------------------- */

static rfh_patch patches[];

static int yields(rfh_thread *t)
{
    uint8_t spins = ++t->naps > RFH_MANY_NAPS ? RF_LOOP : 0;
    rf_event event = {.site = t->site, .kind = RF_WAIT, .flags = (uint8_t)(RF_YIELD | spins)};
    return rfh_point(t, &event);
}

static PyObject *sched_yield_(PyObject *module, PyObject *ignored)
{
    rfh_thread *t = rfh_me;
    if (t == NULL || t->quiet)
        return ((PyCFunction)patches[1].original)(module, NULL);
    return yields(t) == 0 ? Py_NewRef(Py_None) : NULL;
}

static PyObject *sleep_(PyObject *module, PyObject *seconds)
{
    rfh_thread *t = rfh_me;
    double value = -1;
    if (t && t->quiet == 0)
        value = PyFloat_AsDouble(seconds);
    if (value < 0) { /* uncontrolled, or what the original refuses */
        PyErr_Clear();
        return ((PyCFunction)patches[0].original)(module, seconds);
    }
    if (value == 0) {
        if (yields(t) != 0)
            return NULL;
    } else if (rfh_wait(t, NULL, (uint64_t)(value > 9e9 ? 9e18 : value * 1e9), 1, RF_WAIT) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static rfh_patch patches[] = {
    {"time", NULL, "sleep", METH_O, sleep_},
    {"posix", NULL, "sched_yield", METH_NOARGS, sched_yield_},
    {NULL},
};

#define STANDS_IN(name, replacement) {#name, (void *)replacement, (void *)name, NULL}
static const rfh_import clocks[] = {
    STANDS_IN(clock_gettime, get_clock),
    STANDS_IN(gettimeofday, get_day),
    STANDS_IN(time, get_time),
    STANDS_IN(timespec_get, get_timespec),
    STANDS_IN(clock, get_processor),
    STANDS_IN(times, get_times),
    STANDS_IN(getrusage, get_usage),
    STANDS_IN(nanosleep, sleep_nanoseconds),
    STANDS_IN(clock_nanosleep, sleep_by_clock),
    STANDS_IN(usleep, sleep_microseconds),
    STANDS_IN(sleep, sleep_seconds),
    {NULL, NULL, NULL, NULL},
};

int rfh_clock_install(void)
{
    rfh_interpose(clocks);
    rfh_interpose(rfh_deadlines);
    rfh_interpose(rfh_blocking);
    return rfh_patch_apply(patches);
}

void rfh_clock_remove(void) { rfh_patch_undo(patches); }
