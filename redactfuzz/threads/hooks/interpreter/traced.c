#include "interpreter/traced.h"

PyObject *rfh_call_traced(PyObject *callable, PyObject *args)
{
    PyThreadState *ts = PyThreadState_Get();
    int tracing = ts->tracing;
    ts->tracing = 0;
#if PY_VERSION_HEX < 0x030c0000
    uint8_t use = ts->cframe->use_tracing;
    ts->cframe->use_tracing = ts->c_tracefunc ? 255 : 0;
#endif
    PyObject *result = PyObject_Call(callable, args, NULL);
    ts->tracing = tracing;
#if PY_VERSION_HEX < 0x030c0000
    ts->cframe->use_tracing = use;
#endif
    return result;
}
