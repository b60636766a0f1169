/* The Python face of the runtime's C part. See _hooks.pyi for what each function takes and gives. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

#include "code/codes.h"
#include "code/found.h"
#include "code/operands.h"
#include "constants.h"
#include "interpreter/collector.h"
#include "life/body.h"
#include "life/supervise.h"
#include "parts.h"
#include "process/audit.h"
#include "process/children.h"
#include "process/confine.h"
#include "process/pool.h"
#include "process/watch.h"
#include "result.h"
#include "schedule/holders.h"
#include "schedule/outside.h"
#include "schedule/raises.h"
#include "schedule/turn.h"
#include "state/execution.h"
#include "state/lasting.h"
#include "state/objects.h"
#include "state/secrets.h"
#include "touch/calls.h"
#include "touch/deaths.h"
#include "touch/survey.h"
#include "touch/touch.h"
#include "trace/focus.h"
#include "trace/points.h"
#include "trace/redactor.h"
#include "trace/source.h"
#include "trace/tracers.h"
#include "world/excepthook.h"
#include "world/opened.h"
#include "world/own.h"
#include "world/randomness.h"
#include "world/release.h"

static int installed;

static PyObject *hooks_install(PyObject *module, PyObject *args)
{
    if (installed) {
        PyErr_SetString(PyExc_RuntimeError, "a campaign is running in this process already\n"
                                            "Run one after the other.");
        return NULL;
    }
    if (rfh_parts_install() != 0)
        return NULL;
    rfh_outside_begin_batch();
    installed = 1;
    Py_RETURN_NONE;
}

static PyObject *hooks_remove(PyObject *module, PyObject *args)
{
    if (installed)
        rfh_parts_remove();
    installed = 0;
    Py_BEGIN_ALLOW_THREADS
    rfh_pool_stop();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *hooks_run(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"core",   "granularity", "listener",    "name",         "body", "args",
                            "bypass", "crash_last",  "drain_limit", "hang_seconds", "describe",
                            "title",  "number",      "stalls",       "turned",       "double",    "focus",
                            "aside",  "survey", NULL};
    unsigned long long address;
    int granularity, bypass = 0, crash_last = 0, describe = 0, two_crashes = 0, aside = 0, survey = 0;
    long long stalls = 0, turned = 0;
    unsigned int drain_limit = 20000;
    double hang_seconds = 10;
    const char *title = "";
    unsigned long long execution = 0;
    PyObject *listener, *name, *body, *body_args, *focus = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "KiOOOO!|ppIdpsKLLpOpp", names, &address, &granularity, &listener, &name,
                                     &body, &PyTuple_Type, &body_args, &bypass, &crash_last, &drain_limit,
                                     &hang_seconds, &describe, &title, &execution, &stalls, &turned, &two_crashes, &focus,
                                     &aside, &survey))
        return NULL;
    if (!installed || rfh.phase != RFH_IDLE) {
        PyErr_SetString(PyExc_RuntimeError, installed ? "an execution is running" : "call install() first");
        return NULL;
    }
    if (focus && rfh_focus_set(focus, aside) != 0)
        return NULL;
    rfh_forget_threads();
    rfh_objects_reset();
    rfh_forget_forms();
    rfh_seen_clear();
    rfh_parts_begin();
    Py_CLEAR(rfh.expected);
    Py_CLEAR(rfh.failure);
    memset(&rfh, 0, sizeof rfh);
    rfh.core = (rf_core *)(uintptr_t)address;
    rfh.surveys = (uint8_t)survey;
    rfh_touch_begin();
    rfh.phase = RFH_BODY;
    rfh.granularity = (uint8_t)granularity;
    rfh.bypass = (uint8_t)bypass;
    rfh.crash_last = (uint8_t)crash_last;
    rfh.stalls = stalls;
    rfh.turned = turned;
    rfh.number = execution;
    rfh.two_crashes = (uint8_t)two_crashes;
    rfh.describing = (uint8_t)describe;
    rfh.drain_limit = drain_limit;
    rfh.strike_thread = RF_NO_THREAD;
    rfh.listener = listener;
    rfh_thread *main_thread = rfh_add(name, body, body_args, NULL);
    if (main_thread == NULL) {
        rfh.phase = RFH_IDLE;
        return NULL;
    }
    PyThreadState *ts = PyThreadState_Get();
    int interrupted = 0;
    main_thread->state = RFH_RUNNING;
    rfh_confine_refused(0);
    rfh_deaths_begin();
    rfh_watch_begin(title, execution, hang_seconds);
    rfh_pool_run(main_thread);
    int failed = rfh_supervise(ts, hang_seconds, &interrupted);
    rfh_watch_end();
    rfh_secrets_end();
    rfh_forget_kept();
    rfh.phase = RFH_IDLE;
    rfh.listener = NULL;
    if (failed || rfh_listener_raised())
        return NULL;
    rfh_forget_calls();
    return rfh_result();
}

static PyObject *hooks_kept_in_vain(PyObject *module, PyObject *ignored) { return PyBool_FromLong(rfh_kept_in_vain()); }

static PyObject *hooks_add_thread(PyObject *module, PyObject *args)
{
    PyObject *name, *callable, *positional, *kwargs;
    int crashes;
    if (!PyArg_ParseTuple(args, "UOO!O!p", &name, &callable, &PyTuple_Type, &positional, &PyDict_Type, &kwargs, &crashes))
        return NULL;
    rfh_thread *t = rfh_add(name, callable, positional, kwargs);
    if (t == NULL)
        return NULL;
    t->crashes = (uint8_t)crashes;
    return PyLong_FromLong(t->id);
}

static PyObject *hooks_add_trigger(PyObject *module, PyObject *args)
{
    PyObject *name, *callable;
    int mode;
    if (!PyArg_ParseTuple(args, "UOi", &name, &callable, &mode))
        return NULL;
    rfh_thread *t = rfh_add(name, callable, NULL, NULL);
    if (t == NULL)
        return NULL;
    t->crash = (uint8_t)mode;
    t->site = rfh_site_of_start(name);
    return PyLong_FromLong(t->id);
}

static PyObject *hooks_thread_names(PyObject *module, PyObject *ignored)
{
    PyObject *list = PyList_New(rfh.count);
    for (uint16_t i = 0; list && i < rfh.count; i++)
        PyList_SET_ITEM(list, i, Py_NewRef(rfh.threads[i]->name));
    return list;
}

static PyObject *hooks_expect(PyObject *module, PyObject *numbers)
{
    if (!PyDict_Check(numbers)) {
        PyErr_SetString(PyExc_TypeError, "expected a dict of names and numbers");
        return NULL;
    }
    Py_XSETREF(rfh.expected, Py_NewRef(numbers));
    Py_RETURN_NONE;
}

static PyObject *hooks_current(PyObject *module, PyObject *ignored)
{
    if (rfh_me == NULL)
        Py_RETURN_NONE;
    return Py_BuildValue("(iOi)", (int)rfh_me->id, rfh_me->name, (int)rfh.phase);
}

static PyObject *hooks_early(PyObject *module, PyObject *ignored)
{
    return PyBool_FromLong(rfh.early || (rfh.stalls && rfh.clock_reads));
}

static PyObject *hooks_came_of_expiry(PyObject *module, PyObject *error) { return PyBool_FromLong(rfh_came_of_expiry(error)); }

/* True: a controlled thread calls it, and what it did is announced while the execution counts. */
static PyObject *hooks_notice(PyObject *module, PyObject *what)
{
    if (rfh_me == NULL)
        Py_RETURN_FALSE;
    if (rfh.phase <= RFH_EXPLORE) {
        PyObject *announced = rfh_announce("noticed", "(OO)", what, rfh_me->name);
        if (announced == NULL)
            return NULL;
        Py_DECREF(announced);
    }
    Py_RETURN_TRUE;
}

