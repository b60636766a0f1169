/* What a scenario registers for the exit of its process is kept by the listener: the interpreter's own exit is the campaign's. */
#include "world/exits.h"

#include "interpreter/patch.h"
#include "state/execution.h"

enum { REGISTER, UNREGISTER };

static rfh_patch patches[];

static PyObject *register_(PyObject *module, PyObject *args, PyObject *kwargs)
{
    if (!rfh_controlled() || PyTuple_GET_SIZE(args) == 0 || !PyCallable_Check(PyTuple_GET_ITEM(args, 0)))
        return ((PyCFunctionWithKeywords)patches[REGISTER].original)(module, args, kwargs);
    PyObject *kept = rfh_announce("registers", "(OO)", args, kwargs ? kwargs : Py_None);
    int is_kept = kept ? PyObject_IsTrue(kept) : -1;
    Py_XDECREF(kept);
    if (is_kept < 0)
        return NULL;
    return is_kept ? Py_NewRef(PyTuple_GET_ITEM(args, 0))
                   : ((PyCFunctionWithKeywords)patches[REGISTER].original)(module, args, kwargs);
}

static PyObject *unregister(PyObject *module, PyObject *function)
{
    PyObject *announced = rfh_controlled() ? rfh_announce("unregisters", "(O)", function) : Py_NewRef(Py_None);
    Py_XDECREF(announced);
    return announced ? ((PyCFunction)patches[UNREGISTER].original)(module, function) : NULL;
}

static rfh_patch patches[] = {
    [REGISTER] = {"atexit", NULL, "register", METH_VARARGS | METH_KEYWORDS, register_},
    [UNREGISTER] = {"atexit", NULL, "unregister", METH_O, unregister},
    {NULL},
};

int rfh_exits_install(void) { return rfh_patch_apply(patches); }
void rfh_exits_remove(void) { rfh_patch_undo(patches); }
