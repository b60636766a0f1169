/* In a controlled thread what would end the process ends the execution: the explorer must live to report it. */
#include "world/death.h"

#include <signal.h>
#include <unistd.h>

#include "interpreter/patch.h"
#include "schedule/end.h"
#include "schedule/turn.h"
#include "touch/touch.h"
#include "state/execution.h"

enum { EXIT, ABORT, EXECV, EXECVE, SIGNAL, GETSIGNAL, RAISE, KILL_THREAD, KILL, INTERRUPT };

static rfh_patch patches[];

/* The process would be dead from here on. Returns NULL: the thread unwinds. */
static PyObject *end_here(PyObject *what)
{
    rfh_thread *t = rfh_me;
    if (what == NULL)
        return NULL;
    if (t->state == RFH_ABANDONED)
        rfh_park_for_ever(t);
    if (rfh.reduces && rfh.phase <= RFH_AFTER)
        rfh_touch_all(what);
    if (rfh.phase <= RFH_EXPLORE) {
        /* A crash handler ends the process when it has done its work: nothing is wrong with that. */
        PyObject *announced = t->handler > 0 ? Py_NewRef(Py_None) : rfh_announce("ended_itself", "(OO)", what, t->name);
        if (announced == NULL)
            rfh_listener_failed();
        Py_XDECREF(announced);
        rfh_die();
    }
    Py_DECREF(what);
    PyErr_SetNone(rfh_unwind);
    return NULL;
}

typedef PyObject *(*fast)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*fast_keywords)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

static PyObject *exit_(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t total = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
    /* What the original refuses, it refuses by itself, and the process lives. */
    if (rfh_me == NULL || total != 1 || !PyLong_Check(args[0]))
        return ((fast_keywords)patches[EXIT].original)(module, args, nargs, kwnames);
    return end_here(PyUnicode_FromFormat("os._exit(%S)", args[0]));
}

static PyObject *abort_(PyObject *module, PyObject *ignored)
{
    if (rfh_me == NULL)
        return ((PyCFunction)patches[ABORT].original)(module, ignored);
    return end_here(PyUnicode_FromString("os.abort()"));
}

static PyObject *execv_(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (rfh_me == NULL || nargs != 2)
        return ((fast)patches[EXECV].original)(module, args, nargs);
    return end_here(PyUnicode_FromString("os.execv"));
}

static PyObject *execve_(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (rfh_me == NULL || nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0) != 3)
        return ((fast_keywords)patches[EXECVE].original)(module, args, nargs, kwnames);
    return end_here(PyUnicode_FromString("os.execve"));
}

/* Whether a signal ends the process, as far as its disposition says. Our threads block all signals, which are for the explorer:
 * here one would wait for good. */
