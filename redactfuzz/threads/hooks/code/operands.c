#include "code/operands.h"

#include "code/stack.h"

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
    const rfh_value *slots = frame->f_frame->localsplus + base + first;
    if (called && rfh_object_in(slots[-1]) != callable && rfh_object_in(slots[-2]) != callable)
        Py_RETURN_NONE;
    PyObject *found = PyTuple_New(count);
    for (int i = 0; found && i < count; i++) {
        PyObject *object = rfh_object_in(slots[i]);
        PyTuple_SET_ITEM(found, i, Py_NewRef(object ? object : Py_None));
    }
    return found;
}
