#define PY_SSIZE_T_CLEAN
#include "touch/survey.h"

#include <string.h>

#include "touch/identity.h"
#include "touch/touch.h"
#include "touch/values.h"

enum {
    FILES = 1024,        /* all that come later are one, which has no name */
    MEMBERS = 32,        /* what an object refers to, among which a secret is looked for, at most */
    MOST = 64, DEEP = 4, /* and what may be changed with it; so deep */
    ACCESSES = 1 << 22,  /* with more of them nothing is known */
    HANDLER = 1 << 15,   /* with the number of a thread: a crash handler that interrupts it */
    PARTS = 512,
    PART = 8,            /* bytes at most */
};

/* Masked, so that no memory of ours holds the secret. */
typedef struct part {
    uint8_t data[PART], size, mask;
} part;

typedef struct touched {
    uint64_t object; /* its number, or its address where it has none; 0: this is free */
    uint32_t place;
    uint16_t file, actor;
    uint32_t wrote;
} touched;

#define FILE_SYSTEM Py_None /* stands for it: nobody changes that one */

static PyObject *files;   /* dict: name -> number */
static part parts[PARTS]; /* of secrets */
static size_t parts_count;
static int numbers; /* a large number may be one */
static uint64_t points[FILES];
static uint8_t holds[FILES]; /* a secret, or what runs in the redactor */
static touched *accesses;
static size_t room, used; /* of these; a power of two */
static int failed;
static uint16_t here, actor;

void rfh_survey_begin(void)
{
    PyMem_RawFree(accesses);
    accesses = NULL;
    room = used = 0;
    memset(points, 0, sizeof points);
    memset(holds, 0, sizeof holds);
    Py_XSETREF(files, PyDict_New());
    parts_count = 0;
    numbers = 0;
    failed = files == NULL;
    PyErr_Clear();
}

int rfh_survey_is_alone(const rfh_thread *t)
{
    for (uint16_t i = 1; i < rfh.count; i++)
        if (rfh.threads[i]->adopted && rfh.threads[i]->state != RFH_NEW && rfh.threads[i]->state != RFH_ENDED)
            return 0;
    return rfh.phase == RFH_BODY && t->id == 0;
}

/* -- where */

static uint16_t number_of(PyObject *filename)
{
    PyObject *known = files ? PyDict_GetItemWithError(files, filename) : NULL;
    long number = known ? PyLong_AsLong(known) : files ? (long)PyDict_GET_SIZE(files) : FILES - 1;
    if (known == NULL && number < FILES - 1) {
        known = PyLong_FromLong(number);
        failed |= known == NULL || PyDict_SetItem(files, filename, known) != 0;
        Py_XDECREF(known);
    }
    PyErr_Clear();
    return (uint16_t)(number < FILES - 1 ? number : FILES - 1);
}

void rfh_survey_in(const rfh_thread *t, PyObject *filename, int point)
{
    here = number_of(filename);
    actor = (uint16_t)(t->id | (t->handler > 0 ? HANDLER : 0));
    points[here] += point != 0;
    holds[here] |= t->redacting > 0;
}

/* -- what is touched */

static int is_same(const touched *one, const touched *other)
{
    return one->object == other->object && one->place == other->place && one->file == other->file && one->actor == other->actor;
}

static touched *find(touched *table, size_t size, const touched *wanted)
{
    uint64_t hash = (wanted->object * 0x9e3779b97f4a7c15u ^ wanted->place) * 0xbf58476d1ce4e5b9u;
    hash ^= (hash >> 29) + wanted->file * 0x94d049bb133111ebu + wanted->actor;
    size_t at = (size_t)(hash ^ hash >> 32) & (size - 1);
    while (table[at].object != 0 && !is_same(&table[at], wanted))
        at = (at + 1) & (size - 1);
    return &table[at];
}

