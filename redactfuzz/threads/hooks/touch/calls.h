/* What calling something touches. */
#ifndef RFH_CALLS_H
#define RFH_CALLS_H

#include <Python.h>

enum { RFH_UNSEEN = 2 };

typedef struct rfh_call {
    PyObject *callable;
    PyObject *self;         /* the argument before the others, or NULL; it lies before them in memory as well */
    PyObject *const *args;
    Py_ssize_t count;
    Py_ssize_t holds;       /* how often the frame that calls has the first argument beside that: others of its own references */
    int keywords;           /* some of them are given by name, the last ones; RFH_UNSEEN: more are, or nobody knows */
    void *code;             /* set to the Python code that it runs (borrowed), */
    int takes;              /* and to what becomes of what that yields or returns, if the call goes on with it: drains.h */
} rfh_call;

/* 0: what it touches is not known. */
int rfh_touches_call(rfh_call *call);
/* The same for entering and leaving `with manager`. */
int rfh_touches_enter(PyObject *manager, void **code);
int rfh_calls_install(void);
/* The classes Race and Canary: what their methods touch is known. */
PyObject *rfh_knows_ours(PyObject *module, PyObject *classes);
/* Reads a property of a canary, which changes in nothing but in what is allowed. 0: it is none. */
int rfh_reads_canary(PyObject *owner, PyObject *name);
/* What is known of builtins: a list of (module, type or None, name, whether it changes something). */
PyObject *rfh_builtins_known(PyObject *module, PyObject *ignored);

#endif
