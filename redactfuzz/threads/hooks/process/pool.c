#define _GNU_SOURCE
#include "process/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "code/codes.h"
#include "interpreter/collector.h"
#include "process/confine.h"
#include "schedule/crash.h"
#include "trace/points.h"
#include "trace/source.h"

typedef struct worker {
    uint16_t number; /* of the threads that it runs, in each execution */
    int idle;
    int kept; /* whoever started it is kept to its files, and so is this: a domain of its own would part their children */
    rfh_thread *job; /* NULL: stop */
    rfh_gate gate;
    pthread_t os_thread;
} worker;

/* By number, so that a thread has the same one, and ident, in every execution. Changed by the running thread alone, except
 * `idle`, which a worker that finishes sets itself: hence the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static worker *workers[RFH_MAX_THREADS];

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
        Py_XDECREF(held[i]);
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
    if (rfh_on_direct_call(t, t->callable, t->args) == 0)
        result = PyObject_Call(t->callable, t->args, t->kwargs);
    let_go(t);
    t->quiet = 1;
    if (result == NULL) {
        rfh_escaped(t);
        return;
    }
    if ((PyCoro_CheckExact(result) || PyGen_CheckExact(result) || PyAsyncGen_CheckExact(result))
        && rfh.phase <= RFH_EXPLORE) {
        PyObject *told = rfh_tell("never_ran", "(OO)", t->name, result);
        if (told == NULL)
            rfh_listener_failed();
        Py_XDECREF(told);
        if (rfh.phase == RFH_BODY)
            rfh.body_failed = 1;
    }
    Py_DECREF(result);
    rfh_settle(t);
}

static void run_main_thread(rfh_thread *t)
{
    run_user_code(t);
    PyObject *main_call = rfh_tell("body_ended", "()");
    if (main_call == NULL) {
        rfh_listener_failed();
        main_call = Py_NewRef(Py_None);
    }
    rfh_body_ended();
    if (main_call != Py_None && rfh.phase == RFH_EXPLORE) {
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

static void run_thread(rfh_thread *t)
{
    PyThreadState *ts = PyThreadState_New(PyInterpreterState_Main());
    PyEval_RestoreThread(ts);
    rfh_me = t;
    t->tstate = ts;
    t->quiet = 1;
    t->thread_object = rfh_tell("attach", "(OOOO)", t->name, t->callable, t->args ? t->args : Py_None,
                                t->kwargs ? t->kwargs : Py_None);
    if (t->thread_object == NULL)
        rfh_listener_failed();
    rfh_source_attach();
    if (t->id == 0)
        run_main_thread(t);
    else
        run_user_code(t);
    rfh_collect(t);
    rfh_source_detach();
    PyObject *told = rfh_tell("detach", "(O)", t->name);
    if (told == NULL)
        rfh_listener_failed();
    Py_XDECREF(told);
    PyErr_Clear();
    Py_CLEAR(t->thread_object);
    Py_CLEAR(t->callable);
    Py_CLEAR(t->args);
    Py_CLEAR(t->kwargs);
    PyThreadState_Clear(ts);
    PyThreadState_DeleteCurrent();
}

/* 0: another has its place, since it was busy for longer than its execution. */
static int put_back(worker *w)
{
    pthread_mutex_lock(&lock);
    w->idle = workers[w->number] == w;
    int kept = w->idle;
    pthread_mutex_unlock(&lock);
    return kept;
}

static void *work(void *argument)
{
    worker *self = argument;
    if (!self->kept)
        rfh_confine_me();
    for (;;) {
        while (!rfh_gate_wait(&self->gate, 0)) {
        }
        rfh_thread *t = self->job;
        if (t == NULL)
            return NULL;
        run_thread(t);
        rfh_leave_if_forked();
        int kept = put_back(self);
        rfh_ended(t);
        if (!kept) {
            pthread_detach(pthread_self());
            free(self);
            return NULL;
        }
    }
}

static worker *start_worker(uint16_t number)
{
    worker *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->number = number;
    w->kept = rfh_me != NULL;
    sigset_t all, before;
    sigfillset(&all); /* signals are for the explorer, which is the process's main thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&w->os_thread, NULL, work, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        free(w);
        return NULL;
    }
    pthread_setname_np(w->os_thread, "redactfuzz");
    return w;
}

/* In the child of a fork by the code under test only that thread is left: nobody to hand over to, so nothing is
 * controlled there, and when its work is done the child is too. */
static int forked;

static void in_forked_child(void)
{
    if (rfh_me == NULL)
        return; /* a child of ours: see rfh_pool_forget */
    rfh_me = NULL;
    forked = 1;
}

void rfh_leave_if_forked(void)
{
    if (forked)
        _exit(0);
}

int rfh_pool_init(void) { return pthread_atfork(NULL, NULL, in_forked_child); }

/* The one in this place, no longer idle; NULL where there is none that is. Nobody has the place then. */
static worker *taken(uint16_t number)
{
    pthread_mutex_lock(&lock);
    worker *w = workers[number];
    if (w && w->idle)
        w->idle = 0;
    else
        w = workers[number] = NULL;
    pthread_mutex_unlock(&lock);
    return w;
}

void rfh_pool_run(rfh_thread *t)
{
    worker *w = taken(t->id);
    if (w == NULL)
        w = start_worker(t->id);
    if (w == NULL)
        Py_FatalError("redactfuzz: the system refuses to start another thread");
    pthread_mutex_lock(&lock);
    workers[t->id] = w;
    pthread_mutex_unlock(&lock);
    w->job = t;
    rfh_gate_post(&w->gate);
}

void rfh_pool_stop(void)
{
    for (uint16_t number = 0; number < RFH_MAX_THREADS; number++) {
        worker *w = taken(number);
        workers[number] = NULL;
        if (w == NULL)
            continue;
        w->job = NULL;
        rfh_gate_post(&w->gate);
        pthread_join(w->os_thread, NULL);
        free(w);
    }
}

void rfh_pool_forget(void)
{
    pthread_mutex_init(&lock, NULL);
    for (uint16_t number = 0; number < RFH_MAX_THREADS; number++)
        workers[number] = NULL;
}
