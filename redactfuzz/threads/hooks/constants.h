/* Numbers that Python knows as well, as constants of the module. */
#ifndef RFH_CONSTANTS_H
#define RFH_CONSTANTS_H

#include <Python.h>

int rfh_constants_init(PyObject *module); /* 0, or -1 with an exception set */

#endif
