#include "result.h"

#include "process/confine.h"
#include "state/execution.h"

/* Each field and its value, in the order of the tuple. What they mean stands in state/execution.h and _hooks.pyi. */
#define EACH(field) \
    field(state, rfh.end_state) \
    field(deadlock, rfh.deadlocked) \
    field(spinning, rfh.spinning) \
    field(too_long, rfh.too_long) \
    field(struck, rfh.strike_thread == RF_NO_THREAD ? -1 : (int)rfh.strike_thread) \
    field(strike_step, rfh.strike_step) \
    field(drained, rfh.drained) \
    field(outlived, rfh.outlived) \
    field(abandoned, abandoned()) \
    field(outside_holds, rfh.outside_holds) \
    field(outside_help, rfh.outside_help) \
    field(looked_in_vain, rfh.looked_in_vain) \
    field(asked, rfh.asked) \
    field(waited, rfh.waited) \
    field(unreported, rfh.unreported) \
    field(drawn, rfh.drawn) \
    field(sets, rfh.sets) \
    field(orders, rfh.orders) \
    field(finalized, rfh.finalized) \
    field(clock_reads, rfh.clock_reads) \
    field(unconfined, rfh_confine_failed()) \
    field(denied, rfh_confine_was_refused()) \
    field(left_out, rfh.left_out) \
    field(entered, rfh.entered)

#define NAMED(name, value) {#name, NULL},
#define COUNTED(name, value) +1
#define NUMBER(name, value) _Generic((value), uint64_t: PyLong_FromUnsignedLongLong, default: PyLong_FromLongLong)(value),
enum { FIELDS = 0 EACH(COUNTED) };

static PyStructSequence_Field fields[] = {EACH(NAMED) {NULL, NULL}};
static PyStructSequence_Desc description = {
    .name = "redactfuzz.threads._hooks.Result",
    .doc = "What an execution came to.",
    .fields = fields,
    .n_in_sequence = FIELDS,
};
static PyTypeObject *type;

static int abandoned(void)
{
    int count = 0;
    for (uint16_t i = 0; i < rfh.count; i++)
        count += rfh.threads[i]->state == RFH_ABANDONED;
    return count;
}

int rfh_result_init(PyObject *module)
{
    type = PyStructSequence_NewType(&description);
    return type == NULL ? -1 : PyModule_AddObjectRef(module, "Result", (PyObject *)type);
}

PyObject *rfh_result(void)
{
    PyObject *values[] = {EACH(NUMBER)};
    PyObject *result = PyStructSequence_New(type);
    for (int i = 0; i < FIELDS; i++) {
        if (values[i] == NULL)
            Py_CLEAR(result);
        if (result != NULL)
            PyStructSequence_SetItem(result, i, values[i]);
        else
            Py_XDECREF(values[i]);
    }
    return result;
}