static PyObject *hooks_abandoned(PyObject *module, PyObject *ignored)
{
    PyObject *list = PyList_New(0);
    for (uint16_t i = 0; list && i < rfh.count; i++)
        if (rfh.threads[i]->state == RFH_ABANDONED && PyList_Append(list, rfh.threads[i]->name) != 0)
            Py_CLEAR(list);
    return list;
}

/* Code of ours that user code calls (race.dump): quiet while it runs. */
static PyObject *hooks_quietly(PyObject *module, PyObject *args)
{
    PyObject *callable, *positional;
    if (!PyArg_ParseTuple(args, "OO!", &callable, &PyTuple_Type, &positional))
        return NULL;
    rfh_thread *t = rfh_me;
    if (t)
        t->quiet++;
    PyObject *result = PyObject_Call(callable, positional, NULL);
    if (t)
        t->quiet--;
    return result;
}

static PyObject *hooks_site_name(PyObject *module, PyObject *args)
{
    PyObject *code;
    Py_ssize_t index;
    if (!PyArg_ParseTuple(args, "O!n", &PyCode_Type, &code, &index))
        return NULL;
    return rfh_site_name(code, index);
}

static PyObject *hooks_start_site(PyObject *module, PyObject *name)
{
    return PyLong_FromUnsignedLongLong(rfh_site_of_start(name));
}

