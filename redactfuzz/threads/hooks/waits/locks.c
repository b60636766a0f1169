#include "waits/locks.h"

#include <string.h>

#include "interpreter/patch.h"
#include "schedule/outside.h"
#include "schedule/turn.h"
#include "state/objects.h"
#include "touch/touch.h"

/* -- lock and RLock ------------------------------------------------------------------------------------------- */

static rfh_patch patches[];
enum { LOCK_ACQUIRE, LOCK_ACQUIRE_OLD, LOCK_ENTER, LOCK_RELEASE, LOCK_RELEASE_OLD, LOCK_EXIT, RLOCK_ACQUIRE, RLOCK_ENTER,
       RLOCK_RELEASE, RLOCK_EXIT, RLOCK_SAVE, RLOCK_RESTORE };

#if PY_VERSION_HEX >= 0x030f0000
enum { ACQUIRE_FLAGS = METH_FASTCALL | METH_KEYWORDS, ENTER_FLAGS = METH_NOARGS, EXIT_FLAGS = METH_FASTCALL, RESTORE_FLAGS = METH_O };
#else
enum { ACQUIRE_FLAGS = METH_VARARGS | METH_KEYWORDS, ENTER_FLAGS = ACQUIRE_FLAGS, EXIT_FLAGS = METH_VARARGS,
       RESTORE_FLAGS = METH_VARARGS };
#endif

static PyObject *no_wait_args, *settle_args; /* (False,) and (True, 1.0) */
static PyCFunction rlock_is_owned;           /* says whether the thread holds it still, however often it took it */

/* What acquire was given, as this interpreter hands it over. */
#if PY_VERSION_HEX >= 0x030f0000
typedef struct given {
    PyObject *const *args;
    Py_ssize_t count;
    PyObject *names;
} given;

static PyObject *really(PyObject *self, given g, int original)
{
    return ((PyCFunctionFastWithKeywords)patches[original].original)(self, g.args, g.count, g.names);
}

static given given_in(PyObject *tuple) { return (given){((PyTupleObject *)tuple)->ob_item, PyTuple_GET_SIZE(tuple), NULL}; }

/* 0: it is nothing that can be taken apart; the original raises what it always raises. */
static int take_apart(given g, int *blocking, PyObject **timeout)
{
    if (g.count > 2)
        return 0;
    PyObject *block = g.count > 0 ? g.args[0] : Py_True;
    *timeout = g.count > 1 ? g.args[1] : NULL;
    for (Py_ssize_t i = 0; g.names && i < PyTuple_GET_SIZE(g.names); i++) {
        PyObject *name = PyTuple_GET_ITEM(g.names, i);
        if (g.count == 0 && PyUnicode_EqualToUTF8(name, "blocking"))
            block = g.args[i];
        else if (g.count < 2 && PyUnicode_EqualToUTF8(name, "timeout"))
            *timeout = g.args[g.count + i];
        else
            return 0;
    }
    *blocking = PyObject_IsTrue(block);
    return *blocking >= 0;
}
#else
typedef struct given {
    PyObject *args, *kwargs;
} given;

static PyObject *really(PyObject *self, given g, int original)
{
    return ((PyCFunctionWithKeywords)patches[original].original)(self, g.args, g.kwargs);
}

static given given_in(PyObject *tuple) { return (given){tuple, NULL}; }

/* 0: it is nothing that can be taken apart; the original raises what it always raises. */
static int take_apart(given g, int *blocking, PyObject **timeout)
{
    static char *names[] = {"blocking", "timeout", NULL};
    return PyArg_ParseTupleAndKeywords(g.args, g.kwargs, "|pO", names, blocking, timeout);
}
#endif

