/* Scheduling points from sys.monitoring (3.12+).
 *
 * PY_START and PY_RESUME are watched everywhere; code that runs in a controlled thread then gets local INSTRUCTION
 * and CALL events, which take effect on that same call. The callbacks are builtins: a point at which the policy says
 * "go on" runs no Python bytecode.
 */
#include "trace/source.h"

#if PY_VERSION_HEX >= 0x030c0000

#include "code/meanings.h"
#include "schedule/raises.h"
#include "touch/footprint.h"
#include "trace/points.h"

/* Every number that sys.monitoring gives away. 3 and 4 are nobody's; 5, 2, 1 and 0 are meant for optimizer, profiler,
 * coverage and debugger, and ours only while these are not there. */
static const int tool_numbers[] = {3, 4, 5, 2, 1, 0};
enum { TOOL_NUMBERS = sizeof tool_numbers / sizeof *tool_numbers };

static PyObject *monitoring, *disable, *set_local_events, *local_events, *no_events, *tool_number, *missing;
static int installation;   /* grows with every install: local events of an earlier one are gone */
static PyObject *watched;  /* codes with local events */

static rfh_thread *current(void)
{
    rfh_thread *t = rfh_me;
    return t && (t->quiet == 0 || rfh_is_atomic(t)) ? t : NULL;
}

static int watch(rfh_thread *t, PyObject *code, rfh_code *table)
{
    PyObject *args[] = {tool_number, code, local_events};
    t->quiet++; /* it is we who ask */
    PyObject *result = PyObject_Vectorcall(set_local_events, args, 3, NULL);
    t->quiet--;
    if (result == NULL || PyList_Append(watched, code) != 0) {
        Py_XDECREF(result);
        return -1;
    }
    Py_DECREF(result);
    table->watched = installation;
    return 0;
}

int rfh_source_is_ours(PyObject *number)
{
    return tool_number != NULL && PyLong_Check(number) && PyObject_RichCompareBool(number, tool_number, Py_EQ) == 1;
}

static PyObject *on_start(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    rfh_thread *t = current();
    if (t == NULL)
        Py_RETURN_NONE;
    rfh_code *table = rfh_code_of(args[0]);
    if (table == NULL)
        return NULL;
    if (table->ours)
        return Py_NewRef(disable);
    if (table->watched != installation && watch(t, args[0], table) != 0)
        return NULL;
    Py_ssize_t index = PyLong_AsSsize_t(args[1]) / 2;
    if (rfh_only_makes(table->at[index].opcode, table->at[index].argument))
        Py_RETURN_NONE;
    if (rfh_on_entry(t, args[0], table) != 0)
        return NULL;
    Py_RETURN_NONE;
}

/* An exception is thrown into a generator, as when it is closed because nobody has it any more. */
static PyObject *on_throw(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    rfh_thread *t = current();
    rfh_code *table = t && rfh.reduces ? rfh_code_of(args[0]) : NULL;
    PyErr_Clear();
    if (table && !table->ours)
        rfh_touch_entry(t, args[0]);
    Py_RETURN_NONE;
}

