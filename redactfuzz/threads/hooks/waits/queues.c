#include "waits/queues.h"

#include "interpreter/patch.h"
#include "schedule/outside.h"
#include "schedule/turn.h"
#include "state/execution.h"
#include "state/objects.h"
#include "waits/locks.h"

static rfh_patch patches[];
enum { GET, PUT, PUT_NOWAIT };

typedef PyObject *(*method)(PyObject *, PyTypeObject *, PyObject *const *, Py_ssize_t, PyObject *);

static PyObject *queue_get(PyObject *self, PyTypeObject *cls, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    method really = (method)patches[GET].original;
    rfh_thread *t = rfh_me;
    if (t == NULL || t->quiet)
        return really(self, cls, args, count, names);
    PyObject *block = count > 0 ? args[0] : Py_True, *timeout = count > 1 ? args[1] : Py_None;
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++) {
        if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i), "block") == 0)
            block = args[count + i];
        else if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i), "timeout") == 0)
            timeout = args[count + i];
        else
            return really(self, cls, args, count, names); /* raises */
    }
    int blocking = PyObject_IsTrue(block);
    double seconds = timeout == Py_None || !blocking ? -1 : PyFloat_AsDouble(timeout);
    if (blocking < 0 || (PyErr_Occurred() != NULL) || (timeout != Py_None && blocking && seconds < 0)) {
        PyErr_Clear();
        return really(self, cls, args, count, names);
    }
    uint64_t deadline = rfh.clock + (seconds < 0 ? 0 : rfh_of_seconds(seconds));
    t->fresh = 0;
    for (;;) {
        PyObject *no = Py_False, *item = really(self, cls, &no, 1, NULL);
        if (item || !blocking)
            return item;
        PyObject *type, *value, *traceback; /* Empty */
        PyErr_Fetch(&type, &value, &traceback);
        uint64_t left = deadline > rfh.clock ? deadline - rfh.clock : 0;
        int woken = rfh_wait(t, self, left, seconds >= 0, RF_WAIT);
        if (woken == RFH_EXPIRED) {
            PyErr_Restore(type, value, traceback);
            return NULL;
        }
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
        if (woken < 0)
            return NULL;
    }
}

static PyObject *put(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names, int original)
{
    PyObject *result = ((PyObject * (*)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *))patches[original].original)(
        self, args, count, names);
    if (result && rfh_me) {
        rfh_outside_asked(self);
        rfh_signal(self);
    } else if (result) {
        rfh_outside_released(self);
    }
    return result;
}

static PyObject *queue_put(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    return put(self, args, count, names, PUT);
}

static PyObject *queue_put_nowait(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    return put(self, args, count, names, PUT_NOWAIT);
}

#define FAST (METH_FASTCALL | METH_KEYWORDS)
static rfh_patch patches[] = {
    [GET] = {"_queue", "SimpleQueue", "get", METH_METHOD | FAST, queue_get},
    [PUT] = {"_queue", "SimpleQueue", "put", FAST, queue_put},
    [PUT_NOWAIT] = {"_queue", "SimpleQueue", "put_nowait", FAST, queue_put_nowait},
    {NULL},
};

int rfh_queues_install(void) { return rfh_patch_apply(patches); }

void rfh_queues_remove(void) { rfh_patch_undo(patches); }
