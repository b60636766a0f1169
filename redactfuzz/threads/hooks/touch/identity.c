#include "touch/identity.h"

#include "state/objects.h"
#include "touch/touch.h"

#if PY_VERSION_HEX >= 0x030d0000

/* The interpreter tells of each object that dies. */
static int watching;

static int on_object(PyObject *object, PyRefTracerEvent event, void *data)
{
    if (event == PyRefTracer_DESTROY)
        rfh_objects_forget(object);
    return 0;
}

void rfh_identity_begin(void)
{
    void *data;
    if (!watching && PyRefTracer_GetTracer(&data) == NULL)
        watching = PyRefTracer_SetTracer(on_object, NULL) == 0;
}

void rfh_identity_remove(void)
{
    if (watching)
        PyRefTracer_SetTracer(NULL, NULL);
    watching = 0;
}

uint32_t rfh_identity_of(PyObject *object) { return watching ? rfh_ordinal(object) : 0; }

#else

enum { DICT, LIST, SET, CELL, BYTES, KINDS };
static PyTypeObject *const types[KINDS] = {&PyDict_Type, &PyList_Type, &PySet_Type, &PyCell_Type, &PyByteArray_Type};
static destructor originals[KINDS];

static void freed(PyObject *object, int kind)
{
    rfh_objects_forget(object);
    originals[kind](object);
}

static void freed_dict(PyObject *object) { freed(object, DICT); }
static void freed_list(PyObject *object) { freed(object, LIST); }
static void freed_set(PyObject *object) { freed(object, SET); }
static void freed_cell(PyObject *object) { freed(object, CELL); }
static void freed_bytes(PyObject *object) { freed(object, BYTES); }
static const destructor replacements[KINDS] = {freed_dict, freed_list, freed_set, freed_cell, freed_bytes};

void rfh_identity_begin(void)
{
    for (int i = 0; i < KINDS && originals[i] == NULL; i++) {
        originals[i] = types[i]->tp_dealloc;
        types[i]->tp_dealloc = replacements[i];
    }
}

void rfh_identity_remove(void)
{
    for (int i = 0; i < KINDS && originals[i] != NULL; i++) {
        types[i]->tp_dealloc = originals[i];
        originals[i] = NULL;
    }
}

/* Where its death shows by nothing else, a weak reference without a callback tells of it. */
uint32_t rfh_identity_of(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    for (int i = 0; i < KINDS; i++)
        if (type == types[i])
            return rfh_ordinal(object);
    if (type->tp_weaklistoffset == 0) /* below 0: the interpreter has it before the object */
        return 0;
    rfh_held *held = rfh_held_of(object);
    if (held->watch == NULL && (held->watch = PyWeakref_NewRef(object, NULL)) == NULL) {
        PyErr_Clear();
        return 0;
    }
    return held->ordinal;
}

#endif

/* -- what threads reach */

enum { MOST = 512 /* objects; what lies beyond has a number as it is met */ };

typedef struct walk {
    PyObject *found; /* list: what was met, in order */
    PyObject *met;   /* set of addresses */
    uint64_t shape;
} walk;

static int visit(PyObject *object, void *arg)
{
    walk *w = arg;
    PyObject *address = PyList_GET_SIZE(w->found) < MOST ? PyLong_FromVoidPtr(object) : NULL;
    if (address && PySet_Contains(w->met, address) == 0 && PySet_Add(w->met, address) == 0)
        PyList_Append(w->found, object);
    Py_XDECREF(address);
    return 0;
}

/* Its members come in one order in every execution. Not those of a set, and what modules and types hold is everything. */
static int is_walked(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    if (PyModule_Check(object) || PyType_Check(object) || PyAnySet_Check(object) || type->tp_traverse == NULL)
        return 0;
    if (type == &PyFunction_Type || type == &PyMethod_Type || type == &PyCell_Type || type == &PyTuple_Type
        || type == &PyList_Type || type == &PyDict_Type || PyCFunction_CheckExact(object))
        return 1;
    return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0 && (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) == 0;
}

uint64_t rfh_identity_reach(PyObject *const *from, Py_ssize_t count)
{
    walk w = {PyList_New(0), PySet_New(NULL), 0};
    for (Py_ssize_t i = 0; w.found && w.met && i < count; i++)
        if (from[i])
            visit(from[i], &w);
    for (Py_ssize_t i = 0; w.found && i < PyList_GET_SIZE(w.found); i++) {
        PyObject *object = PyList_GET_ITEM(w.found, i);
        for (const char *name = Py_TYPE(object)->tp_name; *name; name++)
            w.shape = (w.shape ^ (uint8_t)*name) * 0x100000001b3u; /* FNV-1a */
        w.shape ^= (uint64_t)PyList_GET_SIZE(w.found) << 48;
        if (PyObject_IS_GC(object))
            rfh_identity_of(object);
        if (PyMemoryView_Check(object) && !PyMemoryView_GET_BUFFER(object)->readonly)
            rfh_distrust(object); /* whoever lets the last one go gives a buffer free */
        if (is_walked(object))
            Py_TYPE(object)->tp_traverse(object, visit, &w);
    }
    Py_XDECREF(w.found);
    Py_XDECREF(w.met);
    PyErr_Clear();
    return w.shape;
}
