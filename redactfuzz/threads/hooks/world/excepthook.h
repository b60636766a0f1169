/* The threading.excepthook of an execution: what leaves a thread that the code under test started. */
#ifndef RFH_EXCEPTHOOK_H
#define RFH_EXCEPTHOOK_H

#include <Python.h>

/* A hook to put in place of `original`, which it calls; None: it calls nothing. A builtin, so that no frame of ours
 * lies under the program's own hook or the crash handler. */
PyObject *rfh_excepthook(PyObject *module, PyObject *original);

#endif
