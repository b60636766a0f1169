#include "state/execution.h"

rfh_control rfh;
RFH_THREAD_LOCAL rfh_thread *rfh_me;
PyObject *rfh_unwind;
PyObject *rfh_injected;

PyObject *rfh_announce(const char *method, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    PyObject *args = Py_VaBuildValue(format, values);
    va_end(values);
    if (args == NULL)
        return NULL;
    if (rfh_me)
        rfh_me->quiet++;
    PyObject *function = PyObject_GetAttrString(rfh.listener, method);
    PyObject *result = function ? PyObject_Call(function, args, NULL) : NULL;
    Py_XDECREF(function);
    Py_DECREF(args);
    if (rfh_me)
        rfh_me->quiet--;
    return result;
}

void rfh_listener_failed(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback)
        PyException_SetTraceback(value, traceback);
    if (rfh.failure == NULL)
        rfh.failure = Py_XNewRef(value);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

int rfh_listener_raised(void)
{
    if (rfh.failure == NULL)
        return 0;
    PyErr_SetObject((PyObject *)Py_TYPE(rfh.failure), rfh.failure);
    Py_CLEAR(rfh.failure);
    return 1;
}

rfh_thread *rfh_add(PyObject *name, PyObject *callable, PyObject *args, PyObject *kwargs)
{
    if (rfh.count >= RFH_MAX_THREADS) {
        PyErr_Format(PyExc_RuntimeError, "more than %d threads in one execution", RFH_MAX_THREADS);
        return NULL;
    }
    rfh_thread *t = PyMem_RawCalloc(1, sizeof *t);
    if (t == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    t->id = rfh.count;
    t->name = Py_NewRef(name);
    t->callable = Py_XNewRef(callable);
    t->args = Py_XNewRef(args);
    t->kwargs = Py_XNewRef(kwargs);
    rfh.threads[rfh.count++] = t;
    PyObject *number = rfh.expected ? PyDict_GetItemWithError(rfh.expected, name) : NULL;
    if (number) /* a replay knows it by its name alone */
        rf_renumber(rfh.core, (uint32_t)PyLong_AsUnsignedLong(number), t->id);
    return t;
}

void rfh_forget_calls(void)
{
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_ABANDONED)
            continue;
        Py_CLEAR(t->callable);
        Py_CLEAR(t->args);
        Py_CLEAR(t->kwargs);
    }
}

void rfh_forget_threads(void)
{
    rfh_forget_calls();
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        rfh.threads[i] = NULL;
        if (t->state == RFH_ABANDONED)
            continue; /* its OS thread still stands on it */
        Py_XDECREF(t->name);
        PyMem_RawFree(t);
    }
    rfh.count = 0;
}

