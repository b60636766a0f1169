#include "touch/attributes.h"

#include <string.h>

#include "code/codes.h"
#include "code/stack.h"
#include "touch/calls.h"
#include "touch/touch.h"
#include "touch/values.h"

#if PY_VERSION_HEX >= 0x030d0000
#define Py_BUILD_CORE 1
#include <internal/pycore_object.h>
#undef Py_BUILD_CORE
#endif

#ifndef Py_T_OBJECT_EX
#include <structmember.h>
#define Py_T_OBJECT_EX T_OBJECT_EX
#endif

static int is_mutable_type(PyObject *type)
{
    return (((PyTypeObject *)type)->tp_flags & (Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_IMMUTABLETYPE)) == Py_TPFLAGS_HEAPTYPE;
}

/* The types that are asked may be given the name, or lose it. */
static int reads_types(PyTypeObject *type, uint32_t place)
{
    PyObject *order = type->tp_mro;
    for (Py_ssize_t i = 0; order && i < PyTuple_GET_SIZE(order); i++) {
        PyObject *base = PyTuple_GET_ITEM(order, i);
        if (is_mutable_type(base) && !rfh_touch(RF_READ, base, place))
            return 0;
    }
    return order != NULL;
}

/* The dictionary in which an object keeps its attributes (borrowed); NULL: they have no dictionary, so far. */
static PyObject *dict_of(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
#if PY_VERSION_HEX >= 0x030d0000
        return (PyObject *)_PyObject_ManagedDictPointer(o)->dict;
#else /* as the headers of 3.11 and 3.12 have it, which cannot be included here: a lowest bit says that it is no dictionary yet */
        PyObject *held = ((PyObject **)o)[-3];
        return (uintptr_t)held & 1 ? NULL : held;
#endif
    }
    PyObject **held = _PyObject_GetDictPtr(o);
    return held ? *held : NULL;
}

