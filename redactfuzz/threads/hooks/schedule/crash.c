#include "schedule/crash.h"

#include <signal.h>

#include "interpreter/collector.h"
#include "interpreter/traced.h"
#include "schedule/dispatch.h"
#include "schedule/end.h"
#include "touch/footprint.h"
#include "touch/touch.h"

static void report_failure(rfh_thread *t, const char *method, uint16_t number)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback)
        PyException_SetTraceback(value, traceback);
    int body = rfh.phase == RFH_BODY && t->id == 0; /* sys.exit() ends a thread by right, but no scenario */
    if (body || !PyErr_GivenExceptionMatches(type, rfh_unwind)) {
        if (rfh.reduces)
            rfh_touch_bug(t->name);
        PyObject *announced = rfh_announce(method, "(HO)", number, value);
        if (announced == NULL)
            rfh_listener_failed();
        Py_XDECREF(announced);
    }
    t->quiet++; /* what the exception holds is let go, with finalizers unseen */
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    t->quiet--;
}

/* Is it the exception of by="exception", or was it raised while that one was handled? */
static int stems_from_injected(PyObject *value)
{
    enum { LINKS = 64 }; /* a chain can be made a ring */
    PyObject *at = Py_XNewRef(value);
    int stems = 0;
    for (int i = 0; at && !stems && i < LINKS; i++) {
        stems = PyErr_GivenExceptionMatches(at, rfh_injected);
        PyObject *above = PyException_GetCause(at);
        Py_SETREF(at, above ? above : PyException_GetContext(at));
    }
    Py_XDECREF(at);
    return stems;
}

int rfh_is_crash(rfh_thread *t)
{
    if (t->injected || rfh.phase > RFH_EXPLORE)
        return t->injected;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    int stems = value && PyExceptionInstance_Check(value) && stems_from_injected(value);
    PyErr_Restore(type, value, traceback);
    for (uint16_t i = 0; stems && i < rfh.count; i++) {
        rfh_thread *struck = rfh.threads[i];
        if (struck->injected) {
            struck->injected = 0;
            t->injector = struck->injector;
            return t->injected = 1;
        }
    }
    for (uint16_t i = 0; stems && i < rfh.count; i++) {
        rfh_thread *trigger = rfh.threads[i];
        if (trigger->crash == RFH_EXCEPTION && trigger->fired && !trigger->handled) {
            rfh.open_crashes++; /* the thread that it struck swallowed it, and handed it on */
            rfh_disarm_triggers();
            t->injector = trigger->id;
            return t->injected = 1;
        }
    }
    return 0;
}

/* The handler of `trigger` runs in `t` with `args`; what it returns is a dump. Consumes `args`. */
static void run_handler(rfh_thread *t, rfh_thread *trigger, PyObject *args)
{
    uint16_t outer = t->handles;
    t->handles = trigger->id;
    PyObject *announced = rfh_announce("crash_started", "(H)", trigger->id);
    if (announced == NULL)
        rfh_listener_failed();
    Py_XDECREF(announced);
    int atomic = trigger->crash == RFH_KILL; /* everything is stopped: nothing in it is a point */
    rfh_touch_death(RF_WRITE);
    rfh_touch_allowed(RF_READ);
    trigger->handled = 1;
    t->handler++;
    t->fresh = 2;
    t->quiet += atomic;
    int32_t quiet = t->quiet;
    int unwinding = t->injected; /* before the handler began */
    if (!atomic)
        t->quiet = 0;
    else if (rfh.reduces)
        t->atomic = quiet;
    rfh_doing before = rfh_touch_will_call(t, trigger->callable);
    PyObject *dump = args ? rfh_call_traced(trigger->callable, args) : NULL;
    t->atomic = 0;
    rfh_touch_has_called(t, before);
    if (rfh.reduces && dump)
        rfh_touch_handed_over(dump);
    t->quiet = quiet - atomic;
    t->handler--;
    t->handles = outer;
    Py_XDECREF(args);
    if (dump != NULL) {
        if (!unwinding)
            rfh_settle(t);
        if (rfh.phase <= RFH_EXPLORE) {
            announced = rfh_announce("crash_ended", "(HO)", trigger->id, dump);
            if (announced == NULL)
                rfh_listener_failed();
            Py_XDECREF(announced);
        }
        t->quiet++;
        Py_DECREF(dump);
        t->quiet--;
    } else if (!unwinding && rfh_is_crash(t)) {
        rfh_escaped(t); /* the second crash struck inside this handler: it is that one's turn */
    } else if (rfh.phase <= RFH_EXPLORE) {
        report_failure(t, "crash_failed", trigger->id);
    } else {
        PyErr_Clear();
    }
    if (!atomic)
        rfh_collect(t, rfh_settle);
    rfh_crash_path_ended();
}