/* One attempt that does not block. 1: taken, 0: held by somebody else, -1: exception. */
static int attempt(PyObject *self, int original)
{
    rfh_held *e = rfh_held_of(self);
    PyObject *args = e->owner == RFH_SETTLING ? settle_args : no_wait_args;
    if (rfh_me)
        rfh_me->quiet++; /* the interpreter lock may be given up, by our doing */
    PyObject *taken = really(self, given_in(args), original);
    if (rfh_me)
        rfh_me->quiet--;
    if (taken == NULL)
        return -1;
    int got = taken == Py_True;
    Py_DECREF(taken);
    e = rfh_held_of(self);
    if (!got && (e->owner == RFH_NOBODY || e->owner == RFH_SETTLING))
        e->owner = RFH_FOREIGN;
    return got;
}

static void took(rfh_thread *t, PyObject *self)
{
    rfh_held *e = rfh_held_of(self);
    e->owner = t->id;
    if (rfh_taken(t, self))
        rfh_touch_death(RF_READ);
    if (rfh.phase <= RFH_AFTER) {
        rf_event event = {.site = t->site, .kind = RF_ACQUIRE, .object = e->ordinal};
        rf_touch(rfh.core, t->id, &event);
    }
}

/* It is held, or nobody holds it. */
static void looked(rfh_thread *t, PyObject *self)
{
    if (rfh.reduces && rfh.phase <= RFH_AFTER) {
        rf_event event = {.site = t->site, .kind = RF_READ, .object = rfh_ordinal(self)};
        rf_touch(rfh.core, t->id, &event);
    }
}

/* Condition.wait takes a lock of its own twice; the second time it waits for a notification. */
static int in_condition(void)
{
    PyFrameObject *frame = PyThreadState_GetFrame(PyThreadState_Get());
    if (frame == NULL)
        return 0;
    PyCodeObject *code = PyFrame_GetCode(frame);
    const char *name = PyUnicode_AsUTF8(code->co_qualname);
    int found = name && strcmp(name, "Condition.wait") == 0;
    Py_DECREF(code);
    Py_DECREF(frame);
    return found;
}

/* It is held by a thread that is not controlled: that one gets some real time, while the scenario stands still. Nothing
 * is recorded, so that a lock which is soon free again makes no difference. */
static int await_outsider(PyObject *self, int original)
{
    while (rfh.phase <= RFH_AFTER && rfh_held_of(self)->owner == RFH_FOREIGN && rfh_outside_nap()) {
        int got = attempt(self, original);
        if (got != 0)
            return got;
    }
    if (rfh_held_of(self)->owner == RFH_FOREIGN && rfh.phase <= RFH_AFTER)
        rfh.outside_holds = 1;
    return 0;
}

/* 1: taken, 0: gave up by timeout or because it must not block, -1: exception. */
static int take(rfh_thread *t, PyObject *self, int original, int blocking, double timeout)
{
    uint64_t deadline = timeout < 0 ? 0 : rfh.clock + rfh_of_seconds(timeout);
    t->fresh = 0; /* the call was the point; taking a lock that is free is none, the interpreter cannot switch there */
    for (;;) {
        int got = attempt(self, original);
        if (got == 0 && blocking)
            got = await_outsider(self, original);
        if (got != 0 || !blocking) {
            if (got > 0)
                took(t, self);
            else
                looked(t, self);
            return got;
        }
        looked(t, self);
        uint64_t left = deadline > rfh.clock ? deadline - rfh.clock : 0;
        t->by_condition = (uint8_t)in_condition();
        int woken = rfh_wait(t, self, left, timeout >= 0, RF_ACQUIRE);
        t->by_condition = 0;
        if (woken < 0)
            return -1;
        if (woken == RFH_EXPIRED)
            return 0;
    }
}

