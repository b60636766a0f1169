/* The arguments of a call that is about to be made, out of the evaluation stack of its frame (3.12+). */
#ifndef RFH_OPERANDS_H
#define RFH_OPERANDS_H

#include <Python.h>

/* (frame, depth, above, count, callable): the `count` values that lie under `above` others at the top of a stack of `depth`.
 * None unless `callable` lies right below them, or with one value between: then the depth is another's. */
PyObject *rfh_operands(PyObject *module, PyObject *args);

#endif
