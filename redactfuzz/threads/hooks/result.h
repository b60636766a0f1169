/* What an execution came to, as Python reads it: _hooks.Result, a tuple with names. */
#ifndef RFH_RESULT_H
#define RFH_RESULT_H

#include <Python.h>

int rfh_result_init(PyObject *module); /* 0, or -1 with an exception set */
PyObject *rfh_result(void);            /* of the execution that has ended */

#endif
