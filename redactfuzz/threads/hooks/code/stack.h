/* The frames of Python code and what lies on their evaluation stacks, as each version keeps them. */
#ifndef RFH_STACK_H
#define RFH_STACK_H

#include <Python.h>

#define Py_BUILD_CORE 1
#include <internal/pycore_frame.h>
#if PY_VERSION_HEX >= 0x030e0000
#include <internal/pycore_genobject.h>
#include <internal/pycore_interpframe_structs.h>
#include <internal/pycore_stackref.h>
#endif
#undef Py_BUILD_CORE

#if PY_VERSION_HEX >= 0x030e0000 /* tagged: a number of the interpreter's own, or an object that may be borrowed */
typedef _PyStackRef rfh_value;

static inline PyObject *rfh_object_in(rfh_value value)
{
    return PyStackRef_IsNullOrInt(value) ? NULL : PyStackRef_AsPyObjectBorrow(value);
}
#else
typedef PyObject *rfh_value;

static inline PyObject *rfh_object_in(rfh_value value) { return value; }
#endif

typedef struct _PyInterpreterFrame rfh_frame;

/* The frame that a thread runs. */
static inline rfh_frame *rfh_frame_of(const PyThreadState *ts)
{
#if PY_VERSION_HEX >= 0x030d0000
    return ts->current_frame;
#else
    return ts->cframe->current_frame;
#endif
}

/* What it runs (borrowed). */
static inline PyCodeObject *rfh_code_in(const rfh_frame *frame)
{
#if PY_VERSION_HEX >= 0x030e0000
    return (PyCodeObject *)rfh_object_in(frame->f_executable);
#elif PY_VERSION_HEX >= 0x030d0000
    return (PyCodeObject *)frame->f_executable;
#else
    return frame->f_code;
#endif
}

/* The generator whose frame it is (borrowed); NULL: it is of a function. */
static inline PyObject *rfh_generator_of(rfh_frame *frame)
{
    if (frame->owner != FRAME_OWNED_BY_GENERATOR)
        return NULL;
#if PY_VERSION_HEX >= 0x030e0000
    return (PyObject *)_PyGen_GetGeneratorFromFrame(frame);
#else
    return (PyObject *)_PyFrame_GetGenerator(frame);
#endif
}

/* Is `frame` below `top`, or `top` itself? */
static inline int rfh_is_under(const rfh_frame *frame, const rfh_frame *top)
{
    for (; top != NULL; top = top->previous)
        if (top == frame)
            return 1;
    return 0;
}

#endif
