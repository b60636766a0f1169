#ifndef RFH_TRACED_H
#define RFH_TRACED_H

#include <Python.h>

/* Calls with tracing on, though it may be in the middle of a callback that suspends it. */
PyObject *rfh_call_traced(PyObject *callable, PyObject *args);

#endif
