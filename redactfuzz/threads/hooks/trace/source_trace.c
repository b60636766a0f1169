/* Scheduling points from a C trace function (3.11).
 *
 * Never a Python one: that writes stale f_locals back when a paused frame goes on, and so invents leaks.
 */
#include "trace/source.h"

#if PY_VERSION_HEX < 0x030c0000

#define Py_BUILD_CORE 1
#include <internal/pycore_frame.h>
#undef Py_BUILD_CORE
#include <opcode.h>

#include "schedule/raises.h"
#include "trace/points.h"

static PyObject *key; /* only so that the trace function can be distinguished from another tool's */

/* At PRECALL the operand stack holds [method or NULL, callable or self, arguments]; see the interpreter's PRECALL. */
static int on_precall(rfh_thread *t, _PyInterpreterFrame *frame, int count)
{
    PyObject **top = frame->localsplus + frame->stacktop;
    if (frame->stacktop < count + 2)
        return 0;
    PyObject *method = top[-(count + 2)], *callable = method ? method : top[-(count + 1)];
    PyObject *first = method ? top[-(count + 1)] : count ? top[-count] : NULL;
    return callable ? rfh_on_callee(t, callable, first, top - count, count) : 0;
}

/* f(*args, **kwargs): the operand stack holds [NULL, callable, args] and, if the argument is odd, kwargs. */
static int on_spread_call(rfh_thread *t, _PyInterpreterFrame *frame, int with_names)
{
    PyObject **top = frame->localsplus + frame->stacktop - (with_names & 1);
    if (frame->stacktop < 2 + (with_names & 1) || top[-2] == NULL)
        return 0;
    if (!PyTuple_Check(top[-1]))
        return rfh_on_callee(t, top[-2], NULL, NULL, -1);
    Py_ssize_t count = PyTuple_GET_SIZE(top[-1]);
    PyObject *const *args = ((PyTupleObject *)top[-1])->ob_item;
    return rfh_on_callee(t, top[-2], count ? args[0] : NULL, args, count);
}

static int trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    rfh_thread *t = rfh_me;
    if (t == NULL || (t->quiet && !rfh_is_atomic(t)) || what == PyTrace_LINE || what == PyTrace_RETURN)
        return 0;
    PyObject *code = (PyObject *)frame->f_frame->f_code;
    rfh_code *table = rfh_code_of(code);
    if (table == NULL)
        return -1;
    if (what == PyTrace_CALL) {
        frame->f_trace_lines = 0;
        frame->f_trace_opcodes = !table->ours;
        return table->ours ? 0 : rfh_on_entry(t, code, table);
    }
    Py_ssize_t index = _PyInterpreterFrame_LASTI(frame->f_frame);
    if (what == PyTrace_EXCEPTION) {
        rfh_on_raise(t, table, index, PyTuple_GET_ITEM(arg, 1), PyTuple_GET_ITEM(arg, 2));
        return 0;
    }
    while (index + 1 < table->count && table->at[index].opcode == EXTENDED_ARG)
        index++; /* the interpreter announces an instruction with a long argument at what comes before it, and only there */
    const rfh_instruction *at = &table->at[index];
    if (at->flags == 0)
        return 0;
    if (rfh_on_instruction(t, code, table, index) != 0)
        return -1;
    if (at->opcode == CALL_FUNCTION_EX)
        return on_spread_call(t, frame->f_frame, rfh_argument_of(table, index));
    return at->opcode == PRECALL ? on_precall(t, frame->f_frame, rfh_argument_of(table, index)) : 0;
}

int rfh_source_init(PyObject *module)
{
    key = Py_NewRef(module);
    return 0;
}

int rfh_source_is_ours(PyObject *tracer) { return tracer == key; }

int rfh_source_install(void) { return 0; }
void rfh_source_remove(void) {}
void rfh_source_attach(void) { PyEval_SetTrace(trace, key); }
void rfh_source_detach(void) { PyEval_SetTrace(NULL, NULL); }

#endif
