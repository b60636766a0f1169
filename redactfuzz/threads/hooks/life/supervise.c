#include "life/supervise.h"

#include <errno.h>

#include "process/silence.h"
#include "process/watch.h"
#include "state/execution.h"

/* The explorer's own frames are nobody's business in a dump of all threads: hidden while an execution runs. */
#if PY_VERSION_HEX >= 0x030d0000
#define TOP_FRAME(ts) ((ts)->current_frame)
#else
#define TOP_FRAME(ts) ((ts)->cframe->current_frame)
#endif

enum { TICK_NS = 50 * 1000 * 1000 };

/* Something does not come back: report to the listener which threads, and let go of the execution. */
static int give_up(void)
{
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state != RFH_RUNNING)
            continue;
        PyFrameObject *frame = t->tstate ? PyThreadState_GetFrame(t->tstate) : NULL;
        PyObject *announced = rfh_announce("stuck", "(ON)", t->name, frame ? (PyObject *)frame : Py_NewRef(Py_None));
        if (announced == NULL)
            return -1;
        Py_DECREF(announced);
        t->state = RFH_ABANDONED;
        rfh.abandoned = 1;
    }
    return 0;
}

int rfh_supervise(PyThreadState *ts, double hang_seconds, int *interrupted)
{
    uint64_t progress = rfh.progress;
    rfh_silence silence;
    rfh_silence_broken(&silence);
    for (;;) {
        void *frame = TOP_FRAME(ts);
        TOP_FRAME(ts) = NULL;
        PyEval_SaveThread();
        int done = rfh_gate_wait(&rfh.done, TICK_NS), failed = errno;
        PyEval_RestoreThread(ts);
        TOP_FRAME(ts) = frame;
        rfh_watch_beat();
        if (done)
            return *interrupted ? -1 : 0;
        if (failed == EINTR && !*interrupted && PyErr_CheckSignals() != 0) {
            *interrupted = 1; /* the exception stays set while the threads leave; nothing runs in this one */
            rfh.phase = RFH_UNWIND;
        }
        if (progress != rfh.progress) {
            progress = rfh.progress;
            rfh_silence_broken(&silence);
            continue;
        }
        if (!rfh_silence_lasts(&silence, hang_seconds))
            continue;
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        int reported = give_up();
        if (type)
            PyErr_Restore(type, value, traceback);
        return *interrupted || reported ? -1 : 0;
    }
}
