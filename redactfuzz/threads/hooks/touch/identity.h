/* Objects by number: the same one as long as it lives, and what comes to lie at its address later is another. */
#ifndef RFH_IDENTITY_H
#define RFH_IDENTITY_H

#include <Python.h>
#include <stdint.h>

/* Around a batch, and before an execution whose steps are reported. */
void rfh_identity_begin(void);
void rfh_identity_remove(void);
/* Number of first sight in this execution; 0: its death would not be noticed. */
uint32_t rfh_identity_of(PyObject *object);
/* What threads reach is numbered before they run, in one order. The shape of what was met. */
uint64_t rfh_identity_reach(PyObject *const *from, Py_ssize_t count);

#endif
