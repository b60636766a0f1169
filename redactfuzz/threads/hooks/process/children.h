/* Child processes that a controlled thread starts: the listener starts them in its place (process/children.py). */
#ifndef RFH_CHILDREN_H
#define RFH_CHILDREN_H

#include <Python.h>

int rfh_children_install(void);
void rfh_children_remove(void);
/* Whether processes whose parent has ended become children of this one. */
PyObject *rfh_adopt_orphans(PyObject *module, PyObject *wanted);

#endif
