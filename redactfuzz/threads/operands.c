#include "operands.h"

#define Py_BUILD_CORE 1
#include <internal/pycore_frame.h>
#undef Py_BUILD_CORE

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
    PyObject **slots = frame->f_frame->localsplus + base + first;
    if (called && slots[-1] != callable && slots[-2] != callable)
        Py_RETURN_NONE;
    PyObject *found = PyTuple_New(count);
    for (int i = 0; found && i < count; i++)
        PyTuple_SET_ITEM(found, i, Py_NewRef(slots[i] ? slots[i] : Py_None));
    return found;
}
