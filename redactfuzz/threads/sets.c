#include "sets.h"

#include "codes.h"
#include "control.h"
#include "patch.h"

enum { POP, HASH };
static rfh_patch patches[];
static getiterfunc set_iter, frozenset_iter;

static getiterfunc original(PyObject *set) { return PyFrozenSet_Check(set) ? frozenset_iter : set_iter; }

static int is_text(PyObject *item)
{
    if (PyUnicode_Check(item) || PyBytes_Check(item))
        return 1;
    for (Py_ssize_t i = 0; PyTuple_Check(item) && i < PyTuple_GET_SIZE(item); i++) {
        PyObject *part = PyTuple_GET_ITEM(item, i);
        if (PyUnicode_Check(part) || PyBytes_Check(part))
            return 1;
    }
    return 0;
}

/* All of a set in its order; NULL with an exception set. */
static PyObject *items_of(PyObject *set)
{
    PyObject *list = PyList_New(0), *iterator = list ? original(set)(set) : NULL, *item;
    while (iterator && (item = PyIter_Next(iterator)) != NULL) {
        int failed = PyList_Append(list, item);
        Py_DECREF(item);
        if (failed)
            break;
    }
    Py_XDECREF(iterator);
    if (iterator == NULL || PyErr_Occurred())
        Py_CLEAR(list);
    return list;
}

/* The texts among the items change places with one another: the first with the last, and so on. */
static void turn_round(PyObject *items)
{
    Py_ssize_t low = 0, high = PyList_GET_SIZE(items) - 1;
    for (; low < high; low++, high--) {
        while (low < high && !is_text(PyList_GET_ITEM(items, low)))
            low++;
        while (low < high && !is_text(PyList_GET_ITEM(items, high)))
            high--;
        PyObject *first = PyList_GET_ITEM(items, low);
        PyList_SET_ITEM(items, low, PyList_GET_ITEM(items, high));
        PyList_SET_ITEM(items, high, first);
    }
}

/* How many texts there are, 3 for more than two. */
static int texts_in(PyObject *items)
{
    int found = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items) && found < 3; i++)
        found += is_text(PyList_GET_ITEM(items, i));
    return found;
}

/* Whether the library does it, with names and modules of its own, or we do, or a function of this name. */
static int done_by(const char *function)
{
    PyFrameObject *frame = PyThreadState_GetFrame(PyThreadState_Get());
    PyCodeObject *code = frame ? PyFrame_GetCode(frame) : NULL;
    const rfh_code *table = code ? rfh_code_of((PyObject *)code) : NULL;
    PyErr_Clear(); /* there is no memory for the table */
    int is = table == NULL || table->ours || rfh_is_library(code)
        || (function && PyUnicode_CompareWithASCIIString(code->co_name, function) == 0);
    Py_XDECREF(code);
    Py_XDECREF(frame);
    return is;
}

/* The items of a set of texts that the program goes through, which is noted; NULL, without an exception, where it is none. */
static PyObject *noted(PyObject *set)
{
    if (!rfh_controlled() || PySet_GET_SIZE(set) < 2 || rfh.phase > RFH_EXPLORE || done_by(NULL))
        return NULL;
    PyObject *items = items_of(set);
    if (items == NULL) {
        PyErr_Clear();
        return NULL;
    }
    int texts = texts_in(items);
    if (texts < 2) {
        Py_DECREF(items);
        return NULL;
    }
    rfh.sets |= texts == 2 ? RFH_SETS_OF_TWO : RFH_SETS_OF_TWO | RFH_SETS_OF_MORE;
    return items;
}

static PyObject *go_through(PyObject *set)
{
    PyObject *items = noted(set);
    if (items == NULL || !rfh.turned) {
        Py_XDECREF(items);
        return original(set)(set);
    }
    turn_round(items);
    PyObject *iterator = PyObject_GetIter(items);
    Py_DECREF(items);
    return iterator;
}

static PyObject *pop(PyObject *set, PyObject *ignored)
{
    PyObject *items = noted(set);
    if (items == NULL || !rfh.turned) {
        Py_XDECREF(items);
        return ((PyCFunction)patches[POP].original)(set, ignored);
    }
    turn_round(items);
    PyObject *item = Py_NewRef(PyList_GET_ITEM(items, 0));
    Py_DECREF(items);
    if (PySet_Discard(set, item) < 0)
        Py_CLEAR(item);
    return item;
}

static PyObject *hash_(PyObject *module, PyObject *object)
{
    if (rfh_controlled() && rfh.phase <= RFH_EXPLORE && is_text(object) && !done_by("__hash__"))
        rfh.sets |= RFH_SETS_HASHED;
    return ((PyCFunction)patches[HASH].original)(module, object);
}

static rfh_patch patches[] = {
    [POP] = {"builtins", "set", "pop", METH_NOARGS, pop},
    [HASH] = {"builtins", NULL, "hash", METH_O, hash_},
    {NULL},
};

int rfh_sets_install(void)
{
    set_iter = PySet_Type.tp_iter;
    frozenset_iter = PyFrozenSet_Type.tp_iter;
    if (rfh_patch_apply(patches) != 0)
        return -1;
    PySet_Type.tp_iter = PyFrozenSet_Type.tp_iter = go_through;
    return 0;
}

void rfh_sets_remove(void)
{
    PySet_Type.tp_iter = set_iter;
    PyFrozenSet_Type.tp_iter = frozenset_iter;
    rfh_patch_undo(patches);
}
