/* sys.monitoring raises no audit event but for callbacks, and whoever can use it can take our events away. */
#include "trace/tracers.h"

#include "interpreter/patch.h"
#include "state/execution.h"
#include "trace/source.h"

#if PY_VERSION_HEX >= 0x030c0000

enum { USE_TOOL, FREE_TOOL, REGISTER, SET_EVENTS, SET_LOCAL_EVENTS, GET_TOOL };

#if PY_VERSION_HEX < 0x030d0000
typedef _PyCFunctionFast PyCFunctionFast;
#endif

static rfh_patch patches[];

/* What a tool asks for in a callback of its own is nothing new: it was there before, as coverage.py is (3.14). */
static int notice(void)
{
    if (!rfh_controlled() || PyThreadState_Get()->tracing)
        return 0;
    PyObject *announced = rfh_announce("noticed", "(sO)", "tracer", rfh_me->name);
    Py_XDECREF(announced);
    return announced ? 0 : -1;
}

static PyObject *fast(PyObject *module, PyObject *const *args, Py_ssize_t count, int which)
{
    return notice() == 0 ? ((PyCFunctionFast)patches[which].original)(module, args, count) : NULL;
}

#define FAST(name, which) \
    static PyObject *name(PyObject *module, PyObject *const *args, Py_ssize_t n) { return fast(module, args, n, which); }
FAST(use_tool, USE_TOOL)
FAST(register_, REGISTER)
FAST(set_events, SET_EVENTS)
FAST(set_local_events, SET_LOCAL_EVENTS)

static PyObject *free_tool(PyObject *module, PyObject *number)
{
    return notice() == 0 ? ((PyCFunction)patches[FREE_TOOL].original)(module, number) : NULL;
}

/* Code that behaves otherwise when it is traced must not do so for us. */
static PyObject *get_tool(PyObject *module, PyObject *number)
{
    if (rfh_controlled() && rfh_source_is_ours(number))
        Py_RETURN_NONE;
    return ((PyCFunction)patches[GET_TOOL].original)(module, number);
}

static rfh_patch patches[] = {
    [USE_TOOL] = {"sys", "monitoring", "use_tool_id", METH_FASTCALL, use_tool},
    [FREE_TOOL] = {"sys", "monitoring", "free_tool_id", METH_O, free_tool},
    [REGISTER] = {"sys", "monitoring", "register_callback", METH_FASTCALL, register_},
    [SET_EVENTS] = {"sys", "monitoring", "set_events", METH_FASTCALL, set_events},
    [SET_LOCAL_EVENTS] = {"sys", "monitoring", "set_local_events", METH_FASTCALL, set_local_events},
    [GET_TOOL] = {"sys", "monitoring", "get_tool", METH_O, get_tool},
    {NULL},
};

#else

static rfh_patch patches[];

/* Code that behaves otherwise when it is traced must not do so for us. */
static PyObject *get_trace(PyObject *module, PyObject *ignored)
{
    PyObject *tracer = ((PyCFunction)patches[0].original)(module, ignored);
    if (tracer == NULL || !rfh_controlled() || !rfh_source_is_ours(tracer))
        return tracer;
    Py_DECREF(tracer);
    Py_RETURN_NONE;
}

static rfh_patch patches[] = {
    {"sys", NULL, "gettrace", METH_NOARGS, get_trace},
    {NULL},
};

#endif

int rfh_tracers_install(void) { return rfh_patch_apply(patches); }
void rfh_tracers_remove(void) { rfh_patch_undo(patches); }