static PyObject *acquire(PyObject *self, given g, int original)
{
    rfh_thread *t = rfh_me;
    if (t == NULL)
        return really(self, g, original);
    if (t->quiet) {
        if (t->handler == 0) {
            PyObject *taken = really(self, g, original);
            if (taken == Py_True && rfh.phase <= RFH_AFTER) /* code of ours: whoever waits for it waits for this thread */
                rfh_held_of(self)->owner = t->id;
            return taken;
        }
        /* by="kill": the dumper is outside and everything is stopped, so waiting would never end. */
        PyObject *taken = really(self, given_in(no_wait_args), original);
        if (taken == Py_False) {
            Py_DECREF(taken);
            PyErr_SetString(PyExc_RuntimeError, "a dumper outside the process (by=\"kill\") waits for a lock that a "
                                                "stopped thread holds: it would wait for ever");
            return NULL;
        }
        return taken;
    }
    int blocking = 1;
    double timeout = -1;
    PyObject *timeout_object = NULL;
    if (!take_apart(g, &blocking, &timeout_object)
        || (timeout_object && (timeout = PyFloat_AsDouble(timeout_object)) == -1 && PyErr_Occurred())) {
        PyErr_Clear();
        return really(self, g, original);
    }
    if ((!blocking && timeout != -1) || (timeout < 0 && timeout != -1))
        return really(self, g, original);
    int got = take(t, self, original, blocking, timeout);
    return got < 0 ? NULL : PyBool_FromLong(got);
}

void rfh_lock_released(rfh_thread *t, void *self)
{
    rfh_held *e = rfh_held_of(self);
    if (t && e->owner < 0) /* nobody of ours took it: it is a sign for whoever waits */
        rfh_outside_asked(self);
    e->owner = RFH_NOBODY;
    if (t && rfh.phase <= RFH_AFTER) {
        rf_event event = {.site = t->site, .kind = RF_RELEASE, .object = e->ordinal};
        rf_touch(rfh.core, t->id, &event);
    }
    rfh_signal(self);
}

static int still_owned(PyObject *rlock)
{
    PyObject *owned = rlock_is_owned(rlock, NULL);
    int is = owned == Py_True;
    Py_XDECREF(owned);
    return is;
}

/* After the original has released it; `result` is what it gave. */
static PyObject *gave(PyObject *self, PyObject *result, int original)
{
    if (result && rfh_me) {
        if (original < RLOCK_RELEASE || !still_owned(self))
            rfh_lock_released(rfh_me, self);
    } else if (result) {
        rfh_outside_released(self);
    } else if (rfh_me) {
        looked(rfh_me, self);
    }
    return result;
}

#define RELEASE(name, original_) \
    static PyObject *name(PyObject *self, PyObject *ignored) \
    { \
        return gave(self, ((PyCFunction)patches[original_].original)(self, ignored), original_); \
    }
#if PY_VERSION_HEX >= 0x030f0000
#define ACQUIRE(name, original) \
    static PyObject *name(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) \
    { \
        return acquire(self, (given){args, count, names}, original); \
    }
#define ENTER(name, original, acquire_of_it) \
    static PyObject *name(PyObject *self, PyObject *ignored) { return acquire(self, (given){NULL, 0, NULL}, acquire_of_it); }
#define EXIT(name, original_) \
    static PyObject *name(PyObject *self, PyObject *const *args, Py_ssize_t count) \
    { \
        return gave(self, ((PyCFunctionFast)patches[original_].original)(self, args, count), original_); \
    }
#else
#define ACQUIRE(name, original) \
    static PyObject *name(PyObject *self, PyObject *args, PyObject *kwargs) \
    { \
        return acquire(self, (given){args, kwargs}, original); \
    }
#define ENTER(name, original, acquire_of_it) ACQUIRE(name, original)
#define EXIT(name, original) RELEASE(name, original)
#endif
ACQUIRE(lock_acquire, LOCK_ACQUIRE)
ACQUIRE(lock_acquire_old, LOCK_ACQUIRE_OLD)
ENTER(lock_enter, LOCK_ENTER, LOCK_ACQUIRE)
ACQUIRE(rlock_acquire, RLOCK_ACQUIRE)
ENTER(rlock_enter, RLOCK_ENTER, RLOCK_ACQUIRE)
RELEASE(lock_release, LOCK_RELEASE)
RELEASE(lock_release_old, LOCK_RELEASE_OLD)
EXIT(lock_exit, LOCK_EXIT)
RELEASE(rlock_release, RLOCK_RELEASE)
EXIT(rlock_exit, RLOCK_EXIT)

