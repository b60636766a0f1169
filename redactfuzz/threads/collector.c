#include "collector.h"

#include "control.h"
#include "patch.h"

enum { IS_ENABLED, ENABLE, DISABLE };
static rfh_patch patches[];
static int usual; /* whether it is on in this process, */
static int shown; /* and as far as the execution knows */

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
    return rfh_patch_apply(patches);
}

void rfh_collector_remove(void) { rfh_patch_undo(patches); }

void rfh_collector_begin(void) { shown = usual; }
