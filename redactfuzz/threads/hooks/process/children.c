#include "process/children.h"

#include <sys/prctl.h>

#include "interpreter/patch.h"
#include "state/execution.h"

static rfh_patch patches[];

#if PY_VERSION_HEX < 0x030c0000
enum { TAKES = METH_VARARGS };

static PyObject *fork_exec(PyObject *module, PyObject *args)
{
    return rfh_controlled() ? rfh_announce("starts_child", "(O)", args) : ((PyCFunction)patches->original)(module, args);
}
#else
enum { TAKES = METH_FASTCALL };

static PyObject *fork_exec(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (!rfh_controlled())
        return ((PyObject * (*)(PyObject *, PyObject *const *, Py_ssize_t)) patches->original)(module, args, count);
    PyObject *all = PyTuple_New(count);
    for (Py_ssize_t i = 0; all && i < count; i++)
        PyTuple_SET_ITEM(all, i, Py_NewRef(args[i]));
    PyObject *pid = all ? rfh_announce("starts_child", "(O)", all) : NULL;
    Py_XDECREF(all);
    return pid;
}
#endif

static rfh_patch patches[] = {
    {"_posixsubprocess", NULL, "fork_exec", TAKES, fork_exec},
    {NULL},
};

PyObject *rfh_adopt_orphans(PyObject *module, PyObject *wanted)
{
    prctl(PR_SET_CHILD_SUBREAPER, wanted == Py_True ? 1UL : 0UL, 0, 0, 0);
    Py_RETURN_NONE;
}

int rfh_children_install(void) { return rfh_patch_apply(patches); }
void rfh_children_remove(void) { rfh_patch_undo(patches); }