static int has_dict(PyTypeObject *type)
{
    return (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0 || type->tp_dictoffset != 0;
}

/* The same; it is made where there is none yet. The interpreter makes one or not by how many objects the class had before (there
 * is less and less room beside an object), and so one execution would touch another number of objects than the next. */
static PyObject *made_dict_of(PyObject *o)
{
    PyObject *dict = dict_of(o);
    if (dict || !has_dict(Py_TYPE(o)))
        return dict;
    Py_XDECREF(PyObject_GenericGetDict(o, NULL)); /* the object holds it */
    PyErr_Clear();
    return dict_of(o);
}

/* Of the object, and of the dictionary that others may have got of it. One of a size of its own (made of an int, say) has no weak
 * references, by which its death would be seen: then the dictionary alone is known. */
static int touches_own(uint8_t kind, PyObject *owner, uint32_t place)
{
    PyObject *dict = made_dict_of(owner);
    if (dict && (!PyDict_CheckExact(dict) || !rfh_touch(kind, dict, place)))
        return 0;
    return rfh_touch(kind, owner, place) || (dict && Py_TYPE(owner)->tp_itemsize != 0);
}

/* A slot of a class (__slots__). */
static int touches_slot(uint8_t kind, PyObject *owner, PyObject *descriptor)
{
    PyMemberDef *member = ((PyMemberDescrObject *)descriptor)->d_member;
    if (member->type != Py_T_OBJECT_EX || !is_mutable_type((PyObject *)PyDescr_TYPE(descriptor)))
        return 0;
    return rfh_touch(kind, owner, RFH_FIRST_ITEM + 2 * ((uint32_t)member->offset & 0x3fffffff));
}

/* Up to 3.12 a class method goes on to what it wraps, which may be a property of C code. */
static int wraps_function(PyObject *method)
{
    PyObject *wrapped = PyObject_GetAttrString(method, "__func__");
    int does = wrapped && (PyFunction_Check(wrapped) || Py_TYPE(wrapped)->tp_descr_get == NULL);
    Py_XDECREF(wrapped); /* the method holds it */
    PyErr_Clear();
    return does;
}

/* What lies in a type under a name gives this value, or a function bound to it, and runs no code for it. */
static int is_given(PyObject *found)
{
    PyTypeObject *type = Py_TYPE(found);
    if (type == &PyClassMethod_Type)
        return wraps_function(found);
    if (rfh_is_redactor(found)) { /* it is bound as what it stands for */
        PyObject *wrapped = PyObject_GetAttrString(found, "__wrapped__");
        Py_XDECREF(wrapped); /* it holds it */
        PyErr_Clear();
        return wrapped && is_given(wrapped);
    }
    return type->tp_descr_get == NULL || type == &PyFunction_Type || type == &PyMethodDescr_Type
        || type == &PyClassMethodDescr_Type || type == &PyWrapperDescr_Type || type == &PyStaticMethod_Type;
}

static void *code_of_property(PyObject *property, const char *which)
{
    PyObject *function = PyObject_GetAttrString(property, which);
    void *code = function ? rfh_code_called(function) : NULL;
    Py_XDECREF(function); /* the property holds it */
    PyErr_Clear();
    return code;
}

static int is_class_name(PyObject *name) { return PyUnicode_CompareWithASCIIString(name, "__class__") == 0; }

static int reads_of_module(PyObject *module, PyObject *name, uint32_t place)
{
    PyObject *dict = PyModule_GetDict(module), *found = _PyType_Lookup(&PyModule_Type, name);
    if (!PyModule_CheckExact(module) || found != NULL || !PyDict_CheckExact(dict) || !rfh_touch(RF_READ, dict, place))
        return 0;
    int there = PyDict_Contains(dict, name);
    PyErr_Clear();
    return there == 1; /* else __getattr__ of the module is asked */
}

static int reads_of_type(PyTypeObject *type, PyObject *name, uint32_t place)
{
    PyTypeObject *meta = Py_TYPE(type);
    PyObject *above = _PyType_Lookup(meta, name);
    if (above && Py_TYPE(above)->tp_descr_set != NULL)
        return 0;
    PyObject *found = _PyType_Lookup(type, name);
    if (!reads_types(meta, place) || !reads_types(type, place))
        return 0;
    if (found == NULL)
        return above == NULL || is_given(above);
    return is_given(found) || Py_TYPE(found) == &PyProperty_Type || Py_TYPE(found) == &PyMemberDescr_Type
        || Py_TYPE(found) == &PyGetSetDescr_Type;
}

/* Of code, and of where the thread itself stands: nobody else changes that. */
static int is_of_this_thread(PyObject *owner, PyObject *name)
{
    static const char *const fixed[] = {"f_code", "f_back", "f_lineno", "f_lasti", "f_globals"};
    if (PyCode_Check(owner))
        return 1;
    for (size_t i = 0; PyFrame_Check(owner) && i < sizeof fixed / sizeof *fixed; i++)
        if (PyUnicode_CompareWithASCIIString(name, fixed[i]) == 0)
            return rfh_is_under(((PyFrameObject *)owner)->f_frame, rfh_frame_of(PyThreadState_Get()));
    return 0;
}

/* super() of 3.11, an object of its own */
static int reads_through_super(PyObject *owner, PyObject *name)
{
    PyObject *names[] = {PyUnicode_InternFromString("__thisclass__"), PyUnicode_InternFromString("__self__")};
    PyObject *from = names[0] ? PyObject_GenericGetAttr(owner, names[0]) : NULL;
    PyObject *object = names[1] ? PyObject_GenericGetAttr(owner, names[1]) : NULL;
    int known = from && object && rfh_reads_super(from, object, name);
    Py_XDECREF(from);
    Py_XDECREF(object);
    Py_XDECREF(names[0]);
    Py_XDECREF(names[1]);
    PyErr_Clear();
    return known;
}

int rfh_hands_over_attributes(PyObject *owner)
{
    /* Whoever has the dictionary reads and changes attributes by another way: all that was done to them comes before. */
    return has_dict(Py_TYPE(owner)) && touches_own(RF_WRITE, owner, RFH_ALL_OF_IT);
}

static int inherits(PyTypeObject *type, PyTypeObject *from, const char *name)
{
    PyObject *text = PyUnicode_InternFromString(name);
    int same = text && _PyType_Lookup(type, text) == _PyType_Lookup(from, text);
    Py_XDECREF(text);
    PyErr_Clear();
    return same;
}

static int is_special(PyObject *name)
{
    const char *text = PyUnicode_AsUTF8(name);
    if (text == NULL)
        PyErr_Clear();
    return text == NULL || strncmp(text, "__", 2) == 0;
}

/* A name that the program makes may follow from a secret, so it stands for any: no code of the class may be asked for it. */
static int place_of(PyObject *name, uint32_t *place)
{
    if (!PyUnicode_CheckExact(name) || rfh_name_number(name) == 0)
        return 0;
    *place = PyUnicode_CHECK_INTERNED(name) ? rfh_name_number(name) : RFH_ALL_OF_IT;
    return 1;
}

static int is_made(uint32_t place) { return place == RFH_ALL_OF_IT; }

/* Where the class has nothing of that name. */
static int has_own(PyObject *owner, PyObject *name)
{
    PyObject *value = _PyObject_GenericGetAttrWithDict(owner, name, NULL, 1);
    Py_XDECREF(value);
    PyErr_Clear();
    return value != NULL;
}

int rfh_reads_attribute(PyObject *owner, PyObject *name, void **code)
{
    PyTypeObject *type = Py_TYPE(owner);
    if (type == &PySuper_Type)
        return reads_through_super(owner, name);
    if (is_of_this_thread(owner, name))
        return 1;
    uint32_t place;
    if (!place_of(name, &place))
        return 0;
    if (type->tp_getattro == PyModule_Type.tp_getattro)
        return reads_of_module(owner, name, place);
    PyTypeObject *usual = PyType_Check(owner) ? &PyType_Type : &PyBaseObject_Type;
    int asks = type->tp_getattro != usual->tp_getattro; /* __getattr__, of what is not there */
    if (asks && (is_made(place) || !inherits(type, usual, "__getattribute__") || rfh_code_of_method(owner, "__getattr__") == NULL))
        return 0;
    PyObject *found = _PyType_Lookup(type, name);
    if (PyType_Check(owner)) {
        if (asks && found == NULL && _PyType_Lookup((PyTypeObject *)owner, name) == NULL)
            *code = rfh_code_of_method(owner, "__getattr__");
        return (!asks || found || *code || _PyType_Lookup((PyTypeObject *)owner, name)) && reads_of_type((PyTypeObject *)owner, name, place);
    }
    if (!reads_types(type, place))
        return 0;
    if (is_made(place) && (found != NULL || is_special(name)))
        return 0;
    if (found && Py_TYPE(found)->tp_descr_set != NULL) { /* it comes before what the object itself has */
        if (Py_TYPE(found) == &PyProperty_Type)
            return rfh_reads_canary(owner, name) || (*code = code_of_property(found, "fget")) != NULL;
        if (Py_TYPE(found) == &PyMemberDescr_Type)
            return touches_slot(RF_READ, owner, found);
        if (Py_TYPE(found) != &PyGetSetDescr_Type)
            return (*code = rfh_code_of_method(found, "__get__")) != NULL;
        if (PyUnicode_CompareWithASCIIString(name, "__dict__") == 0)
            return rfh_hands_over_attributes(owner);
        return is_class_name(name);
    }
    if (has_dict(type) && !touches_own(RF_READ, owner, place))
        return 0;
    if (found || !asks || has_own(owner, name))
        return found == NULL || is_given(found);
    return (*code = rfh_code_of_method(owner, "__getattr__")) != NULL;
}

/* A key that is new comes behind those that are there; whether it is new is known where the class has nothing of that name. */
static int touches_order(PyObject *owner, PyObject *name, PyObject *in_class, int deletes)
{
    int there = !in_class && !deletes && has_own(owner, name);
    return there || touches_own(RF_WRITE, owner, RFH_ORDER);
}

static int changes_of_dict(PyObject *dict, PyObject *name, uint32_t place)
{
    if (!PyDict_CheckExact(dict) || !rfh_touch(RF_WRITE, dict, place))
        return 0;
    int there = PyDict_Contains(dict, name);
    PyErr_Clear();
    return there == 1 || rfh_touch(RF_WRITE, dict, RFH_ORDER);
}

int rfh_changes_attribute(PyObject *owner, PyObject *name, PyObject *value, void **code)
{
    PyTypeObject *type = Py_TYPE(owner);
    uint32_t place;
    if (PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "__del__") == 0)
        rfh_distrust(name); /* it may be C code, whose beginning is not seen */
    if (!place_of(name, &place) || is_special(name))
        return 0;
    if (PyModule_CheckExact(owner))
        return value && changes_of_dict(PyModule_GetDict(owner), name, place);
    if (type == &PyType_Type)
        return is_mutable_type(owner) && rfh_touch(RF_WRITE, owner, place) && rfh_touch(RF_WRITE, owner, RFH_ORDER)
            && rfh_touch(RF_WRITE, ((PyTypeObject *)owner)->tp_dict, RFH_ALL_OF_IT); /* vars(class) shows it */
    if (type->tp_setattro != PyObject_GenericSetAttr)
        return 0;
    PyObject *found = _PyType_Lookup(type, name);
    if (!reads_types(type, place) || (is_made(place) && found != NULL))
        return 0;
    if (found && Py_TYPE(found)->tp_descr_set != NULL) {
        if (Py_TYPE(found) == &PyProperty_Type)
            return (*code = code_of_property(found, value ? "fset" : "fdel")) != NULL;
        return Py_TYPE(found) == &PyMemberDescr_Type && touches_slot(RF_WRITE, owner, found);
    }
    return has_dict(type) && touches_own(RF_WRITE, owner, place) && touches_order(owner, name, found, value == NULL);
}

int rfh_reads_super(PyObject *from, PyObject *object, PyObject *name)
{
    uint32_t place = rfh_name_number(name);
    PyTypeObject *type = PyType_Check(object) ? (PyTypeObject *)object : Py_TYPE(object);
    PyObject *order = type->tp_mro;
    int behind = 0;
    if (place == 0 || order == NULL || !reads_types(type, place))
        return 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(order); i++) {
        PyObject *base = PyTuple_GET_ITEM(order, i), *found = NULL;
        if (behind && is_mutable_type(base))
            found = PyDict_GetItemWithError(((PyTypeObject *)base)->tp_dict, name);
        else if (behind)
            found = _PyType_Lookup((PyTypeObject *)base, name);
        PyErr_Clear();
        if (found)
            return is_given(found);
        behind |= base == from;
    }
    return 0;
}
