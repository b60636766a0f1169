#define _GNU_SOURCE
#include "world/release.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include <opcode.h>

#include "code/codes.h"
#include "interpreter/drops.h"
#include "interpreter/interpose.h"
#include "schedule/looks.h"
#include "state/execution.h"

enum { PRECALL_UNITS = 2 }; /* with its cache; 3.11 only */

/* While the scenario's body runs and has started no thread, there is nobody who could run meanwhile. */
static int somebody_could_run(const rfh_thread *t)
{
    if (rfh.phase != RFH_BODY || t->id != 0)
        return rfh.phase >= RFH_BODY && rfh.phase <= RFH_AFTER;
    for (uint16_t i = 0; i < rfh.count; i++)
        if (rfh.threads[i]->adopted)
            return 1;
    return 0;
}

/* The site of the instruction that a thread is in the middle of; 0 where it cannot be announced. */
static uint64_t site_now(void)
{
    PyFrameObject *frame = PyThreadState_GetFrame(PyThreadState_Get());
    PyCodeObject *code = frame ? PyFrame_GetCode(frame) : NULL;
    int index = frame ? PyFrame_GetLasti(frame) / 2 : -1;
    rfh_code *table = code ? rfh_code_of((PyObject *)code) : NULL;
    const rfh_instruction *at = table && index >= 0 && index < table->count ? &table->at[index] : NULL;
#ifdef PRECALL
    if (at && at->opcode == CALL && index >= PRECALL_UNITS)
        at -= PRECALL_UNITS; /* the call has the name of the instruction that begins it */
#endif
    uint64_t site = at ? at->site : 0;
    Py_XDECREF(code);
    Py_XDECREF(frame);
    return site;
}

/* The interpreter lock is held, for the last time before C code of `caller` gives it up. That code can be announced of no
 * exception, and must find the one that it had, and errno, as they were. */
static void announce(rfh_thread *t, const void *caller, int at_once)
{
    int error = errno;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    Dl_info from;
    const char *file = caller && dladdr(caller, &from) ? from.dli_fname : "";
    Dl_info interpreter;
    if (dladdr((const void *)Py_GetVersion, &interpreter) && strcmp(file, interpreter.dli_fname) == 0)
        file = "";
    t->quiet++;
    uint64_t site = at_once ? site_now() : t->dropped_at;
    t->quiet--;
    PyObject *announced = rfh_announce("released", "(OziK)", t->name, at_once ? file : NULL, (int)t->redacting,
                              (unsigned long long)site);
    if (announced == NULL) {
        PyErr_Clear();
        rfh.unreported = 1;
    }
    Py_XDECREF(announced);
    PyErr_Restore(type, value, traceback);
    errno = error;
}

static PyThreadState *save_thread(void)
{
    rfh_thread *t = rfh_me;
    if (t == NULL || t->quiet || t->state == RFH_ABANDONED)
        return PyEval_SaveThread();
    if (!t->known_opaque && somebody_could_run(t))
        announce(t, __builtin_return_address(0), 1);
    t->quiet++;
    PyThreadState *mine = PyEval_SaveThread();
    t->quiet--;
    t->outside = t->gave_up = 1;
    return mine;
}

static void restore_thread(PyThreadState *mine)
{
    rfh_thread *t = rfh_me;
    if (t)
        t->outside = 0; /* from here on it waits for the lock, in real time */
    PyEval_RestoreThread(mine);
    if (t && rfh.looking > 0 && t->quiet == 0 && t->state == RFH_RUNNING)
        rfh_look_again();
}

void rfh_announce_dropped(rfh_thread *t)
{
    t->dropped = 0;
    if (somebody_could_run(t))
        announce(t, NULL, 0);
}

static PyObject *alone(PyObject *module, PyObject *ignored) { return PyBool_FromLong(rfh_me && !somebody_could_run(rfh_me)); }

static int hides_it; /* the interpreter gives its lock up unseen */

static const rfh_import imports[] = {
    {"PyEval_SaveThread", (void *)save_thread, (void *)PyEval_SaveThread, NULL},
    {"PyEval_RestoreThread", (void *)restore_thread, (void *)PyEval_RestoreThread, NULL},
    {NULL, NULL, NULL, NULL},
};

int rfh_release_install(void)
{
    rfh_interpose(imports);
    rfh_interpose_refresh();
    hides_it = !rfh_interposed_in((const void *)Py_GetVersion, "PyEval_SaveThread") && !rfh_drops_install();
    return 0;
}

void rfh_release_remove(void) {}

/* -- what is known, and what cannot be ----------------------------------------------------------------------------- */

static PyObject *sites; /* frozenset of numbers; NULL: none is known */

int rfh_has_released(uint64_t site)
{
    if (sites == NULL)
        return 0;
    PyObject *number = PyLong_FromUnsignedLongLong(site);
    int found = number ? PySet_Contains(sites, number) : 0;
    Py_XDECREF(number);
    PyErr_Clear();
    return found > 0;
}

static PyObject *set_sites(PyObject *module, PyObject *numbers)
{
    PyObject *set = PyFrozenSet_New(numbers);
    if (set == NULL)
        return NULL;
    Py_XSETREF(sites, set);
    Py_RETURN_NONE;
}

static PyObject *hidden(PyObject *module, PyObject *ignored)
{
    static int known, clocks;
    if (!known) {
        clocks = !rfh_interposed_in((const void *)Py_GetVersion, "clock_gettime");
        known = 1;
    }
    return Py_BuildValue("(ii)", hides_it, clocks);
}

static PyObject *stands_in(PyObject *module, PyObject *address)
{
    void *original = PyLong_AsVoidPtr(address);
    if (original == NULL && PyErr_Occurred())
        return NULL;
    return PyBool_FromLong(rfh_stands_in_for(original) != NULL);
}

PyMethodDef rfh_release_methods[] = {
    {"alone", alone, METH_NOARGS, NULL},
    {"set_releasing_sites", set_sites, METH_O, NULL},
    {"hidden", hidden, METH_NOARGS, NULL},
    {"stands_in", stands_in, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