static int ends_process(PyObject *number)
{
    static const int harmless[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
    struct sigaction now;
    long which = PyLong_Check(number) ? PyLong_AsLong(number) : 0;
    if (which == -1 && PyErr_Occurred())
        PyErr_Clear(); /* the original refuses it */
    if (which == SIGINT)
        return 1; /* what Python does with it, or does not, is for the explorer, who stands in the main thread */
    if (which <= 0 || which > SIGRTMAX || sigaction((int)which, NULL, &now) != 0 || now.sa_handler != SIG_DFL)
        return 0;
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        if (which == harmless[i])
            return 0;
    return 1;
}

/* -- signals whose handler the scenario's main thread has set: the listener keeps it, the process never has it */

/* NULL: it has set none, or the default. Borrowed. */
static PyObject *handler_of(PyObject *number)
{
    PyObject *all = rfh_controlled() ? PyObject_GetAttrString(rfh.listener, "signals") : NULL;
    PyObject *handler = all && PyDict_Check(all) ? PyDict_GetItem(all, number) : NULL;
    Py_XDECREF(all); /* the listener holds it */
    PyErr_Clear();
    return handler;
}

/* Elsewhere the interpreter refuses it, as it does without us; and there it refuses those that come in real time, or cannot be handled. */
static PyObject *signal_(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    long number = nargs == 2 && PyLong_Check(args[0]) ? PyLong_AsLong(args[0]) : 0;
    PyErr_Clear();
    if (!rfh_controlled() || rfh_me->id != 0 || number <= 0 || number > SIGRTMAX || number == SIGKILL || number == SIGSTOP || number == SIGALRM
        || number == SIGVTALRM || number == SIGPROF || !(PyCallable_Check(args[1]) || PyLong_Check(args[1])))
        return ((fast)patches[SIGNAL].original)(module, args, nargs);
    return rfh_announce("handles_signal", "(OO)", args[0], args[1]);
}

static PyObject *getsignal(PyObject *module, PyObject *number)
{
    PyObject *handler = handler_of(number);
    return handler ? Py_NewRef(handler) : ((PyCFunction)patches[GETSIGNAL].original)(module, number);
}

static int is_handled(PyObject *number) { return rfh_me != NULL && (handler_of(number) != NULL || ends_process(number)); }

/* The thread has sent its process a signal. */
static PyObject *handle(const char *how, PyObject *number)
{
    PyObject *handler = handler_of(number), *frame = (PyObject *)PyEval_GetFrame();
    if (handler == NULL)
        return end_here(PyUnicode_FromFormat(how, (int)PyLong_AsLong(number)));
    if (!PyCallable_Check(handler)) /* SIG_IGN */
        return Py_NewRef(Py_None);
    if (rfh_me->id != 0)
        return rfh_announce("sends_signal", "(OO)", number, rfh_me->name);
    Py_INCREF(handler);
    PyObject *result = PyObject_CallFunctionObjArgs(handler, number, frame ? frame : Py_None, NULL);
    Py_DECREF(handler);
    Py_XSETREF(result, result ? Py_NewRef(Py_None) : NULL);
    return result;
}

static PyObject *raise_(PyObject *module, PyObject *number)
{
    if (!is_handled(number))
        return ((PyCFunction)patches[RAISE].original)(module, number);
    return handle("signal.raise_signal(%d)", number);
}

static PyObject *kill_thread(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 2 || !is_handled(args[1]))
        return ((fast)patches[KILL_THREAD].original)(module, args, nargs);
    return handle("signal.pthread_kill(%d)", args[1]);
}

static PyObject *kill_(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    int self = rfh_me != NULL && nargs == 2 && PyLong_Check(args[0]) && PyLong_AsLong(args[0]) == getpid();
    PyErr_Clear(); /* of a number that is none of a process; the original says so */
    if (!self || !is_handled(args[1]))
        return ((fast)patches[KILL].original)(module, args, nargs);
    return handle("os.kill(%d)", args[1]);
}

static PyObject *interrupt(PyObject *module, PyObject *args)
{
    PyObject *number = PyTuple_GET_SIZE(args) > 0 ? Py_NewRef(PyTuple_GET_ITEM(args, 0)) : PyLong_FromLong(SIGINT);
    if (number == NULL)
        return NULL;
    PyObject *result = is_handled(number) ? handle("_thread.interrupt_main(%d)", number)
                                          : ((PyCFunction)patches[INTERRUPT].original)(module, args);
    Py_DECREF(number);
    return result;
}

static rfh_patch patches[] = {
    [EXIT] = {"posix", NULL, "_exit", METH_FASTCALL | METH_KEYWORDS, exit_},
    [ABORT] = {"posix", NULL, "abort", METH_NOARGS, abort_},
    [EXECV] = {"posix", NULL, "execv", METH_FASTCALL, execv_},
    [EXECVE] = {"posix", NULL, "execve", METH_FASTCALL | METH_KEYWORDS, execve_},
    [SIGNAL] = {"_signal", NULL, "signal", METH_FASTCALL, signal_},
    [GETSIGNAL] = {"_signal", NULL, "getsignal", METH_O, getsignal},
    [RAISE] = {"_signal", NULL, "raise_signal", METH_O, raise_},
    [KILL_THREAD] = {"_signal", NULL, "pthread_kill", METH_FASTCALL, kill_thread},
    [KILL] = {"posix", NULL, "kill", METH_FASTCALL, kill_},
    [INTERRUPT] = {"_thread", NULL, "interrupt_main", METH_VARARGS, interrupt},
    {NULL},
};

int rfh_death_install(void) { return rfh_patch_apply(patches); }
void rfh_death_remove(void) { rfh_patch_undo(patches); }
