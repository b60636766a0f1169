/* Virtual time: in controlled threads the clocks show the execution's own time, which sleeps and expiries advance. */
#include "clock.h"

#include "control.h"
#include "patch.h"

enum { TIME, TIME_NS, MONOTONIC, MONOTONIC_NS, PERF, PERF_NS, SLEEP };

static rfh_patch patches[];

/* 2026-01-01 00:00 UTC, and a day of uptime: the same in every process, so that a replay sees the same time. */
static const uint64_t EPOCH_NS = 1767225600u * 1000000000ull;
static const uint64_t UPTIME_NS = 86400u * 1000000000ull;
/* Reading a clock takes time, else a loop that polls it would never end; more where one is read over and over. */
enum { READ_NS = 1000, POLL_NS = 1000 * 1000, READS_BEFORE_POLL = 1000 };

static uint64_t now(uint64_t base)
{
    rfh.clock += ++rfh.clock_reads > READS_BEFORE_POLL ? POLL_NS : READ_NS;
    return base + rfh.clock;
}

static PyObject *read_clock(PyObject *module, int which, uint64_t base, int whole)
{
    if (!rfh_controlled())
        return ((PyCFunction)patches[which].original)(module, NULL);
    uint64_t value = now(base);
    return whole ? PyLong_FromUnsignedLongLong(value) : PyFloat_FromDouble((double)value / 1e9);
}

#define CLOCK(name, which, base, whole) \
    static PyObject *name(PyObject *module, PyObject *ignored) { return read_clock(module, which, base, whole); }
CLOCK(time_time, TIME, EPOCH_NS, 0)
CLOCK(time_ns, TIME_NS, EPOCH_NS, 1)
CLOCK(monotonic, MONOTONIC, UPTIME_NS, 0)
CLOCK(monotonic_ns, MONOTONIC_NS, UPTIME_NS, 1)
CLOCK(perf, PERF, UPTIME_NS, 0)
CLOCK(perf_ns, PERF_NS, UPTIME_NS, 1)

static PyObject *sleep_(PyObject *module, PyObject *seconds)
{
    rfh_thread *t = rfh_me;
    double value = -1;
    if (t && t->quiet == 0)
        value = PyFloat_AsDouble(seconds);
    if (value < 0) { /* uncontrolled, or what the original refuses */
        PyErr_Clear();
        return ((PyCFunction)patches[SLEEP].original)(module, seconds);
    }
    if (value == 0) {
        enum { MANY_NAPS = 100 }; /* from here on it spins */
        uint8_t spins = ++t->naps > MANY_NAPS ? RF_LOOP : 0;
        rf_event event = {.site = t->site, .kind = RF_WAIT, .flags = (uint8_t)(RF_YIELD | spins)};
        if (rfh_point(t, &event) != 0)
            return NULL;
    } else if (rfh_wait(t, NULL, (uint64_t)(value > 9e9 ? 9e18 : value * 1e9), 1, RF_WAIT) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static rfh_patch patches[] = {
    [TIME] = {"time", NULL, "time", METH_NOARGS, time_time},
    [TIME_NS] = {"time", NULL, "time_ns", METH_NOARGS, time_ns},
    [MONOTONIC] = {"time", NULL, "monotonic", METH_NOARGS, monotonic},
    [MONOTONIC_NS] = {"time", NULL, "monotonic_ns", METH_NOARGS, monotonic_ns},
    [PERF] = {"time", NULL, "perf_counter", METH_NOARGS, perf},
    [PERF_NS] = {"time", NULL, "perf_counter_ns", METH_NOARGS, perf_ns},
    [SLEEP] = {"time", NULL, "sleep", METH_O, sleep_},
    {NULL},
};

int rfh_clock_install(void) { return rfh_patch_apply(patches); }
void rfh_clock_remove(void) { rfh_patch_undo(patches); }