static int grow(void)
{
    size_t size = room ? 2 * room : 1 << 12;
    touched *grown = size <= ACCESSES ? PyMem_RawCalloc(size, sizeof *grown) : NULL;
    if (grown == NULL)
        return -1;
    for (size_t i = 0; i < room; i++)
        if (accesses[i].object != 0)
            *find(grown, size, &accesses[i]) = accesses[i];
    PyMem_RawFree(accesses);
    accesses = grown;
    room = size;
    return 0;
}

void rfh_survey_touch(uint8_t kind, PyObject *object, uint32_t place)
{
    uint32_t number = rfh_identity_of(object);
    touched wanted = {number ? number : (uint64_t)(uintptr_t)object, place, here, actor, 0};
    if (failed || (2 * used >= room && grow() != 0)) {
        failed = 1;
        return;
    }
    touched *found = find(accesses, room, &wanted);
    used += found->object == 0;
    wanted.wrote = found->wrote | (kind != RF_READ);
    *found = wanted;
}

static int is_lock(PyObject *value)
{
    const char *name = Py_TYPE(value)->tp_name;
    return strcmp(name, "_thread.lock") == 0 || strcmp(name, "_thread.RLock") == 0;
}

/* Of a module in C, or of an object: what it does goes to the file system, which is one place. */
static int is_of_files(const char *name)
{
    int some = strncmp(name, "_io", 3) == 0 || strcmp(name, "posix") == 0;
    return some && strcmp(name, "_io.StringIO") != 0 && strcmp(name, "_io.BytesIO") != 0;
}

/* The members of what code is made of, and of what refers to all there is, are not looked through. */
static int is_walked(PyObject *o)
{
    return Py_TYPE(o)->tp_traverse != NULL && PyObject_IS_GC(o) && !PyModule_Check(o) && !PyType_Check(o) && !PyFunction_Check(o)
        && !PyCFunction_Check(o) && !PyGen_CheckExact(o) && !PyCoro_CheckExact(o) && !PyAsyncGen_CheckExact(o) && !PyFrame_Check(o);
}

typedef struct walk {
    int deep, left;
} walk;

static int visit_unknown(PyObject *value, void *arg)
{
    walk *w = arg;
    if (PyModule_Check(value) || PyType_Check(value) || PyFunction_Check(value) || PyCode_Check(value) || rfh_is_plain(value))
        return 0;
    if (--w->left < 0)
        return 1;
    rfh_survey_touch(RF_WRITE, is_of_files(Py_TYPE(value)->tp_name) ? FILE_SYSTEM : value, RFH_ALL_OF_IT);
    w->deep--;
    int more = w->deep > 0 && is_walked(value) ? Py_TYPE(value)->tp_traverse(value, visit_unknown, w) : 0;
    w->deep++;
    return more;
}

void rfh_survey_unknown(PyObject *value)
{
    walk w = {DEEP, MOST};
    PyObject *of = value && PyCFunction_Check(value) ? PyCFunction_GET_SELF(value) : value;
    const char *module = of && of != value && PyModule_Check(of) ? PyModule_GetName(of) : NULL;
    if (module) /* what it keeps in C */
        rfh_survey_touch(RF_WRITE, is_of_files(module) ? FILE_SYSTEM : of, RFH_ALL_OF_IT);
    else if (of && visit_unknown(of, &w))
        holds[here] = 1; /* too much to look through */
    PyErr_Clear();
}

/* -- secrets */

static int is_at(const part *wanted, int kind, const void *data, Py_ssize_t at)
{
    for (uint8_t i = 0; i < wanted->size; i++)
        if (PyUnicode_READ(kind, data, at + i) != (Py_UCS4)(wanted->data[i] ^ wanted->mask))
            return 0;
    return 1;
}

static int is_in(const part *wanted, int kind, const void *data, Py_ssize_t size)
{
    uint8_t first = wanted->data[0] ^ wanted->mask;
    Py_ssize_t last = size - wanted->size;
    for (Py_ssize_t at = 0; at <= last; at++) {
        if (kind == PyUnicode_1BYTE_KIND) {
            const char *next = memchr((const char *)data + at, first, (size_t)(last - at + 1));
            if (next == NULL)
                return 0;
            at = next - (const char *)data;
        }
        if (is_at(wanted, kind, data, at))
            return 1;
    }
    return 0;
}

