#include "randomness.h"

#include "control.h"
#include "patch.h"

enum { RANDOM, GETRANDBITS, SEED, SETSTATE, URANDOM, GETRANDOM };

#if PY_VERSION_HEX < 0x030d0000
typedef _PyCFunctionFast PyCFunctionFast;
typedef _PyCFunctionFastWithKeywords PyCFunctionFastWithKeywords;
#endif

static rfh_patch patches[];

/* What `random` was seeded with, when nothing was drawn since; else NULL. Any generator's draw counts, not the module's
 * alone: which one it is costs more to find out than an idle seeding. */
static PyObject *fresh;

static uint64_t base; /* the seed of rfh_reseed, as a number */

/* splitmix64 */
static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* `size` bytes of the stream that stands for the system's chance in an execution. The numbers of the draws alone tell them
 * apart: what a draw gives depends on the schedule and on nothing else. */
static void draw_system(unsigned char *bytes, Py_ssize_t size)
{
    uint64_t start = mixed(base ^ mixed(++rfh.draws)), word = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        if (i % 8 == 0)
            word = mixed(start + (uint64_t)i);
        bytes[i] = (unsigned char)(word >> 8 * (i % 8));
    }
}

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
    PyCFunctionFast really = (PyCFunctionFast)patches[SEED].original;
    Py_CLEAR(fresh);
    if (!rfh_controlled() || count > 1 || (count == 1 && args[0] != Py_None))
        return really(self, args, count);
    uint64_t word; /* seeded by the system's chance */
    draw_system((unsigned char *)&word, sizeof word);
    PyObject *seed = PyLong_FromUnsignedLongLong(word);
    PyObject *result = seed ? really(self, &seed, 1) : NULL;
    Py_XDECREF(seed);
    return result;
}

static PyObject *set_state(PyObject *self, PyObject *argument)
{
    Py_CLEAR(fresh);
    return ((PyCFunction)patches[SETSTATE].original)(self, argument);
}

/* Bytes of the stream, or NULL without an exception when the size is none that the original takes. */
static PyObject *system_bytes(PyObject *size)
{
    if (!PyLong_Check(size))
        return NULL;
    Py_ssize_t count = PyLong_AsSsize_t(size);
    if (count < 0) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, count);
    if (bytes)
        draw_system((unsigned char *)PyBytes_AS_STRING(bytes), count);
    return bytes;
}

static PyObject *urandom(PyObject *module, PyObject *size)
{
    PyObject *bytes = rfh_controlled() ? system_bytes(size) : NULL;
    return bytes || PyErr_Occurred() ? bytes : ((PyCFunction)patches[URANDOM].original)(module, size);
}

static PyObject *getrandom_(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    PyObject *bytes = rfh_controlled() && count > 0 ? system_bytes(args[0]) : NULL;
    return bytes || PyErr_Occurred()
        ? bytes
        : ((PyCFunctionFastWithKeywords)patches[GETRANDOM].original)(module, args, count, names);
}

static rfh_patch patches[] = {
    [RANDOM] = {"_random", "Random", "random", METH_NOARGS, draw},
    [GETRANDBITS] = {"_random", "Random", "getrandbits", METH_O, draw_bits},
    [SEED] = {"_random", "Random", "seed", METH_FASTCALL, seed_},
    [SETSTATE] = {"_random", "Random", "setstate", METH_O, set_state},
    [URANDOM] = {"posix", NULL, "urandom", METH_O, urandom},
    [GETRANDOM] = {"posix", NULL, "getrandom", METH_FASTCALL | METH_KEYWORDS, getrandom_},
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
    base = (uint64_t)PyLong_AsUnsignedLongLongMask(seed);
    if (PyErr_Occurred())
        return -1;
    PyObject *module = PyImport_ImportModule("random");
    PyObject *done = module ? PyObject_CallMethod(module, "seed", "O", seed) : NULL;
    Py_XDECREF(module);
    if (done == NULL)
        return -1;
    Py_DECREF(done);
    Py_XSETREF(fresh, Py_NewRef(seed));
    return 0;
}
