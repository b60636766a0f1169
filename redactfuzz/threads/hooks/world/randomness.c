#include "world/randomness.h"

#include <sys/random.h>

#include "code/codes.h"
#include "interpreter/interpose.h"
#include "interpreter/patch.h"
#include "state/execution.h"

enum { RANDOM, GETRANDBITS, SEED, SETSTATE, GETSTATE, URANDOM, GETRANDOM, GETPID, GETPPID, NATIVE_ID, IDENT, ID, LOAD, USAGE };

#if PY_VERSION_HEX < 0x030d0000
typedef _PyCFunctionFast PyCFunctionFast;
typedef _PyCFunctionFastWithKeywords PyCFunctionFastWithKeywords;
#endif

static rfh_patch patches[];

static uint64_t base; /* of the execution */

/* Generators whose state in this execution is known: it was given to them, by us or by the program. By address: a new one
 * at the same address is seeded as it is made. */
enum { GENERATORS = 64 };
static PyObject *known[GENERATORS];
static int known_count;

/* The generator behind random.random(), and one that draws for the file system, where names must not come again. */
static PyObject *common, *spared;

/* splitmix64 */
static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static void drawn(uint8_t from)
{
    if (rfh.phase >= RFH_BODY && rfh.phase <= RFH_AFTER)
        rfh.drawn |= from;
}

/* `size` bytes of the stream that stands for the system's chance in an execution. The numbers of the draws alone distinguish them
 * apart: what a draw gives depends on the schedule, the number of the execution, and on nothing else. */
static void draw_system(unsigned char *bytes, Py_ssize_t size)
{
    uint64_t start = mixed(base ^ mixed(++rfh.draws)), word = 0;
    drawn(RFH_DRAWN_SYSTEM);
    for (Py_ssize_t i = 0; i < size; i++) {
        if (i % 8 == 0)
            word = mixed(start + (uint64_t)i);
        bytes[i] = (unsigned char)(word >> 8 * (i % 8));
    }
}

/* -- generators ------------------------------------------------------------------------------------------------- */

/* Notes that its state is known. Returns whether it was, or there is no room to note it. */
static int settle(PyObject *generator)
{
    for (int i = 0; i < known_count; i++)
        if (known[i] == generator)
            return 1;
    if (known_count == GENERATORS)
        return 1;
    known[known_count++] = generator;
    return 0;
}

/* Before anything is drawn from a generator, or its state is asked for. Seeding one costs as much as handing over to another
 * thread, and most scenarios never draw: hence not at the beginning of an execution. */