int rfh_inject(rfh_thread *t)
{
    int later = t->no_raise || t->no_crash;
    t->injected = later ? 2 : 1;
    if (later)
        return 0;
    PyErr_SetString(rfh_injected, "crash injected by redactfuzz");
    return -1;
}

/* Steals `frame`; NULL: the main thread runs nothing of the scenario, before its first step or after its last. */
static PyObject *signal_args(PyObject *frame)
{
    frame = frame ? frame : rfh_announce("exit_frame", "()");
    return frame ? Py_BuildValue("(iN)", SIGTERM, frame) : NULL;
}

int rfh_struck(rfh_thread *t)
{
    rfh_thread *trigger = rfh.threads[t->struck];
    if (trigger->crash == RFH_EXCEPTION) {
        t->injector = t->struck;
        return rfh_inject(t);
    }
    PyObject *frame = (PyObject *)PyThreadState_GetFrame(PyThreadState_Get());
    run_handler(t, trigger, signal_args(frame));
    return 0;
}

static PyObject *exception_args(PyObject *value)
{
    PyObject *traceback = PyException_GetTraceback(value);
    return Py_BuildValue("(OON)", (PyObject *)Py_TYPE(value), value, traceback ? traceback : Py_NewRef(Py_None));
}

void rfh_run_trigger(rfh_thread *trigger)
{
    PyObject *args;
    if (trigger->crash == RFH_EXCEPTION) { /* every thread had ended: nothing is left to unwind */
        PyErr_SetString(rfh_injected, "crash injected by redactfuzz after every thread had ended");
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_NormalizeException(&type, &value, &traceback);
        args = value ? exception_args(value) : NULL;
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
    } else if (trigger->crash == RFH_SIGNAL) {
        args = signal_args(NULL);
    } else {
        args = PyTuple_New(0);
    }
    run_handler(trigger, trigger, args);
}

/* crashes=True: the thread's own exception goes to threading.excepthook, as the interpreter would do it. */
static void own_exception(rfh_thread *t)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback)
        PyException_SetTraceback(value, traceback);
    PyObject *threading = PyImport_ImportModule("threading");
    PyObject *make = threading ? PyObject_GetAttrString(threading, "ExceptHookArgs") : NULL;
    PyObject *hook = threading ? PyObject_GetAttrString(threading, "excepthook") : NULL;
    PyObject *four = make && hook ? Py_BuildValue("((OOOO))", type, value, traceback ? traceback : Py_None,
                                                  t->thread_object ? t->thread_object : Py_None)
                                  : NULL;
    PyObject *args = four ? PyObject_Call(make, four, NULL) : NULL;
    PyObject *one = args ? PyTuple_Pack(1, args) : NULL;
    int32_t quiet = t->quiet;
    t->quiet = 0;
    t->fresh = 2;
    rfh_doing before = hook ? rfh_touch_will_call(t, hook) : (rfh_doing){0};
    PyObject *result = one ? PyObject_Call(hook, one, NULL) : NULL;
    rfh_touch_has_called(t, before);
    t->quiet = quiet;
    if (result == NULL && rfh_is_crash(t))
        rfh_escaped(t);
    else if (result == NULL)
        report_failure(t, "crash_failed", t->id);
    t->quiet++;
    PyObject *held[] = {result, one, args, four, hook, make, threading, traceback, value, type};
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++)
        Py_XDECREF(held[i]);
    t->quiet--;
}

void rfh_escaped(rfh_thread *t)
{
    if (rfh.reduces)
        rfh_touch_bug(t->name);
    if (!rfh_is_crash(t) || rfh.phase > RFH_EXPLORE) {
        int settle = t->injected;
        t->injected = 0;
        if (rfh.phase == RFH_BODY && t->id == 0)
            rfh.body_failed = 1;
        if (rfh.phase <= RFH_EXPLORE && t->crashes)
            own_exception(t);
        else if (rfh.phase <= RFH_EXPLORE)
            report_failure(t, "thread_raised", t->id);
        else
            PyErr_Clear();
        if (settle)
            rfh_crash_path_ended();
        return;
    }
    t->injected = 0;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback)
        PyException_SetTraceback(value, traceback);
    run_handler(t, rfh.threads[t->injector], exception_args(value));
    t->quiet++;
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    t->quiet--;
}

void rfh_settle(rfh_thread *t)
{
    if (!t->injected)
        return;
    if (t->injected == 2 && rfh.phase <= RFH_EXPLORE) { /* no place came where it might: it strikes at the end */
        PyErr_SetString(rfh_injected, "crash injected by redactfuzz");
        rfh_escaped(t);
        return;
    }
    t->injected = 0;
    rfh.open_crashes--; /* the program handled it: nobody died */
    if (rfh.phase == RFH_EXPLORE && !rfh.crash_last)
        rfh_arm_triggers();
}