static PyObject *on_instruction(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    rfh_thread *t = current();
    if (t == NULL)
        Py_RETURN_NONE;
    rfh_code *table = rfh_code_of(args[0]);
    if (table == NULL)
        return NULL;
    Py_ssize_t index = PyLong_AsSsize_t(args[1]) / 2;
    if (table->at[index].flags == 0)
        return Py_NewRef(disable); /* pure at every granularity */
    if (rfh_on_instruction(t, args[0], table, index) != 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *on_call(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    rfh_thread *t = current();
    if (t == NULL || rfh_is_atomic(t))
        Py_RETURN_NONE;
    PyObject *first = args[3] == missing ? NULL : args[3];
    if (rfh_on_callee(t, args[2], first, NULL, -1) != 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *on_raise(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    rfh_thread *t = current();
    rfh_code *table = t && rfh.early ? rfh_code_of(args[0]) : NULL;
    PyErr_Clear();
    if (table) {
        PyObject *traceback = PyException_GetTraceback(args[2]);
        rfh_on_raise(t, table, PyLong_AsSsize_t(args[1]) / 2, args[2], traceback);
        Py_XDECREF(traceback);
    }
    Py_RETURN_NONE;
}

static PyMethodDef callbacks[] = {
    {"redactfuzz_on_start", (PyCFunction)(void (*)(void))on_start, METH_FASTCALL, NULL},
    {"redactfuzz_on_instruction", (PyCFunction)(void (*)(void))on_instruction, METH_FASTCALL, NULL},
    {"redactfuzz_on_throw", (PyCFunction)(void (*)(void))on_throw, METH_FASTCALL, NULL},
    {"redactfuzz_on_call", (PyCFunction)(void (*)(void))on_call, METH_FASTCALL, NULL},
    {"redactfuzz_on_raise", (PyCFunction)(void (*)(void))on_raise, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

int rfh_source_init(PyObject *module)
{
    monitoring = PySys_GetObject("monitoring");
    if (monitoring == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "sys.monitoring is missing");
        return -1;
    }
    Py_INCREF(monitoring);
    disable = PyObject_GetAttrString(monitoring, "DISABLE");
    missing = PyObject_GetAttrString(monitoring, "MISSING");
    set_local_events = PyObject_GetAttrString(monitoring, "set_local_events");
    no_events = PyLong_FromLong(0);
    return disable && missing && set_local_events && no_events ? 0 : -1;
}

static long event_bit(const char *name)
{
    PyObject *events = PyObject_GetAttrString(monitoring, "events");
    PyObject *bit = events ? PyObject_GetAttrString(events, name) : NULL;
    long value = bit ? PyLong_AsLong(bit) : 0;
    Py_XDECREF(events);
    Py_XDECREF(bit);
    return value;
}

static int set_callback(const char *event, PyMethodDef *definition)
{
    PyObject *function = definition ? PyCFunction_New(definition, NULL) : Py_NewRef(Py_None);
    PyObject *old = function ? PyObject_CallMethod(monitoring, "register_callback", "OlO", tool_number,
                                                   event_bit(event), function)
                             : NULL;
    Py_XDECREF(function);
    Py_XDECREF(old);
    return old ? 0 : -1;
}

/* Says which tools hold the numbers, each as "name (number)". */
static void no_tool_number(void)
{
    PyObject *holders = PyUnicode_FromString("");
    for (int number = 0; holders && number < TOOL_NUMBERS; number++) {
        PyObject *name = PyObject_CallMethod(monitoring, "get_tool", "i", number);
        PyObject *more = name ? PyUnicode_FromFormat("%U%s%S (%d)", holders, number ? ", " : "", name, number) : NULL;
        Py_XDECREF(name);
        Py_SETREF(holders, more);
    }
    if (holders)
        PyErr_Format(PyExc_RuntimeError,
                     "sys.monitoring has no free tool number: %U hold all of them\n"
                     "End one of these tools (debugger, coverage, profiler) before the campaign.",
                     holders);
    Py_XDECREF(holders);
}

static int take_tool(void)
{
    for (int i = 0; i < TOOL_NUMBERS; i++) {
        PyObject *taken = PyObject_CallMethod(monitoring, "use_tool_id", "is", tool_numbers[i], "redactfuzz");
        if (taken) {
            Py_DECREF(taken);
            tool_number = PyLong_FromLong(tool_numbers[i]);
            return tool_number ? 0 : -1;
        }
        if (!PyErr_ExceptionMatches(PyExc_ValueError))
            return -1;
        PyErr_Clear();
    }
    no_tool_number();
    return -1;
}

static int set_global(long events)
{
    PyObject *done = PyObject_CallMethod(monitoring, "set_events", "Ol", tool_number, events);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

static int listen(void)
{
    installation++;
    watched = PyList_New(0);
    local_events = PyLong_FromLong(event_bit("INSTRUCTION") | event_bit("CALL"));
    if (watched == NULL || local_events == NULL || set_callback("PY_START", &callbacks[0]) != 0
        || set_callback("PY_RESUME", &callbacks[0]) != 0 || set_callback("INSTRUCTION", &callbacks[1]) != 0
        || set_callback("PY_THROW", &callbacks[2]) != 0 || set_callback("CALL", &callbacks[3]) != 0
        || set_callback("RAISE", &callbacks[4]) != 0)
        return -1;
    return set_global(event_bit("PY_START") | event_bit("PY_RESUME") | event_bit("PY_THROW") | event_bit("RAISE"));
}

int rfh_source_install(void)
{
    if (take_tool() != 0)
        return -1;
    if (listen() == 0)
        return 0;
    PyObject *error = PyErr_GetRaisedException();
    rfh_source_remove(); /* the number is somebody else's again */
    PyErr_SetRaisedException(error);
    return -1;
}

void rfh_source_remove(void)
{
    if (tool_number == NULL)
        return;
    int failed = set_global(0);
    for (Py_ssize_t i = 0; watched && i < PyList_GET_SIZE(watched); i++) {
        PyObject *args[] = {tool_number, PyList_GET_ITEM(watched, i), no_events};
        PyObject *done = PyObject_Vectorcall(set_local_events, args, 3, NULL);
        failed |= done == NULL;
        Py_XDECREF(done);
    }
    failed |= set_callback("PY_START", NULL) || set_callback("PY_RESUME", NULL) || set_callback("INSTRUCTION", NULL)
        || set_callback("PY_THROW", NULL) || set_callback("CALL", NULL) || set_callback("RAISE", NULL);
    PyObject *done = PyObject_CallMethod(monitoring, "free_tool_id", "O", tool_number);
    Py_XDECREF(done);
    Py_CLEAR(watched);
    Py_CLEAR(local_events);
    Py_CLEAR(tool_number);
    if (failed || done == NULL)
        PyErr_WriteUnraisable(NULL);
    /* Places that were disabled stay so for tools that come after us, unless events start afresh. */
    done = PyObject_CallMethod(monitoring, "restart_events", NULL);
    Py_XDECREF(done);
    PyErr_Clear();
}

void rfh_source_attach(void) {}
void rfh_source_detach(void) {}

#endif
