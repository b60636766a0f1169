/* Every event loop of asyncio on Linux waits in epoll. Its coroutines are not controlled, which is said. */
#include "world/event_loop.h"

#include "interpreter/patch.h"
#include "state/execution.h"

typedef PyObject *(*fast_keywords)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

static rfh_patch patches[];

/* Does the thread run a loop of asyncio? Others wait in epoll as well: a server with threads. -1 with an exception set. */
static int runs_loop(void)
{
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *events = PyDict_GetItemString(modules, "asyncio.events");
    if (events == NULL)
        return 0;
    rfh_me->quiet++;
    PyObject *loop = PyObject_CallMethod(events, "_get_running_loop", NULL);
    rfh_me->quiet--;
    Py_XDECREF(loop);
    return loop ? loop != Py_None : -1;
}

static PyObject *poll(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    int runs = rfh_controlled() ? runs_loop() : 0;
    if (runs > 0) {
        PyObject *announced = rfh_announce("noticed", "(sO)", "event loop", rfh_me->name);
        runs = announced ? 0 : -1;
        Py_XDECREF(announced);
    }
    return runs < 0 ? NULL : ((fast_keywords)patches[0].original)(self, args, nargs, kwnames);
}

static rfh_patch patches[] = {
    {"select", "epoll", "poll", METH_FASTCALL | METH_KEYWORDS, poll},
    {NULL},
};

int rfh_event_loop_install(void) { return rfh_patch_apply(patches); }
void rfh_event_loop_remove(void) { rfh_patch_undo(patches); }
