#define _GNU_SOURCE
#include "process/watch.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "process/silence.h"
#include "state/execution.h"

enum { LOOK_NS = 500 * 1000 * 1000 };
/* Beyond the time after which a thread counts as hanging that lets the explorer run. */
static const double GRACE_SECONDS = 5;

static struct {
    pthread_t os_thread;
    rfh_gate stop;
    int running; /* os_thread is there */
    int report_fd;
    int signal_number;
    const char *title;
    uint64_t number;
    double limit;     /* seconds without a beat; 0: no execution runs. Written last */
    uint64_t beats;
    uint64_t *shared; /* NULL, or two words */
} watch = {.report_fd = 2};

static const char *running_thread(void)
{
    const rfh_thread *t = rfh.current < rfh.count ? rfh.threads[rfh.current] : NULL;
    PyObject *name = t ? t->name : NULL; /* the lock is not ours: only what can be read without it */
    return name && PyUnicode_IS_COMPACT_ASCII(name) ? (const char *)PyUnicode_DATA(name) : "(unknown)";
}

/* No thread of Python goes on: says which one does not come back, where, and ends the process. */
static void give_up(double limit)
{
    char text[1024];
    int size = snprintf(text, sizeof text,
                        "redactfuzz: %s, execution %llu: thread '%s' has kept the interpreter lock for %.0f s in C code, so "
                        "nothing else can run in this process. Use isolation=\"process\" for this scenario: then the hang is "
                        "reported as a BUG. The process ends with status %d.\n",
                        watch.title, (unsigned long long)watch.number, running_thread(), limit, RFH_WATCH_STATUS);
    if (size > (int)sizeof text - 1)
        size = (int)sizeof text - 1;
    if (write(watch.report_fd, text, (size_t)size) < 0)
        _exit(RFH_WATCH_STATUS);
    if (watch.signal_number) {
        sigset_t one;
        sigemptyset(&one);
        sigaddset(&one, watch.signal_number);
        pthread_sigmask(SIG_UNBLOCK, &one, NULL);
        pthread_kill(pthread_self(), watch.signal_number);
    }
    _exit(RFH_WATCH_STATUS);
}

static void *look(void *ignored)
{
    uint64_t beats = 0;
    rfh_silence silence;
    rfh_silence_broken(&silence);
    while (!rfh_gate_wait(&watch.stop, LOOK_NS)) {
        uint64_t beat = __atomic_load_n(&watch.beats, __ATOMIC_ACQUIRE);
        double limit = watch.limit;
        if (beat != beats || limit == 0)
            rfh_silence_broken(&silence);
        else if (rfh_silence_lasts(&silence, limit))
            give_up(limit);
        beats = beat;
    }
    return NULL;
}

int rfh_watch_install(void)
{
    sigset_t all, before;
    sigfillset(&all);
    watch.stop.open = 0;
    watch.limit = 0;
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&watch.os_thread, NULL, look, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        PyErr_SetString(PyExc_RuntimeError, "the system refuses to start another thread");
        return -1;
    }
    pthread_setname_np(watch.os_thread, "redactfuzz");
    watch.running = 1;
    return 0;
}

void rfh_watch_remove(void)
{
    if (!watch.running)
        return;
    watch.running = 0;
    rfh_gate_post(&watch.stop);
    pthread_join(watch.os_thread, NULL);
}

void rfh_watch_forget(void) { watch.running = 0; }

void rfh_watch_begin(const char *title, uint64_t number, double hang_seconds)
{
    watch.title = title;
    watch.number = number;
    if (watch.shared)
        watch.shared[1] = number;
    rfh_watch_beat();
    watch.limit = hang_seconds + GRACE_SECONDS;
}

void rfh_watch_beat(void)
{
    __atomic_fetch_add(&watch.beats, 1, __ATOMIC_RELEASE);
    if (watch.shared)
        __atomic_fetch_add(watch.shared, 1, __ATOMIC_RELAXED);
}

void rfh_watch_end(void) { watch.limit = 0; }

static PyObject *py_die_with_parent(PyObject *module, PyObject *args)
{
    int parent;
    if (!PyArg_ParseTuple(args, "i", &parent))
        return NULL;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before */
        _exit(RFH_WATCH_STATUS);
    Py_RETURN_NONE;
}

static PyObject *py_report_hang_to(PyObject *module, PyObject *args)
{
    if (!PyArg_ParseTuple(args, "ii", &watch.report_fd, &watch.signal_number))
        return NULL;
    Py_RETURN_NONE;
}

/* The buffer is kept for good: the words may be written to until the process ends. */
static PyObject *py_share_beats(PyObject *module, PyObject *buffer)
{
    Py_buffer view;
    if (PyObject_GetBuffer(buffer, &view, PyBUF_WRITABLE) != 0)
        return NULL;
    if (view.len < (Py_ssize_t)(2 * sizeof(uint64_t))) {
        PyBuffer_Release(&view);
        PyErr_SetString(PyExc_ValueError, "expected a buffer of two 64-bit words");
        return NULL;
    }
    watch.shared = view.buf;
    Py_RETURN_NONE;
}

static PyObject *py_beat(PyObject *module, PyObject *ignored)
{
    rfh_watch_beat();
    Py_RETURN_NONE;
}

PyMethodDef rfh_watch_methods[] = {
    {"die_with_parent", py_die_with_parent, METH_VARARGS, NULL},
    {"report_hang_to", py_report_hang_to, METH_VARARGS, NULL},
    {"share_beats", py_share_beats, METH_O, NULL},
    {"beat", py_beat, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
