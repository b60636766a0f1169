#include "world/leads.h"

#include "interpreter/patch.h"
#include "state/execution.h"

static rfh_patch patches[];

typedef PyObject *(*fast_keywords)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

int rfh_leads_elsewhere(int fd)
{
    if ((fd != 1 && fd != 2) || !rfh_controlled() || rfh.phase > RFH_EXPLORE)
        return 0;
    PyObject *announced = rfh_announce("leads", "()");
    Py_XDECREF(announced);
    return announced ? 0 : -1;
}

static PyObject *dup2_(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    if (count > 1 && PyLong_Check(args[1])) {
        int fd = (int)PyLong_AsLong(args[1]);
        PyErr_Clear(); /* the call itself says so */
        if (rfh_leads_elsewhere(fd) != 0)
            return NULL;
    }
    return ((fast_keywords)patches[0].original)(module, args, count, names);
}

static rfh_patch patches[] = {
    {"posix", NULL, "dup2", METH_FASTCALL | METH_KEYWORDS, dup2_},
    {NULL},
};

int rfh_leads_install(void) { return rfh_patch_apply(patches); }

void rfh_leads_remove(void) { rfh_patch_undo(patches); }
