#include "interpreter/collector.h"

#include "interpreter/generations.h"
#include "interpreter/patch.h"
#include "interpreter/traced.h"

enum { IS_ENABLED, ENABLE, DISABLE };
static rfh_patch patches[];
static int usual; /* whether it is on in this process, */
static int shown; /* and as far as the execution knows */
static int left;  /* nothing is collected in executions */
static PyObject *collect, *callbacks; /* gc.collect, and the list gc.callbacks */

static PyObject *passed_on(int which, PyObject *module) { return ((PyCFunction)patches[which].original)(module, NULL); }

static PyObject *is_enabled(PyObject *module, PyObject *ignored)
{
    return rfh_controlled() ? PyBool_FromLong(shown) : passed_on(IS_ENABLED, module);
}

static PyObject *enable(PyObject *module, PyObject *ignored)
{
    if (!rfh_controlled())
        return passed_on(ENABLE, module);
    shown = 1;
    Py_RETURN_NONE;
}

static PyObject *disable(PyObject *module, PyObject *ignored)
{
    if (!rfh_controlled())
        return passed_on(DISABLE, module);
    shown = 0;
    Py_RETURN_NONE;
}

static rfh_patch patches[] = {
    {"gc", NULL, "isenabled", METH_NOARGS, is_enabled},
    {"gc", NULL, "enable", METH_NOARGS, enable},
    {"gc", NULL, "disable", METH_NOARGS, disable},
    {NULL},
};

int rfh_collector_install(void)
{
    usual = PyGC_IsEnabled();
    if (collect == NULL || callbacks == NULL) {
        PyObject *module = PyImport_ImportModule("gc");
        Py_XSETREF(collect, module ? PyObject_GetAttrString(module, "collect") : NULL);
        Py_XSETREF(callbacks, module ? PyObject_GetAttrString(module, "callbacks") : NULL);
        Py_XDECREF(module);
        if (collect == NULL || callbacks == NULL || !PyList_Check(callbacks))
            return -1;
    }
    return rfh_patch_apply(patches);
}

void rfh_collector_remove(void) { rfh_patch_undo(patches); }

void rfh_collector_begin(void)
{
    shown = usual;
    rfh.finalizes = 0;
    rfh_all_are_old();
}

/* What is young. No callback runs for it: those of test runners look at clocks. NULL with an exception set. */
static PyObject *collect_young(int oldest, PyObject *(*call)(PyObject *, PyObject *))
{
    PyObject *theirs = PyList_GetSlice(callbacks, 0, PY_SSIZE_T_MAX), *args = Py_BuildValue("(i)", oldest);
    int failed = theirs == NULL || args == NULL || PyList_SetSlice(callbacks, 0, PY_SSIZE_T_MAX, NULL) != 0;
    PyObject *found = failed ? NULL : call(collect, args);
    if (!failed && PyList_SetSlice(callbacks, 0, 0, theirs) != 0)
        Py_CLEAR(found);
    Py_XDECREF(args);
    Py_XDECREF(theirs);
    return found;
}

void rfh_collect(rfh_thread *t, void (*settle)(rfh_thread *t))
{
    if (!shown || left || rfh.finalizes || rfh.phase < RFH_EXPLORE || rfh.phase > RFH_AFTER || (rfh.dead && t->crash) || t->state == RFH_ABANDONED || !rfh_all_are_young())
        return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    uint64_t progress = rfh.progress;
    uint8_t injected = t->injected;
    int32_t quiet = t->quiet;
    rfh.finalizes = 1;
    t->known_opaque = 1; /* C code that lets go of what it holds gives the interpreter lock up at no place of the program */
    t->quiet = 0;
    PyObject *found = collect_young(0, rfh_call_traced);
    t->quiet = quiet;
    rfh.finalizes = 0;
    if (found == NULL)
        PyErr_WriteUnraisable(NULL);
    Py_XDECREF(found);
    rfh.finalized |= progress != rfh.progress; /* something in it was a point: code of Python */
    if (!injected)
        settle(t); /* what was raised in a finalizer ends there */
    PyErr_Restore(type, value, traceback);
}

PyObject *rfh_leave_garbage(PyObject *module, PyObject *ignored)
{
    left = 1;
    Py_RETURN_NONE;
}

PyObject *rfh_collect_rest(PyObject *module, PyObject *ignored)
{
    if (collect == NULL || !rfh_all_are_young()) /* plain threads, of which nothing is held back */
        Py_RETURN_NONE;
    return collect_young(0, PyObject_CallObject);
}

PyObject *rfh_collect_between(PyObject *module, PyObject *ignored)
{
    if (collect == NULL)
        Py_RETURN_NONE;
    rfh_old_are_young();
    return collect_young(1, PyObject_CallObject);
}
