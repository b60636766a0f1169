/* What numbers stand for that the exploration core has kept: sites, and names of attributes, keys and globals. */
#ifndef RFH_FOUND_H
#define RFH_FOUND_H

#include <Python.h>

/* Of Python: (sites, names), two sets of numbers -> a dict of (code object, index of an instruction; -1: its entry), and a dict of
 * texts, of those that code has which has been met and still is there. */
PyObject *rfh_found(PyObject *module, PyObject *args);

#endif
