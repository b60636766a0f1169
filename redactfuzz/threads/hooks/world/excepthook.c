#include "world/excepthook.h"

#include "schedule/crash.h"
#include "state/execution.h"

/* 1: it was the crash, whose handler ran. 0: what left the thread is announced. -1: an error is set. */
static int settle(rfh_thread *t, PyObject *value)
{
    PyObject *traceback = PyException_GetTraceback(value);
    PyErr_Restore(Py_NewRef((PyObject *)Py_TYPE(value)), Py_NewRef(value), traceback);
    if (rfh_is_crash(t)) {
        rfh_escaped(t);
        return 1;
    }
    PyErr_Clear();
    if (PyErr_GivenExceptionMatches(value, PyExc_SystemExit))
        return 0;
    PyObject *announced = rfh_announce("uncaught", "(OO)", t->name, value);
    Py_XDECREF(announced);
    return announced ? 0 : -1;
}

static PyObject *excepthook(PyObject *original, PyObject *args)
{
    rfh_thread *t = rfh_me;
    if (t && rfh.phase > RFH_EXPLORE)
        Py_RETURN_NONE; /* the process is dead; it is we who unwind the thread */
    if (t && t->adopted) {
        PyObject *value = PyObject_GetAttrString(args, "exc_value");
        int crashed = value == NULL ? -1 : value == Py_None ? 0 : settle(t, value);
        Py_XDECREF(value);
        if (crashed < 0)
            return NULL;
        if (crashed)
            Py_RETURN_NONE;
    }
    return original == Py_None ? Py_NewRef(Py_None) : PyObject_CallOneArg(original, args);
}

static PyMethodDef definition = {"redactfuzz_excepthook", excepthook, METH_O, NULL};

PyObject *rfh_excepthook(PyObject *module, PyObject *original) { return PyCFunction_New(&definition, original); }