static PyObject *hooks_described(PyObject *module, PyObject *ignored) { return rfh_seen_list(); }
static PyObject *hooks_deadlock(PyObject *module, PyObject *ignored) { return rfh_deadlock_list(); }

static PyObject *hooks_forget_pool(PyObject *module, PyObject *ignored)
{
    rfh_pool_forget();
    rfh_watch_forget();
    Py_RETURN_NONE;
}

static PyObject *hooks_set_home(PyObject *module, PyObject *directory)
{
    if (rfh_codes_set_home(directory) != 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *hooks_set_releasing(PyObject *module, PyObject *args)
{
    PyObject *objects, *types;
    if (!PyArg_ParseTuple(args, "OO", &objects, &types) || rfh_points_set_releasing(objects, types) != 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *hooks_planted(PyObject *module, PyObject *unused)
{
    rfh_forget_forms();
    Py_RETURN_NONE;
}

static PyObject *hooks_handler(PyObject *module, PyObject *unused)
{
    if (rfh_me == NULL || rfh_me->handles == 0)
        Py_RETURN_NONE;
    return PyLong_FromLong(rfh_me->handles);
}

static PyObject *hooks_announce_switches(PyObject *module, PyObject *wanted)
{
    rfh.announces_switches = (uint8_t)PyObject_IsTrue(wanted);
    Py_RETURN_NONE;
}

/* What every instruction of a code object is: for the test of the table of switch sites. */
static PyObject *hooks_watch(PyObject *module, PyObject *object)
{
    rfh_secrets_watch(object);
    Py_RETURN_NONE;
}

static PyObject *hooks_classify(PyObject *module, PyObject *code)
{
    rfh_code *table = PyCode_Check(code) ? rfh_code_of(code) : NULL;
    if (table == NULL) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "expected a code object");
        return NULL;
    }
    PyObject *list = PyList_New(table->count);
    for (int32_t i = 0; list && i < table->count; i++)
        PyList_SET_ITEM(list, i, Py_BuildValue("(ii)", (int)table->at[i].flags, (int)table->at[i].kind));
    return list;
}

/* The numbers of the sites of all instructions of a code object. */
static PyObject *hooks_sites(PyObject *module, PyObject *code)
{
    rfh_code *table = PyCode_Check(code) ? rfh_code_of(code) : NULL;
    if (table == NULL) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "expected a code object");
        return NULL;
    }
    PyObject *list = PyList_New(table->count);
    for (int32_t i = 0; list && i < table->count; i++)
        PyList_SET_ITEM(list, i, PyLong_FromUnsignedLongLong(table->at[i].site));
    return list;
}

