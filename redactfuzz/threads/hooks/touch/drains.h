/* C code that takes all that a generator yields (any, sum, join), and runs its code again and again. */
#ifndef RFH_DRAINS_H
#define RFH_DRAINS_H

#include <Python.h>

#include "state/execution.h"

enum { RFH_TAKES_ANY = 1 /* what it takes is only kept */, RFH_TAKES_PLAIN /* looks at it: what is plain has nothing that others change */ };

/* `generator` is taken; `references`: how many are the caller's. 0: what that touches is not known, or `object` is no generator. */
int rfh_drains(PyObject *object, Py_ssize_t references, void **code);
/* A call that takes it begins in the frame in which `t` is. 0: there is no room to remember it. */
int rfh_drain_begins(rfh_thread *t, void *frame, void *code, int takes);
/* The thread has come to an instruction of `now`: calls that have ended are forgotten. */
void rfh_drain_arrives(rfh_thread *t, const void *now);
/* Whether a frame of `code` that begins, or goes on, is the generator of such a call. */
int rfh_is_drained(const rfh_thread *t, const void *code);
/* The generator yields `value`: whether nobody looks into it, or it is plain. */
int rfh_drain_yields(const rfh_thread *t, const void *code, PyObject *value);

#endif
