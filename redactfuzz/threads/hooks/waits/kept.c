#include "waits/kept.h"

#include "interpreter/patch.h"
#include "schedule/turn.h"
#include "state/execution.h"
#include "state/objects.h"
#include "waits/locks.h"

/* In controlled threads they are kept by us: who waits inside C code could not be unwound. Whoever has ours finds the
 * interpreter's own free. */
/* How often their owner has taken them. */
static uint32_t imports;
#if PY_VERSION_HEX >= 0x030e0000
static uint32_t warnings;
#endif
static rfh_patch patches[];
enum { IMPORT_ACQUIRE, IMPORT_RELEASE, WARNINGS_ACQUIRE, WARNINGS_RELEASE, WARN, WARN_EXPLICIT };

static int take(rfh_thread *t, uint32_t *lock)
{
    for (;;) {
        rfh_held *e = rfh_held_of(lock);
        if (e->owner == RFH_NOBODY || e->owner == t->id) {
            *lock = e->owner == t->id ? *lock + 1 : 1;
            e->owner = t->id;
            return 0;
        }
        if (rfh_wait(t, lock, 0, 0, RF_ACQUIRE) < 0)
            return -1;
    }
}

static void give(rfh_thread *t, uint32_t *lock)
{
    if (rfh_held_of(lock)->owner == t->id && --*lock == 0)
        rfh_lock_released(t, lock);
}

/* -- imports: held for a few instructions of importlib ------------------------------------------------------------ */

static PyObject *import_acquire(PyObject *module, PyObject *ignored)
{
    rfh_thread *t = rfh_me;
    if (t == NULL || t->quiet)
        return ((PyCFunction)patches[IMPORT_ACQUIRE].original)(module, NULL);
    return take(t, &imports) == 0 ? Py_NewRef(Py_None) : NULL;
}

static PyObject *import_release(PyObject *module, PyObject *ignored)
{
    rfh_thread *t = rfh_me;
    if (t == NULL || t->quiet || rfh_held_of(&imports)->owner != t->id)
        return ((PyCFunction)patches[IMPORT_RELEASE].original)(module, NULL);
    give(t, &imports);
    Py_RETURN_NONE;
}

/* -- warnings: held while one is shown, and while filters are changed ---------------------------------------------- */

#if PY_VERSION_HEX >= 0x030e0000
/* 1: it is taken, and must be given back; 0: it is none of ours; -1: an exception is set. */
static int enter_warnings(rfh_thread *t)
{
    if (t == NULL)
        return 0;
    if (t->quiet == 0)
        return take(t, &warnings) == 0 ? 1 : -1;
    int32_t owner = t->handler ? rfh_held_of(&warnings)->owner : RFH_NOBODY;
    if (owner == RFH_NOBODY || owner == t->id)
        return 0;
    PyErr_SetString(PyExc_RuntimeError, "a dumper outside the process (by=\"kill\") waits for the lock of warnings, which a "
                                        "stopped thread holds: it would wait for ever");
    return -1;
}

static PyObject *warnings_acquire(PyObject *module, PyObject *ignored)
{
    int entered = enter_warnings(rfh_me);
    PyObject *done = entered < 0 ? NULL : ((PyCFunction)patches[WARNINGS_ACQUIRE].original)(module, NULL);
    if (done == NULL && entered > 0)
        give(rfh_me, &warnings);
    return done;
}

static PyObject *warnings_release(PyObject *module, PyObject *ignored)
{
    PyObject *done = ((PyCFunction)patches[WARNINGS_RELEASE].original)(module, NULL);
    if (done && rfh_me && rfh_me->quiet == 0)
        give(rfh_me, &warnings);
    return done;
}

static PyObject *warned(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names, int original)
{
    int entered = enter_warnings(rfh_me);
    if (entered < 0)
        return NULL;
    PyObject *done = ((PyObject * (*)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *))patches[original].original)(
        module, args, count, names);
    if (entered > 0)
        give(rfh_me, &warnings);
    return done;
}

static PyObject *warn(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    return warned(module, args, count, names, WARN);
}

static PyObject *warn_explicit(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    return warned(module, args, count, names, WARN_EXPLICIT);
}
#endif

static rfh_patch patches[] = {
    [IMPORT_ACQUIRE] = {"_imp", NULL, "acquire_lock", METH_NOARGS, import_acquire},
    [IMPORT_RELEASE] = {"_imp", NULL, "release_lock", METH_NOARGS, import_release},
#if PY_VERSION_HEX >= 0x030e0000
    [WARNINGS_ACQUIRE] = {"_warnings", NULL, "_acquire_lock", METH_NOARGS, warnings_acquire},
    [WARNINGS_RELEASE] = {"_warnings", NULL, "_release_lock", METH_NOARGS, warnings_release},
    [WARN] = {"_warnings", NULL, "warn", METH_FASTCALL | METH_KEYWORDS, warn},
    [WARN_EXPLICIT] = {"_warnings", NULL, "warn_explicit", METH_FASTCALL | METH_KEYWORDS, warn_explicit},
#endif
    {NULL},
};

int rfh_kept_install(void) { return rfh_patch_apply(patches); }

void rfh_kept_remove(void) { rfh_patch_undo(patches); }
