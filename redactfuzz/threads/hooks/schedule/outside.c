#include "schedule/outside.h"

#include <time.h>

#include "state/execution.h"
#include "state/objects.h"

/* A lock that is held outside is polled this often, NAP_NS apart, before it counts as one that is never released; less
 * patiently once one was not released in this batch. */
enum { NAPS = 60, NAPS_LATER = 2, NAP_NS = 10 * 1000 * 1000 };
/* So many times in a batch is a deadlock given real time, in which somebody outside might undo it. */
enum { DEADLOCK_NAPS = 20 };

static int outsiders;      /* threads with a PyThreadState beside the explorer, when the execution began */
static PyObject *awaited; /* list: what threads wait for, or did before a fork, that were made before the scenario */
static int deadlock_naps;  /* left in this batch */
static unsigned patience;  /* naps for the locks of one execution */
static int released;       /* set by threads from outside: what a blocked thread waits for */

void rfh_outside_begin_batch(void)
{
    deadlock_naps = DEADLOCK_NAPS;
    patience = NAPS;
}

void rfh_outside_begin(void)
{
    outsiders = -1;
    for (PyThreadState *ts = PyInterpreterState_ThreadHead(PyInterpreterState_Main()); ts; ts = PyThreadState_Next(ts))
        outsiders++;
    __atomic_store_n(&released, 0, __ATOMIC_SEQ_CST);
}

void rfh_outside_asked(const void *object)
{
    Py_ssize_t count = awaited && rfh.asked == 0 && rfh.phase <= RFH_EXPLORE ? PyList_GET_SIZE(awaited) : 0;
    for (Py_ssize_t i = 0; i < count; i++)
        if (PyList_GET_ITEM(awaited, i) == object)
            rfh.asked = (uint16_t)(i + 1);
}

void rfh_outside_released(void *object)
{
    if (rfh.phase == RFH_IDLE || rfh.phase > RFH_EXPLORE)
        return;
    for (uint16_t i = 0; i < rfh.count; i++) {
        const rfh_thread *t = rfh.threads[i];
        if (t && t->state == RFH_BLOCKED && t->waits_for == object)
            __atomic_store_n(&released, 1, __ATOMIC_SEQ_CST);
    }
}

static void nap(void)
{
    static const struct timespec time = {0, NAP_NS};
    rfh.progress++;
    if (!PyGILState_Check()) {
        nanosleep(&time, NULL);
        return;
    }
    if (rfh_me)
        rfh_me->quiet++;
    PyThreadState *save = PyEval_SaveThread();
    nanosleep(&time, NULL);
    PyEval_RestoreThread(save);
    if (rfh_me)
        rfh_me->quiet--;
}

int rfh_outside_nap(void)
{
    if (rfh.outside_naps >= patience) {
        patience = NAPS_LATER;
        return 0;
    }
    rfh.outside_naps++;
    nap();
    return 1;
}

int rfh_outside_helps(void)
{
    int blocked = 0;
    for (uint16_t i = 0; i < rfh.count; i++)
        blocked |= rfh.threads[i]->state == RFH_BLOCKED;
    if (!blocked || outsiders <= 0)
        return 0;
    if (!__atomic_load_n(&released, __ATOMIC_SEQ_CST) && deadlock_naps > 0) {
        deadlock_naps--;
        nap();
        nap();
    }
    if (!__atomic_exchange_n(&released, 0, __ATOMIC_SEQ_CST))
        return 0;
    rfh.outside_help = 1;
    for (uint16_t i = 0; i < rfh.count; i++)
        if (rfh.threads[i]->state == RFH_BLOCKED)
            rfh_signal(rfh.threads[i]->waits_for);
    return 1;
}

static PyObject *set_awaited(PyObject *module, PyObject *objects)
{
    if (!PyList_Check(objects)) {
        PyErr_SetString(PyExc_TypeError, "expected a list");
        return NULL;
    }
    Py_XSETREF(awaited, Py_NewRef(objects));
    Py_RETURN_NONE;
}

PyMethodDef rfh_outside_methods[] = {
    {"awaited", set_awaited, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
