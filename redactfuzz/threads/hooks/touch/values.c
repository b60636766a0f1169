#include "touch/values.h"

#include "code/codes.h"
#include "touch/touch.h"
#include "interpreter/set_iterator.h"

#include <string.h>

enum { DEEPEST = 8, MOST = 4096 /* members that are looked at of one container */, TOGETHER = 16384 /* and of all that it holds */ };

int rfh_is_redactor(PyObject *o) { return strcmp(Py_TYPE(o)->tp_name, "redactfuzz.threads._hooks.Redactor") == 0; }

static int is_plain_alone(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    return type == &PyUnicode_Type || type == &PyLong_Type || type == &PyBytes_Type || type == &PyFloat_Type
        || type == &PyBool_Type || o == Py_None || type == &PyComplex_Type || type == &PyRange_Type || o == Py_Ellipsis;
}

/* So are all members of a tuple, at any depth; one that is very deep, or has the same in it again and again, is not known. */
static int holds_only(PyObject *o, int (*alone)(PyObject *), int deep, int *left)
{
    if (--*left < 0)
        return 0;
    if (Py_TYPE(o) != &PyTuple_Type || deep == DEEPEST)
        return alone(o);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(o); i++)
        if (!holds_only(PyTuple_GET_ITEM(o, i), alone, deep + 1, left))
            return 0;
    return 1;
}

int rfh_is_plain(PyObject *o)
{
    int left = MOST;
    return holds_only(o, is_plain_alone, 0, &left);
}

/* A class made of a builtin one that is hashed and compared as that is. */
static int is_compared_as(const PyTypeObject *type, const PyTypeObject *builtin)
{
    return type->tp_hash == builtin->tp_hash && type->tp_richcompare == builtin->tp_richcompare;
}

static int is_still_alone(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    return is_plain_alone(o) || is_compared_as(type, &PyLong_Type) || is_compared_as(type, &PyUnicode_Type)
        || is_compared_as(type, &PyBaseObject_Type);
}

int rfh_is_still(PyObject *o)
{
    int left = MOST;
    return holds_only(o, is_still_alone, 0, &left);
}

void *rfh_code_called(PyObject *callable)
{
    if (PyMethod_Check(callable))
        callable = PyMethod_GET_FUNCTION(callable);
    if (!PyFunction_Check(callable))
        return NULL;
    PyObject *code = PyFunction_GET_CODE(callable), *defaults = PyFunction_GET_KW_DEFAULTS(callable);
    if (defaults && !rfh_touch(RF_READ, defaults, RFH_ALL_OF_IT)) /* others may have the dictionary */
        return NULL;
    rfh_code *table = rfh_code_of(code);
    if (table == NULL)
        PyErr_Clear();
    return table && !table->ours ? code : NULL;
}

void *rfh_code_of_method(PyObject *object, const char *name)
{
    PyObject *text = PyUnicode_InternFromString(name);
    PyObject *found = text ? _PyType_Lookup(Py_TYPE(object), text) : NULL;
    Py_XDECREF(text);
    PyErr_Clear();
    return found && PyFunction_Check(found) ? rfh_code_called(found) : NULL;
}

/* -- containers as a whole */

static int is_not_plain(PyObject *o, void *ignored) { return !rfh_is_plain(o); }

static int reads(PyObject *o, int deep, int *left)
{
    PyTypeObject *type = Py_TYPE(o);
    PyObject *key, *value;
    Py_ssize_t at = 0, count = 0;
    if (--*left < 0)
        return 0;
    if (rfh_is_plain(o))
        return 1;
    if (deep == DEEPEST)
        return 0;
    if (type == &PyTuple_Type || type == &PyList_Type) {
        PyObject *const *items = PySequence_Fast_ITEMS(o);
        count = PySequence_Fast_GET_SIZE(o);
        if (count > MOST || (type == &PyList_Type && !rfh_touch(RF_READ, o, RFH_ALL_OF_IT)))
            return 0;
        for (Py_ssize_t i = 0; i < count; i++)
            if (!reads(items[i], deep + 1, left))
                return 0;
        return 1;
    }
    if (type == &PyDict_Type) {
        if (PyDict_GET_SIZE(o) > MOST || !rfh_touch(RF_READ, o, RFH_ALL_OF_IT))
            return 0;
        while (PyDict_Next(o, &at, &key, &value))
            if (!reads(key, deep + 1, left) || !reads(value, deep + 1, left))
                return 0;
        return 1;
    }
    if (type == &PySet_Type || type == &PyFrozenSet_Type) {
        if (PySet_GET_SIZE(o) > MOST || (type == &PySet_Type && !rfh_touch(RF_READ, o, RFH_ALL_OF_IT)))
            return 0;
        return type->tp_traverse(o, is_not_plain, NULL) == 0;
    }
    return 0;
}

int rfh_reads(PyObject *object)
{
    int left = TOGETHER;
    return reads(object, 0, &left);
}