static int prepare(PyObject *generator)
{
    if (!rfh_controlled() || generator == spared || settle(generator))
        return 0;
    uint64_t number = mixed(base ^ mixed(~(uint64_t)(generator == common ? 0 : known_count)));
    PyObject *seed = PyLong_FromUnsignedLongLong(number);
    PyObject *done = seed ? ((PyCFunctionFast)patches[SEED].original)(generator, &seed, 1) : NULL;
    Py_XDECREF(seed);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

static int about_to_draw(PyObject *generator)
{
    if (rfh_controlled() && generator != spared)
        drawn(RFH_DRAWN_GENERATOR);
    return prepare(generator);
}

static PyObject *draw(PyObject *self, PyObject *argument)
{
    return about_to_draw(self) ? NULL : ((PyCFunction)patches[RANDOM].original)(self, argument);
}

static PyObject *draw_bits(PyObject *self, PyObject *argument)
{
    return about_to_draw(self) ? NULL : ((PyCFunction)patches[GETRANDBITS].original)(self, argument);
}

static PyObject *get_state(PyObject *self, PyObject *argument)
{
    return prepare(self) ? NULL : ((PyCFunction)patches[GETSTATE].original)(self, argument);
}

static PyObject *set_state(PyObject *self, PyObject *argument)
{
    if (rfh_controlled())
        settle(self);
    return ((PyCFunction)patches[SETSTATE].original)(self, argument);
}

static PyObject *seed_(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    PyCFunctionFast really = (PyCFunctionFast)patches[SEED].original;
    if (!rfh_controlled())
        return really(self, args, count);
    settle(self);
    if (count > 1 || (count == 1 && args[0] != Py_None))
        return really(self, args, count);
    uint64_t word; /* seeded by the system's chance */
    draw_system((unsigned char *)&word, sizeof word);
    PyObject *seed = PyLong_FromUnsignedLongLong(word);
    PyObject *result = seed ? really(self, &seed, 1) : NULL;
    Py_XDECREF(seed);
    return result;
}

/* -- the system's chance ------------------------------------------------------------------------------------------- */

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

/* -- what other runs have others of ------------------------------------------------------------------------------- */

static void asked_for_identity(void)
{
    PyFrameObject *frame = rfh_controlled() ? PyEval_GetFrame() : NULL;
    if (frame == NULL)
        return;
    PyCodeObject *code = PyFrame_GetCode(frame);
    const rfh_code *table = rfh_code_of((PyObject *)code);
    PyErr_Clear(); /* there is no memory for the table */
    if (table && !table->ours && !rfh_is_library(code))
        drawn(RFH_DRAWN_IDENTITY);
    Py_DECREF(code);
}

#define NUMBERED(name, which)                                                                                                  \
    static PyObject *name(PyObject *module, PyObject *given)                                                                   \
    {                                                                                                                          \
        asked_for_identity();                                                                                                  \
        return ((PyCFunction)patches[which].original)(module, given);                                                          \
    }

NUMBERED(getpid_, GETPID)
NUMBERED(getppid_, GETPPID)
NUMBERED(get_native_id, NATIVE_ID)
NUMBERED(get_ident, IDENT)
NUMBERED(id_, ID)
NUMBERED(getloadavg_, LOAD)
NUMBERED(getrusage_, USAGE)

/* The same for C code that asks libc for chance. */

static ssize_t get_random(void *bytes, size_t size, unsigned flags)
{
    if (!rfh_controlled())
        return getrandom(bytes, size, flags);
    draw_system(bytes, (Py_ssize_t)size);
    return (ssize_t)size;
}

static int get_entropy(void *bytes, size_t size)
{
    if (!rfh_controlled())
        return getentropy(bytes, size);
    draw_system(bytes, (Py_ssize_t)size);
    return 0;
}

static const rfh_import imports[] = {
    {"getrandom", (void *)get_random, (void *)getrandom, NULL},
    {"getentropy", (void *)get_entropy, (void *)getentropy, NULL},
    {NULL, NULL, NULL, NULL},
};

static rfh_patch patches[] = {
    [RANDOM] = {"_random", "Random", "random", METH_NOARGS, draw},
    [GETRANDBITS] = {"_random", "Random", "getrandbits", METH_O, draw_bits},
    [SEED] = {"_random", "Random", "seed", METH_FASTCALL, seed_},
    [SETSTATE] = {"_random", "Random", "setstate", METH_O, set_state},
    [GETSTATE] = {"_random", "Random", "getstate", METH_NOARGS, get_state},
    [URANDOM] = {"posix", NULL, "urandom", METH_O, urandom},
    [GETRANDOM] = {"posix", NULL, "getrandom", METH_FASTCALL | METH_KEYWORDS, getrandom_},
    [GETPID] = {"posix", NULL, "getpid", METH_NOARGS, getpid_},
    [GETPPID] = {"posix", NULL, "getppid", METH_NOARGS, getppid_},
    [NATIVE_ID] = {"_thread", NULL, "get_native_id", METH_NOARGS, get_native_id},
    [IDENT] = {"_thread", NULL, "get_ident", METH_NOARGS, get_ident},
    [ID] = {"builtins", NULL, "id", METH_O, id_},
    [LOAD] = {"posix", NULL, "getloadavg", METH_NOARGS, getloadavg_},
    [USAGE] = {"resource", NULL, "getrusage", METH_O, getrusage_},
    {NULL},
};

int rfh_randomness_install(void)
{
    PyObject *module = PyImport_ImportModule("random");
    Py_XSETREF(common, module ? PyObject_GetAttrString(module, "_inst") : NULL);
    Py_XDECREF(module);
    rfh_interpose(imports);
    return common ? rfh_patch_apply(patches) : -1;
}

void rfh_randomness_remove(void) { rfh_patch_undo(patches); }

/* -- for the explorer ---------------------------------------------------------------------------------------------- */

static PyObject *begin_chance(PyObject *module, PyObject *args)
{
    unsigned long long seed, number;
    PyObject *generator;
    if (!PyArg_ParseTuple(args, "KKO", &seed, &number, &generator))
        return NULL;
    base = mixed(mixed(mixed(seed)) ^ mixed(~(uint64_t)number));
    known_count = 0;
    Py_XSETREF(spared, Py_NewRef(generator));
    /* gauss() keeps one for later, in Python. */
    if (common && PyObject_SetAttrString(common, "gauss_next", Py_None) != 0)
        return NULL;
    Py_RETURN_NONE;
}

PyMethodDef rfh_randomness_methods[] = {
    {"begin_chance", begin_chance, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
