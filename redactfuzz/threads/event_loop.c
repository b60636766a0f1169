/* Every event loop of asyncio on Linux waits in epoll. Its coroutines are not controlled, which is said; but its clock is
 * virtual, so a wait in real time would never come to its end. */
#include "event_loop.h"

#include "control.h"
#include "patch.h"

typedef PyObject *(*fast_keywords)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

/* A wait without end is looked after so often, that far apart in virtual time; then it is a real one. */
enum { LOOKS = 1000, LOOK_NS = 1000 * 1000 };

static rfh_patch patches[];

static PyObject *ready_now(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *zero = PyFloat_FromDouble(0.0);
    if (zero == NULL)
        return NULL;
    PyObject *given[2] = {zero, nargs > 1 ? args[1] : NULL};
    rfh_me->quiet++;
    PyObject *ready = ((fast_keywords)patches[0].original)(self, given, nargs > 1 ? 2 : 1, NULL);
    rfh_me->quiet--;
    Py_DECREF(zero);
    return ready;
}

static PyObject *poll(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    fast_keywords original = (fast_keywords)patches[0].original;
    rfh_thread *t = rfh_me;
    if (!rfh_controlled())
        return original(self, args, nargs, kwnames);
    PyObject *told = rfh_tell("noticed", "(sO)", "event loop", t->name);
    if (told == NULL)
        return NULL;
    Py_DECREF(told);
    double seconds = -1;
    if (kwnames || nargs > 2 || (nargs > 0 && args[0] != Py_None && !PyFloat_Check(args[0]) && !PyLong_Check(args[0])))
        return original(self, args, nargs, kwnames);
    if (nargs > 0 && args[0] != Py_None && (seconds = PyFloat_AsDouble(args[0])) == -1 && PyErr_Occurred())
        return NULL;
    int looks = seconds < 0 ? LOOKS : 1;
    uint64_t wait = seconds < 0 ? LOOK_NS : (uint64_t)(seconds > 9e9 ? 9e18 : seconds * 1e9);
    for (;;) {
        PyObject *ready = ready_now(self, args, nargs);
        if (ready == NULL || !PyList_Check(ready) || PyList_GET_SIZE(ready) > 0 || wait == 0)
            return ready;
        if (looks-- == 0) {
            if (seconds >= 0)
                return ready;
            Py_DECREF(ready);
            return original(self, args, nargs, kwnames);
        }
        Py_DECREF(ready);
        if (rfh_wait(t, NULL, wait, 1, RF_WAIT) < 0)
            return NULL;
    }
}

static rfh_patch patches[] = {
    {"select", "epoll", "poll", METH_FASTCALL | METH_KEYWORDS, poll},
    {NULL},
};

int rfh_event_loop_install(void) { return rfh_patch_apply(patches); }
void rfh_event_loop_remove(void) { rfh_patch_undo(patches); }
