/* C code that goes on with what code in Python gives it: it takes all that a generator yields (any, sum, join), or what a method returns. */
#ifndef RFH_DRAINS_H
#define RFH_DRAINS_H

#include <Python.h>

#include "state/execution.h"

enum {
    RFH_TAKES_ANY = 1, /* of a generator; what it takes is only kept */
    RFH_TAKES_PLAIN,   /* it looks at it: what is plain has nothing that others change */
    RFH_ANSWERS,       /* a method of an operator: where it gives NotImplemented, another is asked */
    RFH_TELLS,         /* what it gives is asked whether it is true */
};

/* `generator` is taken; `references`: how many are the caller's. 0: what that touches is not known, or `object` is no generator. */
int rfh_drains(PyObject *object, Py_ssize_t references, void **code);
/* A call that takes it begins in the frame in which `t` is. 0: there is no room to remember it. */
int rfh_drain_begins(rfh_thread *t, void *frame, void *code, int takes);
/* The thread has come to an instruction of `now`: calls that have ended are forgotten. */
void rfh_drain_arrives(rfh_thread *t, const void *now);
/* Whether a frame of `code` that begins, or goes on, is the generator of such a call. */
int rfh_is_drained(const rfh_thread *t, const void *code);
/* The code yields or returns `value`: whether it is known what becomes of that. */
int rfh_drain_gives(const rfh_thread *t, const void *code, PyObject *value, int returns);

#endif
