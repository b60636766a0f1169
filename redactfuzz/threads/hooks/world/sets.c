#include "world/sets.h"

#include <string.h>

#include "code/codes.h"
#include "interpreter/patch.h"
#include "state/execution.h"

enum { POP, HASH, JOIN, JOIN_BYTES, EXTEND, FROM_KEYS };
static rfh_patch patches[];
static getiterfunc set_iter, frozenset_iter;
static reprfunc set_repr, frozenset_repr;
static vectorcallfunc make_list;
static binaryfunc add_to_list;

static getiterfunc original(PyObject *set) { return PyFrozenSet_Check(set) ? frozenset_iter : set_iter; }

/* Fraction is a class in Python; its hash is that of its value. */
static int is_fraction(PyTypeObject *type)
{
    PyObject *module = strcmp(type->tp_name, "Fraction") == 0 ? PyObject_GetAttrString((PyObject *)type, "__module__") : NULL;
    int is = module && PyUnicode_Check(module) && PyUnicode_CompareWithASCIIString(module, "fractions") == 0;
    Py_XDECREF(module);
    PyErr_Clear();
    return is;
}

/* A number that hashes as its value. What can be made one of, by __float__, hashes as its class says; and no NaN is another's equal: it
 * hashes by its address. */
static int is_number(PyObject *item)
{
    PyTypeObject *type = Py_TYPE(item);
    if (PyFloat_Check(item) && PyFloat_AS_DOUBLE(item) != PyFloat_AS_DOUBLE(item))
        return 0;
    return type->tp_hash == PyLong_Type.tp_hash || type->tp_hash == PyFloat_Type.tp_hash || type->tp_hash == PyComplex_Type.tp_hash
        || strcmp(type->tp_name, "decimal.Decimal") == 0 || is_fraction(type)
        || (PY_VERSION_HEX >= 0x030c0000 && item == Py_None);
}

/* Its hash is a number of ours (order.py), as that of threads and futures. */
static int is_numbered(PyObject *item)
{
    if (!PyType_HasFeature(Py_TYPE(item), Py_TPFLAGS_HEAPTYPE))
        return 0;
    PyObject *function = PyObject_GetAttrString((PyObject *)Py_TYPE(item), "__hash__");
    const rfh_code *table = function && PyFunction_Check(function) ? rfh_code_of(PyFunction_GET_CODE(function)) : NULL;
    Py_XDECREF(function);
    PyErr_Clear(); /* there is no such attribute, or no memory */
    return table && table->ours;
}