static int is_view(PyObject *o)
{
    return Py_TYPE(o) == &PyDictKeys_Type || Py_TYPE(o) == &PyDictValues_Type || Py_TYPE(o) == &PyDictItems_Type;
}

static int first(PyObject *object, void *arg)
{
    *(PyObject **)arg = object;
    return 1;
}

/* The container behind a view or an iterator, which shows it to the collector before anything else. */
static PyObject *held_by(PyObject *object)
{
    PyObject *found = NULL;
    Py_TYPE(object)->tp_traverse(object, first, &found);
    return found;
}

static int is_deque(PyObject *o) { return strcmp(Py_TYPE(o)->tp_name, "collections.deque") == 0; }

int rfh_goes_through(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    if (type == &PyTuple_Type || type == &PyUnicode_Type || type == &PyBytes_Type || type == &PyRange_Type
        || type == &PyFrozenSet_Type)
        return 1;
    if (type == &PyList_Type || type == &PyDict_Type || type == &PySet_Type || type == &PyByteArray_Type || is_deque(o))
        return rfh_touch(RF_READ, o, RFH_ALL_OF_IT);
    if (is_view(o)) {
        PyObject *of = held_by(o);
        return of && PyDict_CheckExact(of) && rfh_touch(RF_READ, of, RFH_ALL_OF_IT);
    }
    return 0;
}

static int is_not_still(PyObject *o, void *ignored) { return !rfh_is_still(o); }

int rfh_goes_through_still(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    if (type != &PyList_Type && type != &PyTuple_Type && type != &PySet_Type && type != &PyFrozenSet_Type)
        return 0;
    return PyObject_Size(o) <= MOST && rfh_goes_through(o) && type->tp_traverse(o, is_not_still, NULL) == 0;
}

int rfh_reads_length(PyObject *o, void **code)
{
    PyTypeObject *type = Py_TYPE(o);
    if (type == &PyList_Type)
        return rfh_touch(RF_READ, o, RFH_LENGTH);
    if (is_deque(o))
        return rfh_touch(RF_READ, o, RFH_ALL_OF_IT);
    if (rfh_goes_through(o))
        return 1;
    *code = rfh_code_of_method(o, "__len__");
    return *code != NULL;
}

int rfh_reads_truth(PyObject *o, void **code)
{
    PyTypeObject *type = Py_TYPE(o);
    int has_bool = type->tp_as_number && type->tp_as_number->nb_bool;
    int has_length = (type->tp_as_mapping && type->tp_as_mapping->mp_length)
        || (type->tp_as_sequence && type->tp_as_sequence->sq_length);
    if (rfh_is_plain(o) || (!has_bool && !has_length) || (has_bool && type->tp_as_number->nb_bool == PyLong_Type.tp_as_number->nb_bool))
        return 1;
    if (!has_bool)
        return rfh_reads_length(o, code);
    *code = rfh_code_of_method(o, "__bool__");
    return *code != NULL;
}

int rfh_advances(PyObject *it, Py_ssize_t references, void **code)
{
    PyTypeObject *type = Py_TYPE(it);
    /* Somebody else may go on with it as well, or may have: of a generator that is not known. */
    if ((Py_REFCNT(it) > references || type == &PyGen_Type) && !rfh_touch(RF_WRITE, it, RFH_ALL_OF_IT))
        return 0;
    if (type == &PyGen_Type) {
        PyObject *found = PyObject_GetAttrString(it, "gi_code");
        rfh_code *table = found ? rfh_code_of(found) : NULL;
        *code = table && !table->ours ? found : NULL;
        Py_XDECREF(found); /* the generator holds it */
        PyErr_Clear();
        return *code != NULL;
    }
    if (type == &PyEnum_Type) {
        PyObject *of = held_by(it);
        return of && rfh_advances(of, 1, code) && *code == NULL;
    }
    if (type == &PyRangeIter_Type || type == &PyTupleIter_Type || type == &PyUnicodeIter_Type || type == &PyBytesIter_Type
        || type == &PyLongRangeIter_Type || strcmp(type->tp_name, "str_ascii_iterator") == 0)
        return 1;
    if (type == &PyZip_Type) { /* it shows the iterators that it goes through, in a tuple, before anything else */
        PyObject *of = held_by(it);
        if (of == NULL || !PyTuple_CheckExact(of))
            return 0;
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(of); i++)
            if (!rfh_advances(PyTuple_GET_ITEM(of, i), 1, code) || *code != NULL)
                return 0;
        return 1;
    }
    if (type == &PySeqIter_Type) {
        PyObject *of = held_by(it);
        *code = of ? rfh_code_of_method(of, "__getitem__") : NULL;
        return of == NULL || *code != NULL;
    }
    if (type == &PyListIter_Type || type == &PyListRevIter_Type || type == &PySetIter_Type || type == &PyDictIterKey_Type
        || type == &PyDictIterValue_Type || type == &PyDictIterItem_Type || type == &PyByteArrayIter_Type || type == &rfh_set_iterator_type) {
        PyObject *of = held_by(it);
        return of == NULL || rfh_goes_through(of); /* NULL: it has come to its end */
    }
    return 0;
}

