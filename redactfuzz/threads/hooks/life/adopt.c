#include "life/adopt.h"

#include "interpreter/collector.h"
#include "interpreter/patch.h"
#include "process/pool.h"
#include "schedule/crash.h"
#include "schedule/end.h"
#include "schedule/turn.h"
#include "state/execution.h"
#include "touch/footprint.h"
#include "touch/touch.h"
#include "trace/points.h"
#include "trace/source.h"

enum { START, START_OLD, START_JOINABLE, JOIN };
static rfh_patch patches[];

/* What an adopted OS thread runs: it waits for its first turn, then does what it was started for. `capsule` holds the
 * rfh_thread, which outlives it. */
static PyObject *run_adopted(PyObject *capsule, PyObject *ignored)
{
    rfh_thread *t = PyCapsule_GetPointer(capsule, "redactfuzz.thread");
    if (t == NULL)
        return NULL;
    PyThreadState *save = PyEval_SaveThread();
    rfh_first_turn(t);
    PyEval_RestoreThread(save);
    rfh_me = t;
    t->tstate = save;
    t->quiet = 1;
    rfh_step_begins(t);
    rfh_announce_death();
    rfh_announce_switch();
    if (t->wake != RFH_LEAVE) {
        rfh_source_attach();
        t->fresh = 2;
        t->quiet = 0;
        PyObject *result = NULL;
        rfh_doing before = rfh_touch_will_call(t, t->callable);
        if (rfh_on_direct_call(t, t->callable, t->args) == 0)
            result = PyObject_Call(t->callable, t->args, t->kwargs);
        rfh_touch_has_called(t, before);
        t->quiet = 1;
        Py_XDECREF(result);
        if (result == NULL)
            rfh_escaped(t);
        else
            rfh_settle(t);
        rfh_collect(t, rfh_settle);
        rfh_source_detach();
    }
    Py_CLEAR(t->callable);
    Py_CLEAR(t->args);
    Py_CLEAR(t->kwargs);
    rfh_leave_if_forked();
    rfh_ended(t);
    Py_RETURN_NONE;
}

static PyMethodDef run_adopted_definition = {"redactfuzz_adopted", run_adopted, METH_NOARGS, NULL};

/* The end of the process waits for a threading.Thread that was not asked to be a daemon. A bare thread of _thread is one;
 * so is a Thread with `daemon=True`, or started by one. Inherited from a thread of the scenario it is another truth: see
 * Execution.attach. */
static int is_daemon(PyObject *callable)
{
    if (!PyMethod_Check(callable))
        return 1;
    PyObject *daemon = PyObject_GetAttrString(PyMethod_GET_SELF(callable), "_daemonic");
    int is = daemon == NULL || daemon == Py_True;
    Py_XDECREF(daemon);
    PyErr_Clear();
    return is;
}

/* A builtin to start in place of `callable`; `t` is set to the new thread. */
static PyObject *adopt(rfh_thread *parent, PyObject *callable, PyObject *args, PyObject *kwargs, rfh_thread **t)
{
    parent->children++;
    PyObject *name = PyUnicode_FromFormat("%U/%d", parent->name, (int)parent->children);
    *t = name ? rfh_add(name, callable, args, kwargs) : NULL;
    Py_XDECREF(name);
    if (*t == NULL)
        return NULL;
    (*t)->adopted = 1;
    (*t)->daemon = (uint8_t)is_daemon(callable);
    rfh.daemons += (*t)->daemon;
    PyObject *capsule = PyCapsule_New(*t, "redactfuzz.thread", NULL);
    PyObject *builtin = capsule ? PyCFunction_New(&run_adopted_definition, capsule) : NULL;
    Py_XDECREF(capsule);
    return builtin;
}

