/* Where scheduling points come from: sys.monitoring (3.12+) or a C trace function (3.11). */
#ifndef RFH_SOURCE_H
#define RFH_SOURCE_H

#include <Python.h>

#if PY_VERSION_HEX < 0x030b0000 || PY_VERSION_HEX >= 0x03100000
#error "redactfuzz knows the bytecode and the objects of CPython 3.11 to 3.15: use one of these"
#endif
#if PY_VERSION_HEX >= 0x030e0000 && PY_VERSION_HEX < 0x030e0500
#error "redactfuzz does not know the garbage collector of CPython 3.14.0 to 3.14.4: use 3.14.5 or later"
#endif
#ifdef Py_GIL_DISABLED
#error "redactfuzz needs the interpreter lock: use a build of CPython with it (python3.14, not python3.14t)"
#endif

/* Around a batch. Returns 0, or -1 with an exception set. */
int rfh_source_install(void);
void rfh_source_remove(void);
/* Around the life of one controlled thread, in that thread. */
void rfh_source_attach(void);
void rfh_source_detach(void);
/* Of what sys.gettrace gives (3.11), or of a number of sys.monitoring: whether that is us. */
int rfh_source_is_ours(PyObject *tool);
int rfh_source_init(PyObject *module);

#endif