/* -- one member */

/* Keys that are equal have one place, in every execution: names that stand in the source, and small numbers. What an execution makes
 * of other things (a token, the number of a thread) may be another in the next one: that is the whole of the dictionary. */
static uint32_t place_of_key(PyObject *key)
{
    enum { SMALL = 1024 };
    if (PyUnicode_CheckExact(key))
        return PyUnicode_CHECK_INTERNED(key) ? rfh_name_number(key) : RFH_ALL_OF_IT;
    long number = PyLong_CheckExact(key) || PyBool_Check(key) ? PyLong_AsLong(key) : -1;
    PyErr_Clear();
    return number >= 0 && number < SMALL ? RFH_FIRST_ITEM + 2 * (uint32_t)number : RFH_ALL_OF_IT;
}

int rfh_has_still_keys(PyObject *dict)
{
    PyObject *other, *value;
    Py_ssize_t at = 0;
    if (PyDict_GET_SIZE(dict) > MOST)
        return 0;
    while (PyDict_Next(dict, &at, &other, &value))
        if (!PyUnicode_CheckExact(other) && !rfh_is_still(other))
            return 0;
    return 1;
}

static int touches_key(uint8_t kind, PyObject *dict, PyObject *key)
{
    if (kind == RF_READ && rfh_is_own_entry(dict, key))
        return 1;
    if (!rfh_is_still(key) || !rfh_has_still_keys(dict))
        return 0;
    uint32_t place = place_of_key(key);
    if (!rfh_touch(kind, dict, place))
        return 0;
    if (kind == RF_READ || place == RFH_ALL_OF_IT)
        return 1;
    int there = PyDict_Contains(dict, key);
    PyErr_Clear();
    return there == 1 || rfh_touch(RF_WRITE, dict, RFH_ORDER);
}

static int touches_index(uint8_t kind, PyObject *list, PyObject *key)
{
    if (!PyLong_CheckExact(key))
        return (PySlice_Check(key) || rfh_is_plain(key)) && rfh_touch(kind, list, RFH_ALL_OF_IT);
    Py_ssize_t index = PyLong_AsSsize_t(key), size = PyList_GET_SIZE(list);
    PyErr_Clear();
    if (index < 0 || index >= size)
        return rfh_touch(kind, list, RFH_ALL_OF_IT); /* it is counted from the end, or not there */
    return rfh_touch(kind, list, RFH_FIRST_ITEM + 2 * (uint32_t)(index & 0x3fffffff));
}

int rfh_touches_item(uint8_t kind, PyObject *container, PyObject *key, void **code)
{
    PyTypeObject *type = Py_TYPE(container);
    if (type == &PyDict_Type)
        return touches_key(kind, container, key);
    if (type == &PyList_Type)
        return touches_index(kind, container, key);
    if (is_deque(container) || type == &PyByteArray_Type)
        return (rfh_is_plain(key) || PySlice_Check(key)) && rfh_touch(kind, container, RFH_ALL_OF_IT);
    if (type == &PyTuple_Type || type == &PyUnicode_Type || type == &PyBytes_Type || type == &PyRange_Type)
        return rfh_is_plain(key) || PySlice_Check(key);
    if (kind != RF_READ)
        return 0;
    *code = rfh_code_of_method(container, "__getitem__");
    return *code != NULL;
}

int rfh_stores_item(PyObject *container, PyObject *key, PyObject *value, void **code)
{
    if (PyByteArray_CheckExact(container) && value && !rfh_is_plain(value) && !rfh_goes_through(value))
        return 0;
    if (!PyList_CheckExact(container) || (value && PyLong_CheckExact(key)))
        return rfh_touches_item(RF_WRITE, container, key, code);
    /* Items move up, or give way to those of the value. */
    return rfh_is_plain(key) || PySlice_Check(key)
        ? (value == NULL || rfh_goes_through(value)) && rfh_touch(RF_WRITE, container, RFH_ALL_OF_IT) : 0;
}

int rfh_contains(PyObject *container, PyObject *key, void **code)
{
    PyTypeObject *type = Py_TYPE(container);
    if (type == &PyDict_Type)
        return touches_key(RF_READ, container, key);
    if (type == &PyList_Type || type == &PyTuple_Type || type == &PySet_Type || type == &PyFrozenSet_Type)
        return rfh_is_still(key) && rfh_goes_through_still(container);
    if (type == &PyUnicode_Type || type == &PyBytes_Type || type == &PyRange_Type)
        return rfh_is_plain(key);
    *code = rfh_code_of_method(container, "__contains__");
    return *code != NULL;
}
