/* In a controlled thread what would end the process ends the execution: the explorer must live to tell of it. */
#include "death.h"

#include "control.h"
#include "patch.h"

enum { EXIT, ABORT, EXECV, EXECVE };

static rfh_patch patches[];

/* The process would be dead from here on. Returns NULL: the thread unwinds. */
static PyObject *end_here(PyObject *what)
{
    rfh_thread *t = rfh_me;
    if (what == NULL)
        return NULL;
    if (t->state == RFH_ABANDONED)
        rfh_park_for_ever(t);
    if (rfh.phase <= RFH_EXPLORE) {
        PyObject *told = rfh_tell("ended_itself", "(OO)", what, t->name);
        if (told == NULL)
            PyErr_WriteUnraisable(NULL);
        Py_XDECREF(told);
        rfh_die();
    }
    Py_DECREF(what);
    PyErr_SetNone(rfh_unwind);
    return NULL;
}

typedef PyObject *(*fast)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*fast_keywords)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

static PyObject *exit_(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t total = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
    /* What the original refuses, it refuses by itself, and the process lives. */
    if (rfh_me == NULL || total != 1 || !PyLong_Check(args[0]))
        return ((fast_keywords)patches[EXIT].original)(module, args, nargs, kwnames);
    return end_here(PyUnicode_FromFormat("os._exit(%S)", args[0]));
}

static PyObject *abort_(PyObject *module, PyObject *ignored)
{
    if (rfh_me == NULL)
        return ((PyCFunction)patches[ABORT].original)(module, ignored);
    return end_here(PyUnicode_FromString("os.abort()"));
}

static PyObject *execv_(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (rfh_me == NULL || nargs != 2)
        return ((fast)patches[EXECV].original)(module, args, nargs);
    return end_here(PyUnicode_FromString("os.execv"));
}

static PyObject *execve_(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (rfh_me == NULL || nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0) != 3)
        return ((fast_keywords)patches[EXECVE].original)(module, args, nargs, kwnames);
    return end_here(PyUnicode_FromString("os.execve"));
}

static rfh_patch patches[] = {
    [EXIT] = {"posix", NULL, "_exit", METH_FASTCALL | METH_KEYWORDS, exit_},
    [ABORT] = {"posix", NULL, "abort", METH_NOARGS, abort_},
    [EXECV] = {"posix", NULL, "execv", METH_FASTCALL, execv_},
    [EXECVE] = {"posix", NULL, "execve", METH_FASTCALL | METH_KEYWORDS, execve_},
    {NULL},
};

int rfh_death_install(void) { return rfh_patch_apply(patches); }
void rfh_death_remove(void) { rfh_patch_undo(patches); }
