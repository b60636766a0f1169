#include "world/sets.h"

#include <string.h>

#include "code/codes.h"
#include "interpreter/patch.h"
#include "state/execution.h"
#include "interpreter/set_iterator.h"
#include "world/set_order.h"

enum { POP, HASH, JOIN, JOIN_BYTES, EXTEND, FROM_KEYS };
static rfh_patch patches[];
static getiterfunc set_iter, frozenset_iter;
static reprfunc set_repr, frozenset_repr;
static vectorcallfunc make_list;
static binaryfunc add_to_list;

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

/* The items of a set that the program goes through, in the order that it has in this execution; NULL, without an exception, where that is
 * its own one. */
static PyObject *ordered(PyObject *set)
{
    if (!rfh_controlled() || PySet_GET_SIZE(set) < 2 || rfh.phase > RFH_AFTER || done_by(NULL))
        return NULL;
    return rfh_set_in_order(set);
}

static PyObject *go_through(PyObject *set);

/* What stands for a set where it is gone through: a list of its items in another order, or itself. New reference. */
static PyObject *in_order(PyObject *object)
{
    int is_set = PyAnySet_Check(object) && Py_TYPE(object)->tp_iter == go_through; /* and not by a method of its own */
    PyObject *items = is_set ? ordered(object) : NULL;
    return items ? items : Py_NewRef(object);
}

/* Also of a class that goes through itself otherwise, and asks what it is below for the items: super().__iter__(). */
static PyObject *go_through(PyObject *set)
{
    PyObject *items = ordered(set);
    return items ? rfh_set_iterator(set, items) : (PyFrozenSet_Check(set) ? frozenset_iter : set_iter)(set);
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
    PyObject *items = ordered(set);
    if (items == NULL)
        return ((PyCFunction)patches[POP].original)(set, ignored);
    PyObject *item = Py_NewRef(PyList_GET_ITEM(items, 0));
    Py_DECREF(items);
    if (PySet_Discard(set, item) < 0)
        Py_CLEAR(item);
    return item;
}

static PyObject *hash_(PyObject *module, PyObject *object)
{
    if (rfh_controlled() && rfh.phase <= RFH_AFTER && rfh_hashes_anew(object) && !done_by("__hash__"))
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

/* `__iter__` as an attribute keeps what it stood for when the interpreter began. */
static void call_by_name(PyTypeObject *type, getiterfunc iter)
{
    PyObject *method = PyObject_GetAttrString((PyObject *)type, "__iter__");
    if (method && Py_IS_TYPE(method, &PyWrapperDescr_Type))
        ((PyWrapperDescrObject *)method)->d_wrapped = (void *)iter;
    Py_XDECREF(method);
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
    if (PyType_Ready(&rfh_set_iterator_type) != 0 || rfh_patch_apply(patches) != 0)
        return -1;
    PySet_Type.tp_iter = PyFrozenSet_Type.tp_iter = go_through;
    PySet_Type.tp_repr = PyFrozenSet_Type.tp_repr = shown;
    to_classes_below(&PySet_Type, set_iter, set_repr);
    to_classes_below(&PyFrozenSet_Type, frozenset_iter, frozenset_repr);
    call_by_name(&PySet_Type, go_through);
    call_by_name(&PyFrozenSet_Type, go_through);
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
    call_by_name(&PySet_Type, set_iter);
    call_by_name(&PyFrozenSet_Type, frozenset_iter);
    PyList_Type.tp_vectorcall = make_list;
    PyList_Type.tp_as_sequence->sq_inplace_concat = add_to_list;
    rfh_patch_undo(patches);
}