static PyObject *start_with(PyObject *module, PyObject *args, int original)
{
    PyCFunction really = (PyCFunction)patches[original].original;
    PyObject *callable, *positional, *kwargs = NULL;
    rfh_thread *me = rfh_me, *t;
    if (me == NULL || me->quiet
        || !PyArg_ParseTuple(args, "OO!|O!", &callable, &PyTuple_Type, &positional, &PyDict_Type, &kwargs)) {
        PyErr_Clear();
        return really(module, args);
    }
    PyObject *builtin = adopt(me, callable, positional, kwargs, &t);
    PyObject *inner = builtin ? Py_BuildValue("(N())", builtin) : NULL;
    me->quiet++; /* the interpreter may give up its lock until the thread has begun: our doing */
    PyObject *ident = inner ? really(module, inner) : NULL;
    me->quiet--;
    Py_XDECREF(inner);
    if (ident)
        rfh_enable(t);
    return ident;
}

static PyObject *start(PyObject *module, PyObject *args) { return start_with(module, args, START); }
static PyObject *start_old(PyObject *module, PyObject *args) { return start_with(module, args, START_OLD); }

static PyObject *start_joinable(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"function", "handle", "daemon", NULL};
    PyCFunctionWithKeywords really = (PyCFunctionWithKeywords)patches[START_JOINABLE].original;
    PyObject *callable, *handle = Py_None;
    int daemon = 1;
    rfh_thread *me = rfh_me, *t;
    if (me == NULL || me->quiet
        || !PyArg_ParseTupleAndKeywords(args, kwargs, "O|Op", names, &callable, &handle, &daemon)) {
        PyErr_Clear();
        return really(module, args, kwargs);
    }
    PyObject *nothing = PyTuple_New(0);
    PyObject *builtin = nothing ? adopt(me, callable, nothing, NULL, &t) : NULL;
    PyObject *inner = builtin ? Py_BuildValue("(NOi)", builtin, handle, daemon) : NULL;
    me->quiet++;
    PyObject *result = inner ? really(module, inner, NULL) : NULL;
    me->quiet--;
    Py_XDECREF(nothing);
    Py_XDECREF(inner);
    if (result) {
        t->handle = handle == Py_None ? (void *)result : (void *)handle;
        rfh_enable(t);
    }
    return result;
}

static PyObject *join(PyObject *self, PyObject *args)
{
    PyCFunction really = (PyCFunction)patches[JOIN].original;
    PyObject *timeout = Py_None;
    rfh_thread *me = rfh_me, *t = NULL;
    if (me == NULL || me->quiet || !PyArg_ParseTuple(args, "|O", &timeout)) {
        PyErr_Clear();
        return really(self, args);
    }
    for (uint16_t i = 0; i < rfh.count; i++)
        if (rfh.threads[i]->handle == self)
            t = rfh.threads[i];
    double seconds = timeout == Py_None ? -1 : PyFloat_AsDouble(timeout);
    if (t == NULL || PyErr_Occurred()) {
        PyErr_Clear();
        return really(self, args);
    }
    uint64_t deadline = rfh.clock + (seconds > 0 ? (uint64_t)(seconds * 1e9) : 0);
    while (t->state != RFH_ENDED) {
        uint64_t left = deadline > rfh.clock ? deadline - rfh.clock : 0;
        int woken = rfh_wait(me, self, left, timeout != Py_None, RF_JOIN);
        if (woken < 0)
            return NULL;
        if (woken == RFH_EXPIRED)
            Py_RETURN_NONE;
    }
    PyObject *nothing = PyTuple_New(0); /* it only has its OS thread's end before it */
    me->quiet++;
    PyObject *result = nothing ? really(self, nothing) : NULL;
    me->quiet--;
    Py_XDECREF(nothing);
    return result;
}

static rfh_patch patches[] = {
    [START] = {"_thread", NULL, "start_new_thread", METH_VARARGS, start},
    [START_OLD] = {"_thread", NULL, "start_new", METH_VARARGS, start_old},
    [START_JOINABLE] = {"_thread", NULL, "start_joinable_thread", METH_VARARGS | METH_KEYWORDS, start_joinable},
    [JOIN] = {"_thread", "_ThreadHandle", "join", METH_VARARGS, join},
    {NULL},
};

int rfh_adopt_install(void) { return rfh_patch_apply(patches); }
void rfh_adopt_remove(void) { rfh_patch_undo(patches); }
