#include "touch/calls.h"

#include <string.h>

#include "code/codes.h"
#include "interpreter/patch.h"
#include "state/execution.h"
#include "touch/attributes.h"
#include "touch/builtins.h"
#include "touch/deaths.h"
#include "touch/drains.h"
#include "touch/touch.h"
#include "touch/values.h"

int rfh_calls_install(void)
{
    for (rfh_builtin *row = rfh_builtins; row->module; row++) {
        PyObject *owner = row->type ? rfh_patch_owner(row->module, row->type) : PyImport_ImportModule(row->module);
        PyObject *found = owner ? PyObject_GetAttrString(owner, row->name) : NULL;
        row->definition = found ? rfh_patch_definition(found) : NULL;
        Py_XDECREF(found);
        Py_XDECREF(owner);
        if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_AttributeError))
            return -1;
        PyErr_Clear();
    }
    return 0;
}

PyObject *rfh_builtins_known(PyObject *module, PyObject *ignored)
{
    PyObject *list = PyList_New(0);
    for (const rfh_builtin *row = rfh_builtins; list && row->module; row++) {
        PyObject *item = Py_BuildValue("(szsN)", row->module, row->type, row->name, PyBool_FromLong(rfh_changes_something(row)));
        if (item == NULL || PyList_Append(list, item) != 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}

/* Builtin types are exact where their methods are to be known: a class made of one may have others. */
static int is_of(PyObject *self, const rfh_builtin *row)
{
    return row->type == NULL || strcmp(row->module, "builtins") != 0 || strcmp(row->type, "object") == 0
        || (self && !(Py_TYPE(self)->tp_flags & Py_TPFLAGS_HEAPTYPE));
}

static int touches_builtin(rfh_call *call, PyMethodDef *definition)
{
    for (const rfh_builtin *row = rfh_builtins; row->module; row++)
        if (row->definition == definition)
            return is_of(call->self, row) && row->touches(call);
    return 0;
}

/* int(x), list(x), and their like: what they are made of is gone through. */
static int touches_builtin_type(rfh_call *call, PyTypeObject *type)
{
    PyObject *arg = call->count == 1 ? call->args[0] : NULL;
    if (type == &PyRange_Type && !call->keywords) {
        for (Py_ssize_t i = 0; i < call->count; i++)
            if (!rfh_is_plain(call->args[i]))
                return 0;
        return 1;
    }
    if (type == &PyZip_Type) {
        for (Py_ssize_t i = 0; i < call->count; i++)
            if (!rfh_goes_through(call->args[i]) && !(call->keywords && rfh_is_plain(call->args[i]))) /* strict=True */
                return 0;
        return call->keywords != RFH_UNSEEN;
    }
    if (call->keywords || call->count > 1)
        return 0;
    if (type == &PyType_Type)
        return call->count == 1;
    if (type == &PySuper_Type)
        return call->count == 0; /* it finds its class and object in the frame that calls */
    if (arg && PyGen_CheckExact(arg)) {
        int keeps = type == &PyList_Type || type == &PyTuple_Type;
        call->takes = keeps ? RFH_TAKES_ANY : RFH_TAKES_PLAIN;
        return (keeps || type == &PySet_Type || type == &PyFrozenSet_Type) && rfh_drains(arg, 1, &call->code);
    }
    if (type == &PyList_Type || type == &PyTuple_Type)
        return arg == NULL || rfh_goes_through(arg);
    if (type == &PyBool_Type)
        return arg == NULL || rfh_reads_truth(arg, &call->code);
    if (type == &PySet_Type || type == &PyFrozenSet_Type || type == &PyDict_Type)
        return arg == NULL || ((type != &PyDict_Type || PyDict_CheckExact(arg)) && rfh_reads(arg));
    if (type == &PyUnicode_Type)
        return arg == NULL || rfh_reads(arg);
    if ((type == &PyBytes_Type || type == &PyByteArray_Type) && arg && PyByteArray_CheckExact(arg))
        return rfh_goes_through(arg);
    if (type == &PyLong_Type || type == &PyFloat_Type || type == &PyBytes_Type || type == &PyByteArray_Type)
        return arg == NULL || rfh_is_plain(arg);
    if (type == &PyEnum_Type || type == &PyReversed_Type)
        return arg && rfh_goes_through(arg);
    return type == &PyBaseObject_Type && arg == NULL;
}

/* An object of a class in Python: it is made, and its __init__ runs. */
static int touches_class(rfh_call *call, PyTypeObject *type)
{
    PyTypeObject *error = (PyTypeObject *)PyExc_BaseException;
    if (Py_TYPE(type) != &PyType_Type) {
        call->code = rfh_code_of_method((PyObject *)type, "__call__");
        return call->code != NULL;
    }
    if (strcmp(type->tp_name, "_json.Encoder") == 0)
        return 1; /* it keeps what it is given */
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE))
        return touches_builtin_type(call, type)
            || (PyType_IsSubtype(type, error) && type->tp_new == error->tp_new && type->tp_init == error->tp_init);
    if (type->tp_new != PyBaseObject_Type.tp_new && type->tp_new != error->tp_new)
        return 0;
    if (type->tp_init == PyBaseObject_Type.tp_init || type->tp_init == error->tp_init)
        return 1;
    PyObject *name = PyUnicode_InternFromString("__init__");
    PyObject *init = name ? _PyType_Lookup(type, name) : NULL;
    Py_XDECREF(name);
    PyErr_Clear();
    call->code = init && PyFunction_Check(init) ? rfh_code_called(init) : NULL;
    return call->code != NULL;
}