static PyObject *rlock_save(PyObject *self, PyObject *ignored)
{
    PyObject *state = ((PyCFunction)patches[RLOCK_SAVE].original)(self, NULL);
    if (state && rfh_me)
        rfh_lock_released(rfh_me, self);
    else if (state)
        rfh_outside_released(self);
    return state;
}

/* `args`: the state, or a tuple of it alone. */
static PyObject *rlock_restore(PyObject *self, PyObject *args)
{
    PyObject *state = RESTORE_FLAGS == METH_O ? args : PyTuple_GET_SIZE(args) == 1 ? PyTuple_GET_ITEM(args, 0) : Py_None;
    PyCFunction original = (PyCFunction)patches[RLOCK_RESTORE].original;
    unsigned long count, owner;
    rfh_thread *t = rfh_me;
    if (t == NULL || t->quiet || !PyTuple_Check(state) || !PyArg_ParseTuple(state, "kk", &count, &owner)) {
        PyErr_Clear();
        return original(self, args);
    }
    if (take(t, self, RLOCK_ACQUIRE, 1, -1) < 0) /* waits under control, gives it back, and takes it as asked */
        return NULL;
    PyObject *done = ((PyCFunction)patches[RLOCK_RELEASE].original)(self, NULL);
    Py_XDECREF(done);
    return done ? original(self, args) : NULL;
}

static rfh_patch patches[] = {
    [LOCK_ACQUIRE] = {"_thread", "lock", "acquire", ACQUIRE_FLAGS, lock_acquire},
    [LOCK_ACQUIRE_OLD] = {"_thread", "lock", "acquire_lock", ACQUIRE_FLAGS, lock_acquire_old},
    [LOCK_ENTER] = {"_thread", "lock", "__enter__", ENTER_FLAGS, lock_enter},
    [LOCK_RELEASE] = {"_thread", "lock", "release", METH_NOARGS, lock_release},
    [LOCK_RELEASE_OLD] = {"_thread", "lock", "release_lock", METH_NOARGS, lock_release_old},
    [LOCK_EXIT] = {"_thread", "lock", "__exit__", EXIT_FLAGS, lock_exit},
    [RLOCK_ACQUIRE] = {"_thread", "RLock", "acquire", ACQUIRE_FLAGS, rlock_acquire},
    [RLOCK_ENTER] = {"_thread", "RLock", "__enter__", ENTER_FLAGS, rlock_enter},
    [RLOCK_RELEASE] = {"_thread", "RLock", "release", METH_NOARGS, rlock_release},
    [RLOCK_EXIT] = {"_thread", "RLock", "__exit__", EXIT_FLAGS, rlock_exit},
    [RLOCK_SAVE] = {"_thread", "RLock", "_release_save", METH_NOARGS, rlock_save},
    [RLOCK_RESTORE] = {"_thread", "RLock", "_acquire_restore", RESTORE_FLAGS, rlock_restore},
    {NULL},
};

static int find_is_owned(void)
{
    PyObject *type = rfh_patch_owner("_thread", "RLock");
    PyObject *method = type ? PyObject_GetAttrString(type, "_is_owned") : NULL;
    PyMethodDef *definition = method ? rfh_patch_definition(method) : NULL;
    Py_XDECREF(method);
    Py_XDECREF(type);
    if (definition == NULL || definition->ml_flags != METH_NOARGS) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_RuntimeError, "_thread.RLock._is_owned is not the builtin that redactfuzz knows");
        return -1;
    }
    rlock_is_owned = definition->ml_meth;
    return 0;
}

int rfh_locks_install(void)
{
    if (find_is_owned() != 0)
        return -1;
    if (no_wait_args == NULL) {
        no_wait_args = Py_BuildValue("(O)", Py_False);
        settle_args = Py_BuildValue("(Od)", Py_True, 1.0);
        if (no_wait_args == NULL || settle_args == NULL)
            return -1;
    }
    return rfh_patch_apply(patches);
}

void rfh_locks_remove(void) { rfh_patch_undo(patches); }
