#include "life/body.h"

#include "code/codes.h"
#include "interpreter/collector.h"
#include "process/pool.h"
#include "schedule/crash.h"
#include "schedule/end.h"
#include "schedule/turn.h"
#include "touch/deaths.h"
#include "touch/footprint.h"
#include "touch/touch.h"
#include "trace/points.h"
#include "trace/source.h"

/* What was called is let go in the thread, as Thread.run does it: finalizers that run by it are code of the program. */
static void let_go(rfh_thread *t)
{
    static const char *const shown[] = {"_target", "_args", "_kwargs"};
    PyObject *type, *value, *traceback, *held[] = {t->callable, t->args, t->kwargs};
    PyErr_Fetch(&type, &value, &traceback);
    for (size_t i = 0; t->thread_object && i < sizeof shown / sizeof *shown; i++)
        if (PyObject_DelAttrString(t->thread_object, shown[i]) != 0)
            PyErr_Clear();
    t->callable = t->args = t->kwargs = NULL;
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        rfh_let_go_of(t, held[i]);
    PyErr_Restore(type, value, traceback);
}

/* The body of the scenario, or of a thread, or the handler of a trigger: user code begins and ends here. */
static void run_user_code(rfh_thread *t)
{
    if (t->crash) {
        rfh_run_trigger(t);
        return;
    }
    PyObject *result = NULL;
    if (t->wake == RFH_STRUCK && rfh_struck(t) != 0) {
        rfh_escaped(t);
        return;
    }
    if (t->wake == RFH_LEAVE)
        return;
    t->fresh = 2;
    t->quiet = 0;
    rfh_doing before = rfh_touch_will_call(t, t->callable);
    if (rfh_on_direct_call(t, t->callable, t->args) == 0)
        result = PyObject_Call(t->callable, t->args, t->kwargs);
    rfh_touch_has_called(t, before);
    let_go(t);
    t->quiet = 1;
    if (result == NULL) {
        rfh_escaped(t);
        return;
    }
    if ((PyCoro_CheckExact(result) || PyGen_CheckExact(result) || PyAsyncGen_CheckExact(result))
        && rfh.phase <= RFH_AFTER && rfh.reduces)
        rfh_touch_bug(t->name);
    if ((PyCoro_CheckExact(result) || PyGen_CheckExact(result) || PyAsyncGen_CheckExact(result))
        && rfh.phase <= RFH_EXPLORE) {
        PyObject *announced = rfh_announce("never_ran", "(OO)", t->name, result);
        if (announced == NULL)
            rfh_listener_failed();
        Py_XDECREF(announced);
        if (rfh.phase == RFH_BODY)
            rfh.body_failed = 1;
    }
    rfh_let_go_of(t, result);
    rfh_settle(t);
}

static void run_main_thread(rfh_thread *t)
{
    run_user_code(t);
    PyObject *main_call = rfh_announce("body_ended", "()");
    if (main_call == NULL) {
        rfh_listener_failed();
        main_call = Py_NewRef(Py_None);
    }
    rfh_body_ended(main_call != Py_None);
    if (main_call != Py_None && rfh_explored(t)) {
        PyObject *callable, *args;
        if (PyArg_ParseTuple(main_call, "OO", &callable, &args)) {
            Py_XSETREF(t->callable, Py_NewRef(callable));
            Py_XSETREF(t->args, Py_NewRef(args));
            Py_CLEAR(t->kwargs);
            rf_event event = {.site = rfh_site_of_start(t->name), .kind = RF_SPAWN};
            t->fresh = 2;
            if (rfh_point(t, &event) == 0) {
                t->wake = RFH_GO;
                run_user_code(t);
            } else {
                rfh_escaped(t);
            }
        }
    }
    Py_DECREF(main_call);
}

void rfh_run_thread(rfh_thread *t)
{
    PyThreadState *ts = PyThreadState_New(PyInterpreterState_Main());
    PyEval_RestoreThread(ts);
    rfh_me = t;
    t->tstate = ts;
    t->quiet = 1;
    rfh_step_begins(t);
    rfh_announce_switch();
    rfh_touch_threads();
    t->thread_object = rfh_announce("attach", "(OOOO)", t->name, t->callable, t->args ? t->args : Py_None,
                                t->kwargs ? t->kwargs : Py_None);
    if (t->thread_object == NULL)
        rfh_listener_failed();
    rfh_source_attach();
    if (t->id == 0)
        run_main_thread(t);
    else
        run_user_code(t);
    rfh_let_go_of_kept(t);
    rfh_collect(t, rfh_settle);
    rfh_source_detach();
    rfh_touch_threads();
    PyObject *announced = rfh_announce("detach", "(O)", t->name);
    if (announced == NULL)
        rfh_listener_failed();
    Py_XDECREF(announced);
    PyErr_Clear();
    Py_CLEAR(t->thread_object);
    Py_CLEAR(t->callable);
    Py_CLEAR(t->args);
    Py_CLEAR(t->kwargs);
    PyThreadState_Clear(ts);
    PyThreadState_DeleteCurrent();
    rfh_leave_if_forked();
}