/* The redactor under test stands in front of the routine. */
static PyObject *behind_redactor(PyObject *callable)
{
    if (!rfh_is_redactor(callable) || rfh.bypass)
        return NULL;
    PyObject *wrapped = PyObject_GetAttrString(callable, "__wrapped__");
    Py_XDECREF(wrapped); /* it holds it */
    PyErr_Clear();
    return wrapped;
}

/* -- what a program does with a canary, and with the handle of the execution */

/* Who hands a dump over looks at what it holds, and at what is allowed now. */
static int touches_dump(PyObject *data)
{
    rfh_touch_allowed(RF_READ);
    rfh_touch_death(RF_READ);
    return rfh_reads(data);
}

static int touches_allowed(PyObject *ignored)
{
    rfh_touch_allowed(RF_WRITE);
    return 1;
}

static int fills(PyObject *buffer) { return PyByteArray_CheckExact(buffer) && rfh_touch(RF_WRITE, buffer, RFH_ALL_OF_IT); }

static PyTypeObject *canary;

static struct {
    const char *name;
    int (*touches)(PyObject *argument);
    Py_ssize_t takes;
    PyObject *function;
} ours[] = {
    {"dump", touches_dump, 1}, {"allow", touches_allowed}, {"forbid", touches_allowed}, {"write_into", fills, 1}, {"within", rfh_goes_through, 1},
};

PyObject *rfh_knows_ours(PyObject *module, PyObject *args)
{
    PyObject *race;
    if (!PyArg_ParseTuple(args, "OO!", &race, &PyType_Type, &canary))
        return NULL;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if ((ours[i].function = PyObject_GetAttrString(i ? (PyObject *)canary : race, ours[i].name)) == NULL)
            return NULL;
    return Py_NewRef(Py_None);
}

static int is_ours(const rfh_call *call, const PyObject *function)
{
    PyObject *callable = call->callable;
    return function && ((PyMethod_Check(callable) && PyMethod_GET_FUNCTION(callable) == function) || (callable == function && call->self));
}

int rfh_reads_canary(PyObject *owner, PyObject *name)
{
    if (Py_TYPE(owner) == canary && PyUnicode_CompareWithASCIIString(name, "allowed") == 0)
        rfh_touch_allowed(RF_READ);
    return Py_TYPE(owner) == canary;
}

/* object.__new__(cls) */
static int makes_plain_object(const rfh_call *call, PyObject *callable)
{
    PyObject *self = PyCFunction_GET_SELF(callable);
    if (strcmp(((PyCFunctionObject *)callable)->m_ml->ml_name, "__new__") != 0 || self == NULL || !PyType_Check(self))
        return 0;
    PyTypeObject *made = call->count == 1 && PyType_Check(call->args[0]) ? (PyTypeObject *)call->args[0] : NULL;
    return ((PyTypeObject *)self)->tp_new == PyBaseObject_Type.tp_new && made && Py_TYPE(made) == &PyType_Type && !call->keywords
        && made->tp_new == PyBaseObject_Type.tp_new;
}