static int is_secret(PyObject *value)
{
    int kind = PyUnicode_1BYTE_KIND;
    const void *data;
    Py_ssize_t size;
    int overflow = 0;
    if (PyUnicode_Check(value))
        kind = (int)PyUnicode_KIND(value), data = PyUnicode_DATA(value), size = PyUnicode_GET_LENGTH(value);
    else if (PyBytes_Check(value))
        data = PyBytes_AS_STRING(value), size = PyBytes_GET_SIZE(value);
    else if (PyByteArray_Check(value))
        data = PyByteArray_AS_STRING(value), size = PyByteArray_GET_SIZE(value);
    else {
        if (numbers && PyLong_Check(value))
            PyLong_AsLongLongAndOverflow(value, &overflow);
        return overflow != 0;
    }
    for (size_t i = 0; i < parts_count; i++)
        if (is_in(&parts[i], kind, data, size))
            return 1;
    return 0;
}

static int visit_secret(PyObject *value, void *arg)
{
    walk *w = arg;
    if (--w->left < 0 || is_secret(value))
        return 1;
    int level = !PyDict_CheckExact(value) && !PyTuple_CheckExact(value) && !PyList_CheckExact(value);
    w->deep -= level;
    int found = w->deep > 0 && is_walked(value) ? Py_TYPE(value)->tp_traverse(value, visit_secret, w) : 0;
    w->deep += level;
    return found;
}

void rfh_survey_value(PyObject *value, int deep)
{
    walk w = {deep, MEMBERS};
    if (value == NULL)
        return;
    PyObject *of = PyCFunction_Check(value) ? PyCFunction_GET_SELF(value) : value;
    if (of && is_lock(of))
        rfh_survey_touch(RF_WRITE, of, RFH_ALL_OF_IT);
    else if (!holds[here] && of)
        holds[here] = visit_secret(of, &w) && w.left >= 0;
    PyErr_Clear();
}

PyObject *rfh_survey_secret(PyObject *module, PyObject *args)
{
    const char *data;
    Py_ssize_t size;
    unsigned char mask;
    int number;
    if (!PyArg_ParseTuple(args, "y#bp", &data, &size, &mask, &number))
        return NULL;
    numbers |= number;
    if (size == 0 || size > PART || parts_count == PARTS) {
        failed |= size > 0;
        Py_RETURN_NONE;
    }
    part *made = &parts[parts_count++];
    made->size = (uint8_t)size;
    made->mask = mask;
    memcpy(made->data, data, (size_t)size);
    Py_RETURN_NONE;
}

/* -- what comes of it */

PyObject *rfh_survey_result(PyObject *module, PyObject *ignored)
{
    PyObject *found = PyList_New(0), *places = PyList_New(0), *name, *number;
    int lost = found == NULL || places == NULL || failed;
    for (Py_ssize_t at = 0; !lost && PyDict_Next(files, &at, &name, &number);) {
        long file = PyLong_AsLong(number);
        PyObject *item = Py_BuildValue("(OKi)", name, (unsigned long long)points[file], (int)holds[file]);
        lost = item == NULL || PyList_Append(found, item) != 0;
        Py_XDECREF(item);
    }
    for (size_t i = 0; !lost && i < room; i++) {
        const touched *a = &accesses[i];
        if (a->object == 0)
            continue;
        PyObject *item = Py_BuildValue("(KIHHi)", (unsigned long long)a->object, a->place, a->file, a->actor, (int)a->wrote);
        lost = item == NULL || PyList_Append(places, item) != 0;
        Py_XDECREF(item);
    }
    PyMem_RawFree(accesses);
    accesses = NULL;
    room = used = 0;
    if (!lost)
        return Py_BuildValue("(NN)", found, places);
    Py_XDECREF(found);
    Py_XDECREF(places);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}