/* Whether its hash is another one in other processes: that of a text, or of what holds one; an address; what a function in Python makes. */
static int hashes_anew(PyObject *item)
{
    int found = 0;
    if (PyTuple_CheckExact(item)) {
        for (Py_ssize_t i = 0; !found && i < PyTuple_GET_SIZE(item); i++)
            found = hashes_anew(PyTuple_GET_ITEM(item, i));
        return found;
    }
    if (PyFrozenSet_CheckExact(item)) {
        PyObject *part, *iterator = frozenset_iter(item);
        while (!found && iterator && (part = PyIter_Next(iterator)) != NULL) {
            found = hashes_anew(part);
            Py_DECREF(part);
        }
        Py_XDECREF(iterator);
        PyErr_Clear();
        return found;
    }
    return !is_number(item) && !is_numbered(item);
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

/* Those that hash anew change places with one another: the first with the last, and so on. One alone goes to the other end. */
static void turn_round(PyObject *items)
{
    Py_ssize_t size = PyList_GET_SIZE(items), low = 0, high = size - 1;
    int exchanged = 0;
    for (; low < high; low++, high--) {
        while (low < high && !hashes_anew(PyList_GET_ITEM(items, low)))
            low++;
        while (low < high && !hashes_anew(PyList_GET_ITEM(items, high)))
            high--;
        if (low == high)
            break;
        PyObject *first = PyList_GET_ITEM(items, low);
        PyList_SET_ITEM(items, low, PyList_GET_ITEM(items, high));
        PyList_SET_ITEM(items, high, first);
        exchanged = 1;
    }
    if (exchanged)
        return;
    PyObject *alone = PyList_GET_ITEM(items, low); /* where both have met */
    int to_the_end = 2 * low < size;
    for (; to_the_end ? low + 1 < size : low > 0; low += to_the_end ? 1 : -1)
        PyList_SET_ITEM(items, low, PyList_GET_ITEM(items, to_the_end ? low + 1 : low - 1));
    PyList_SET_ITEM(items, low, alone);
}

/* How many orders there are, as far as 3, where that is more than one. */
static int orders_of(PyObject *items)
{
    Py_ssize_t size = PyList_GET_SIZE(items);
    for (Py_ssize_t i = 0; i < size; i++) {
        if (hashes_anew(PyList_GET_ITEM(items, i)))
            return size > 2 ? 3 : 2;
    }
    return 1;
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

/* The items of a set that the program goes through, where that has several orders: it is noted. NULL, without an exception, where not. */
static PyObject *noted(PyObject *set)
{
    if (!rfh_controlled() || PySet_GET_SIZE(set) < 2 || rfh.phase > RFH_AFTER || done_by(NULL))
        return NULL;
    PyObject *items = items_of(set);
    if (items == NULL) {
        PyErr_Clear();
        return NULL;
    }
    int orders = orders_of(items);
    if (orders < 2) {
        Py_DECREF(items);
        return NULL;
    }
    rfh.sets |= orders == 2 ? RFH_SETS_OF_TWO : RFH_SETS_OF_TWO | RFH_SETS_OF_MORE;
    return items;
}

static PyObject *go_through(PyObject *set);

/* What stands for a set where it is gone through: a list of its items in the other order, or itself. New reference. */
static PyObject *in_order(PyObject *object)
{
    int is_set = PyAnySet_Check(object) && Py_TYPE(object)->tp_iter == go_through; /* and not by a method of its own */
    PyObject *items = is_set ? noted(object) : NULL;
    if (items == NULL || !rfh.turned) {
        Py_XDECREF(items);
        return Py_NewRef(object);
    }
    turn_round(items);
    return items;
}

static PyObject *go_through(PyObject *set)
{
    PyObject *items = in_order(set);
    PyObject *iterator = items == set ? original(set)(set) : PyObject_GetIter(items);
    Py_DECREF(items);
    return iterator;
}

/* These take the items of a set without asking it for an iterator: always, or since Python 3.13. */

static PyObject *with_items(int patch, PyObject *self, PyObject *iterable)
{
    PyObject *items = in_order(iterable);
    PyObject *result = ((PyCFunction)patches[patch].original)(self, items);
    Py_DECREF(items);
    return result;
}

static PyObject *join(PyObject *self, PyObject *texts) { return with_items(JOIN, self, texts); }
static PyObject *join_bytes(PyObject *self, PyObject *texts) { return with_items(JOIN_BYTES, self, texts); }
static PyObject *extend(PyObject *self, PyObject *items) { return with_items(EXTEND, self, items); }

static PyObject *from_keys(PyObject *type, PyObject *const *args, Py_ssize_t count)
{
    PyObject *given[2] = {count > 0 ? in_order(args[0]) : NULL, count > 1 ? args[1] : NULL};
    PyObject *result = ((_PyCFunctionFast)(void (*)(void))patches[FROM_KEYS].original)(type, count > 2 ? args : given, count);
    Py_XDECREF(given[0]);
    return result;
}

static PyObject *list_of(PyObject *type, PyObject *const *args, size_t flags, PyObject *names)
{
    if (PyVectorcall_NARGS(flags) != 1 || names)
        return make_list(type, args, flags, names);
    PyObject *items = in_order(args[0]);
    PyObject *list = make_list(type, &items, 1, NULL);
    Py_DECREF(items);
    return list;
}

static PyObject *added_to_list(PyObject *list, PyObject *more)
{
    PyObject *items = in_order(more);
    PyObject *result = add_to_list(list, items);
    Py_DECREF(items);
    return result;
}

/* As {'a', 'b'}, frozenset({'a', 'b'}) or Names({'a', 'b'}) */
static PyObject *shown(PyObject *set)
{
    reprfunc usual = PyFrozenSet_Check(set) ? frozenset_repr : set_repr;
    PyObject *items = in_order(set);
    PyObject *text = items == set ? usual(set) : PyObject_Repr(items);
    Py_DECREF(items);
    if (items == set || text == NULL)
        return text;
    PyObject *inner = PyUnicode_Substring(text, 1, PyUnicode_GET_LENGTH(text) - 1);
    PyObject *result = NULL;
    if (inner)
        result = Py_IS_TYPE(set, &PySet_Type) ? PyUnicode_FromFormat("{%U}", inner)
                                              : PyUnicode_FromFormat("%s({%U})", Py_TYPE(set)->tp_name, inner);
    Py_DECREF(text);
    Py_XDECREF(inner);
    return result;
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
    if (rfh_controlled() && rfh.phase <= RFH_AFTER && hashes_anew(object) && !done_by("__hash__"))
        rfh.sets |= RFH_SETS_HASHED;
    return ((PyCFunction)patches[HASH].original)(module, object);
}

static rfh_patch patches[] = {
    [POP] = {"builtins", "set", "pop", METH_NOARGS, pop},
    [HASH] = {"builtins", NULL, "hash", METH_O, hash_},
    [JOIN] = {"builtins", "str", "join", METH_O, join},
    [JOIN_BYTES] = {"builtins", "bytes", "join", METH_O, join_bytes},
    [EXTEND] = {"builtins", "list", "extend", METH_O, extend},
    [FROM_KEYS] = {"builtins", "dict", "fromkeys", METH_FASTCALL | METH_CLASS, from_keys},
    {NULL},
};

/* A class took over what its base had when it was made: all below `type` that go through themselves as that did do so as it does now. */
static void to_classes_below(PyTypeObject *type, getiterfunc old_iter, reprfunc old_repr)
{
    PyObject *classes = PyObject_CallMethod((PyObject *)type, "__subclasses__", NULL);
    for (Py_ssize_t i = 0; classes && i < PyList_GET_SIZE(classes); i++) {
        PyTypeObject *each = (PyTypeObject *)PyList_GET_ITEM(classes, i);
        if (each->tp_iter == old_iter)
            each->tp_iter = type->tp_iter;
        if (each->tp_repr == old_repr)
            each->tp_repr = type->tp_repr;
        to_classes_below(each, old_iter, old_repr);
    }
    Py_XDECREF(classes);
    PyErr_Clear(); /* there is no memory */
}

int rfh_sets_install(void)
{
    set_iter = PySet_Type.tp_iter;
    frozenset_iter = PyFrozenSet_Type.tp_iter;
    set_repr = PySet_Type.tp_repr;
    frozenset_repr = PyFrozenSet_Type.tp_repr;
    make_list = PyList_Type.tp_vectorcall;
    add_to_list = PyList_Type.tp_as_sequence->sq_inplace_concat;
    if (rfh_patch_apply(patches) != 0)
        return -1;
    PySet_Type.tp_iter = PyFrozenSet_Type.tp_iter = go_through;
    PySet_Type.tp_repr = PyFrozenSet_Type.tp_repr = shown;
    to_classes_below(&PySet_Type, set_iter, set_repr);
    to_classes_below(&PyFrozenSet_Type, frozenset_iter, frozenset_repr);
    PyList_Type.tp_vectorcall = list_of;
    PyList_Type.tp_as_sequence->sq_inplace_concat = added_to_list;
    return 0;
}

void rfh_sets_remove(void)
{
    PySet_Type.tp_iter = set_iter;
    PyFrozenSet_Type.tp_iter = frozenset_iter;
    PySet_Type.tp_repr = set_repr;
    PyFrozenSet_Type.tp_repr = frozenset_repr;
    to_classes_below(&PySet_Type, go_through, shown);
    to_classes_below(&PyFrozenSet_Type, go_through, shown);
    PyList_Type.tp_vectorcall = make_list;
    PyList_Type.tp_as_sequence->sq_inplace_concat = add_to_list;
    rfh_patch_undo(patches);
}
