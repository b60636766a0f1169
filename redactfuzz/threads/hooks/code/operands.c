#include "code/operands.h"

#define Py_BUILD_CORE 1
#include <internal/pycore_frame.h>
#if PY_VERSION_HEX >= 0x030e0000
#include <internal/pycore_interpframe_structs.h>
#include <internal/pycore_stackref.h>
#endif
#undef Py_BUILD_CORE

#if PY_VERSION_HEX >= 0x030e0000 /* tagged: a number of the interpreter's own, or an object that may be borrowed */
typedef _PyStackRef slot;

static PyObject *object_in(slot value)
{
    return PyStackRef_IsNullOrInt(value) ? NULL : PyStackRef_AsPyObjectBorrow(value);
}
#else
typedef PyObject *slot;

static PyObject *object_in(slot value) { return value; }
#endif

PyObject *rfh_operands(PyObject *module, PyObject *args)
{
    PyFrameObject *frame;
    PyObject *callable;
    int depth, above, count;
    if (!PyArg_ParseTuple(args, "O!iiiO", &PyFrame_Type, &frame, &depth, &above, &count, &callable))
        return NULL;
    PyCodeObject *code = PyFrame_GetCode(frame);
    int first = depth - above - count, size = code->co_stacksize, base = code->co_nlocalsplus;
    Py_DECREF(code);
    int called = callable != Py_None;
    if (above < 0 || count < 0 || first < (called ? 2 : 0) || depth > size)
        Py_RETURN_NONE;
    const slot *slots = frame->f_frame->localsplus + base + first;
    if (called && object_in(slots[-1]) != callable && object_in(slots[-2]) != callable)
        Py_RETURN_NONE;
    PyObject *found = PyTuple_New(count);
    for (int i = 0; found && i < count; i++) {
        PyObject *object = object_in(slots[i]);
        PyTuple_SET_ITEM(found, i, Py_NewRef(object ? object : Py_None));
    }
    return found;
}