/* A class that is made may have a finalizer, a weak reference a callback, whose beginning is not seen. */
static void look_for_deaths(const rfh_call *call)
{
    PyObject *callable = call->callable;
    int makes = PyCFunction_CheckExact(callable) && strcmp(((PyCFunctionObject *)callable)->m_ml->ml_name, "__build_class__") == 0;
    int refers = (PyType_Check(callable) && PyType_IsSubtype((PyTypeObject *)callable, &_PyWeakref_RefType))
        || (PyCFunction_CheckExact(callable) && strcmp(((PyCFunctionObject *)callable)->m_ml->ml_name, "proxy") == 0);
    int views = callable == (PyObject *)&PyMemoryView_Type && !(call->count > 0 && PyBytes_CheckExact(call->args[0]));
    if (views) /* whoever lets the last one go gives the buffer free */
        rfh_distrust(callable);
    if (makes || (refers && (call->keywords || call->count > 2 || (call->count == 2 && rfh_is_unseen(call->args[1])))))
        rfh_distrust(callable);
}

/* C code is handed a bytearray. Whoever keeps it, as an iterator over matches does, forbids others to change its length, and allows it by
 * being let go of, which is no step that is seen. */
static int is_lent(const rfh_call *call)
{
    if (PyFunction_Check(call->callable) || PyMethod_Check(call->callable))
        return 0;
    for (Py_ssize_t i = 0; i < call->count; i++)
        if (call->args[i] && PyByteArray_Check(call->args[i]))
            return 1;
    return 0;
}

/* Of what is known: who keeps it. */
static int keeps_buffer(PyObject *callable)
{
    static const char *const names[] = {"finditer", "scanner"};
    const char *name = PyCFunction_CheckExact(callable) ? ((PyCFunctionObject *)callable)->m_ml->ml_name
        : Py_TYPE(callable) == &PyMethodDescr_Type      ? ((PyMethodDescrObject *)callable)->d_method->ml_name : "";
    return strcmp(name, names[0]) == 0 || strcmp(name, names[1]) == 0;
}

static int touches_what(rfh_call *call);

int rfh_touches_call(rfh_call *call)
{
    PyObject *callable = call->callable;
    int lent = is_lent(call);
    look_for_deaths(call);
    int known = touches_what(call);
    if (lent && (!known || keeps_buffer(callable)))
        rfh_distrust(callable);
    return known;
}

static int touches_what(rfh_call *call)
{
    PyObject *callable = call->callable, *wrapped = behind_redactor(callable);
    if (wrapped)
        callable = wrapped;
    if (PyMethod_Check(callable) && (wrapped = behind_redactor(PyMethod_GET_FUNCTION(callable))) != NULL) {
        callable = wrapped;
        if (!PyFunction_Check(callable)) /* the object of the method is one more argument, which nobody put with the others */
            return 0;
    }
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (is_ours(call, ours[i].function))
            return call->count == ours[i].takes && !call->keywords && ours[i].touches(call->count ? call->args[0] : NULL);
    if (PyFunction_Check(callable) || PyMethod_Check(callable)) {
        call->code = rfh_code_called(callable);
        return call->code != NULL;
    }
    if (PyCFunction_CheckExact(callable) && makes_plain_object(call, callable))
        return 1;
    if (strcmp(Py_TYPE(callable)->tp_name, "_json.Encoder") == 0)
        return call->self == NULL && !call->keywords && call->count == 2 && rfh_is_plain(call->args[1]) && rfh_reads(call->args[0]);
    if (PyCFunction_CheckExact(callable)) {
        PyObject *self = PyCFunction_GET_SELF(callable);
        if (call->self) { /* one more argument: what is called has its own `self` */
            call->args--;
            call->count++;
        }
        call->self = self && PyModule_Check(self) ? NULL : self;
        return touches_builtin(call, ((PyCFunctionObject *)callable)->m_ml);
    }
    if (Py_TYPE(callable) == &PyMethodDescr_Type) {
        if (call->self == NULL && call->count > 0) {
            call->self = call->args[0];
            call->args++;
            call->count--;
        }
        if (call->self == NULL || !PyObject_TypeCheck(call->self, PyDescr_TYPE(callable)))
            return 0;
        return touches_builtin(call, ((PyMethodDescrObject *)callable)->d_method);
    }
    if (PyType_Check(callable) && call->self == NULL)
        return touches_class(call, (PyTypeObject *)callable);
    return 0;
}

int rfh_touches_enter(PyObject *manager, void **code)
{
    const char *name = Py_TYPE(manager)->tp_name;
    if (strcmp(name, "_thread.lock") == 0 || strcmp(name, "_thread.RLock") == 0)
        return !rfh_is_atomic(rfh_me);
    *code = rfh_code_of_method(manager, "__enter__");
    return *code != NULL && rfh_code_of_method(manager, "__exit__") != NULL;
}
