#include "schedule/raises.h"

#include <opcode.h>

/* Frames of Python on the stack of a thread. */
static int32_t depth(const rfh_thread *t)
{
#if PY_VERSION_HEX >= 0x030c0000
    return t->tstate->py_recursion_limit - t->tstate->py_recursion_remaining;
#else
    return t->tstate->recursion_limit - t->tstate->recursion_remaining;
#endif
}

/* Does time go on for it while somebody could run, or come first? */
static int holds_up_others(const rfh_thread *t)
{
    for (uint16_t i = 0; i < rfh.count && t->deadline > rfh.clock; i++) {
        const rfh_thread *o = rfh.threads[i];
        int ready = o->state == RFH_READY || o->state == RFH_NEW;
        if (o != t && !o->crash && (ready || (o->state == RFH_BLOCKED && o->timed && o->deadline < t->deadline)))
            return 1;
    }
    return 0;
}

void rfh_expired(rfh_thread *t, int early)
{
    rfh.early |= early != 0;
    if (early && rfh.told < RFH_EXPIRIES && holds_up_others(t))
        rfh.early_ones[rfh.told++] = (rfh_expiry){rf_get_status(rfh.core)->steps - 1, t->waits_for == NULL, t->limit};
    if (early) /* one that expires in its turn, after others did early in a loop, changes nothing */
        t->expiry_depth = depth(t);
    t->expiry_site = t->site;
}

void rfh_calls_after_expiry(rfh_thread *t)
{
    int32_t caller = depth(t) - 1;
    t->expiry_depth = caller < t->expiry_depth ? caller : t->expiry_depth;
}

void rfh_on_raise(const rfh_thread *t, const rfh_code *table, Py_ssize_t index, PyObject *error, PyObject *traceback)
{
    if (!rfh.early || (traceback && PyTraceBack_Check(traceback) && ((PyTracebackObject *)traceback)->tb_next))
        return;
    for (int i = 0; i < RFH_EXPIRIES; i++)
        if (rfh.of_expiry[i] == error)
            rfh.of_expiry[i] = NULL; /* one that is no more */
    if (depth(t) <= t->expiry_depth && (table->at[index].opcode == RAISE_VARARGS || t->site == t->expiry_site))
        rfh.of_expiry[rfh.expiries++ % RFH_EXPIRIES] = error;
}

int rfh_came_of_expiry(PyObject *error)
{
    for (int i = 0; i < RFH_EXPIRIES; i++)
        if (rfh.of_expiry[i] == error)
            return 1;
    return 0;
}

PyObject *rfh_early_list(PyObject *module, PyObject *ignored)
{
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list && i < rfh.told; i++) {
        const rfh_expiry *e = &rfh.early_ones[i];
        PyObject *item = Py_BuildValue("(IdN)", e->step, (double)e->limit / 1e9, PyBool_FromLong(e->sleep));
        if (item == NULL || PyList_Append(list, item) != 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}