static PyMethodDef methods[] = {
    {"install", hooks_install, METH_NOARGS, NULL},
    {"remove", hooks_remove, METH_NOARGS, NULL},
    {"run", (PyCFunction)(void (*)(void))hooks_run, METH_VARARGS | METH_KEYWORDS, NULL},
    {"add_thread", hooks_add_thread, METH_VARARGS, NULL},
    {"add_trigger", hooks_add_trigger, METH_VARARGS, NULL},
    {"thread_names", hooks_thread_names, METH_NOARGS, NULL},
    {"expect", hooks_expect, METH_O, NULL},
    {"current", hooks_current, METH_NOARGS, NULL},
    {"early", hooks_early, METH_NOARGS, NULL},
    {"early_waits", rfh_early_list, METH_NOARGS, NULL},
    {"came_of_expiry", hooks_came_of_expiry, METH_O, NULL},
    {"notice", hooks_notice, METH_O, NULL},
    {"abandoned", hooks_abandoned, METH_NOARGS, NULL},
    {"quietly", hooks_quietly, METH_VARARGS, NULL},
    {"site_name", hooks_site_name, METH_VARARGS, NULL},
    {"start_site", hooks_start_site, METH_O, NULL},
    {"described", hooks_described, METH_NOARGS, NULL},
    {"deadlock", hooks_deadlock, METH_NOARGS, NULL},
    {"forget_pool", hooks_forget_pool, METH_NOARGS, NULL},
    {"set_home", hooks_set_home, METH_O, NULL},
    {"set_releasing", hooks_set_releasing, METH_VARARGS, NULL},
    {"excepthook", rfh_excepthook, METH_O, NULL},
    {"operands", rfh_operands, METH_VARARGS, NULL},
    {"classify", hooks_classify, METH_O, NULL},
    {"sites", hooks_sites, METH_O, NULL},
    {"adopt_orphans", rfh_adopt_orphans, METH_O, NULL},
    {"knows_ours", rfh_knows_ours, METH_VARARGS, NULL},
    {"builtins_known", rfh_builtins_known, METH_NOARGS, NULL},
    {"unknown_touched", rfh_touch_unknown, METH_NOARGS, NULL},
    {"kept_in_vain", hooks_kept_in_vain, METH_NOARGS, NULL},
    {"files_met", rfh_files_met, METH_NOARGS, NULL},
    {"found", rfh_found, METH_VARARGS, NULL},
    {"planted", hooks_planted, METH_NOARGS, NULL},
    {"handler", hooks_handler, METH_NOARGS, NULL},
    {"announce_switches", hooks_announce_switches, METH_O, NULL},
    {"watch", hooks_watch, METH_O, NULL},
    {"survey_secret", rfh_survey_secret, METH_VARARGS, NULL},
    {"survey_result", rfh_survey_result, METH_NOARGS, NULL},
    {"leave_garbage", rfh_leave_garbage, METH_NOARGS, NULL},
    {"collect_rest", rfh_collect_rest, METH_NOARGS, NULL},
    {"collect_between", rfh_collect_between, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "redactfuzz.threads._hooks", NULL, -1, methods};

PyMODINIT_FUNC PyInit__hooks(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    rfh_unwind = Py_NewRef(PyExc_SystemExit); /* exactly that: the interpreter ends a thread by it without a word */
    rfh_injected = PyErr_NewExceptionWithDoc("redactfuzz.InjectedCrash",
                                             "The exception that race.crash(by=\"exception\") raises in a thread.",
                                             PyExc_BaseException, NULL);
    if (rfh_constants_init(module) != 0 || rfh_result_init(module) != 0 || rfh_unwind == NULL || rfh_injected == NULL || PyType_Ready(&rfh_redactor_type) != 0 || rfh_codes_init() != 0
        || rfh_source_init(module) != 0 || rfh_pool_init(rfh_run_thread, rfh_ended) != 0 || rfh_confine_init(module) != 0 || rfh_audit_install() != 0
        || PyModule_AddFunctions(module, rfh_watch_methods) != 0
        || PyModule_AddFunctions(module, rfh_release_methods) != 0 || PyModule_AddFunctions(module, rfh_own_methods) != 0 || PyModule_AddFunctions(module, rfh_opened_methods) != 0 || PyModule_AddFunctions(module, rfh_outside_methods) != 0
        || PyModule_AddFunctions(module, rfh_randomness_methods) != 0 || PyModule_AddObjectRef(module, "Unwind", rfh_unwind) != 0
        || PyModule_AddObjectRef(module, "InjectedCrash", rfh_injected) != 0
        || PyModule_AddObjectRef(module, "Redactor", (PyObject *)&rfh_redactor_type) != 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
