#include "randomness.h"

#include "patch.h"

enum { RANDOM, GETRANDBITS, SEED, SETSTATE };

#if PY_VERSION_HEX < 0x030d0000
typedef _PyCFunctionFast PyCFunctionFast;
#endif

static rfh_patch patches[];

/* What `random` was seeded with, when nothing was drawn since; else NULL. Any generator's draw counts, not the module's
 * alone: which one it is costs more to find out than an idle seeding. */
static PyObject *fresh;

static PyObject *draw(PyObject *self, PyObject *argument)
{
    Py_CLEAR(fresh);
    return ((PyCFunction)patches[RANDOM].original)(self, argument);
}

static PyObject *draw_bits(PyObject *self, PyObject *argument)
{
    Py_CLEAR(fresh);
    return ((PyCFunction)patches[GETRANDBITS].original)(self, argument);
}

static PyObject *seed_(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_CLEAR(fresh);
    return ((PyCFunctionFast)patches[SEED].original)(self, args, count);
}

static PyObject *set_state(PyObject *self, PyObject *argument)
{
    Py_CLEAR(fresh);
    return ((PyCFunction)patches[SETSTATE].original)(self, argument);
}

static rfh_patch patches[] = {
    [RANDOM] = {"_random", "Random", "random", METH_NOARGS, draw},
    [GETRANDBITS] = {"_random", "Random", "getrandbits", METH_O, draw_bits},
    [SEED] = {"_random", "Random", "seed", METH_FASTCALL, seed_},
    [SETSTATE] = {"_random", "Random", "setstate", METH_O, set_state},
    {NULL},
};

int rfh_randomness_install(void)
{
    Py_CLEAR(fresh);
    return rfh_patch_apply(patches);
}

void rfh_randomness_remove(void)
{
    Py_CLEAR(fresh);
    rfh_patch_undo(patches);
}

int rfh_reseed(PyObject *seed)
{
    int same = fresh ? PyObject_RichCompareBool(fresh, seed, Py_EQ) : 0;
    if (same)
        return same < 0 ? -1 : 0;
    PyObject *module = PyImport_ImportModule("random");
    PyObject *done = module ? PyObject_CallMethod(module, "seed", "O", seed) : NULL;
    Py_XDECREF(module);
    if (done == NULL)
        return -1;
    Py_DECREF(done);
    Py_XSETREF(fresh, Py_NewRef(seed));
    return 0;
}
