#include "touch/touch.h"

#include "code/stack.h"
#include "state/objects.h"
#include "touch/calls.h"
#include "touch/deaths.h"
#include "touch/identity.h"
#include "touch/survey.h"
#include "touch/values.h"

static PyObject *unknown; /* (site, name) -> how often */
static PyObject *registry; /* threading._active */

/* What was learned of the program, in the block of the core: executions may each have a process of their own. */
enum {
    DISTRUSTED, /* each step touches everything, since what lies at this site ran; 0: it does not */
    LISTED,     /* the program has seen in which order threads began */
    REACHED,    /* how often what threads can reach was new, */
    SHAPE,      /* and what it was */
    ASKED,      /* what is not known was called, and may have asked what is alive */
};
static uint64_t *notes(void) { return rf_notes(rfh.core); }

static PyObject *name_of(PyObject *what)
{
    if (what == NULL)
        return PyUnicode_FromString("what threads can reach");
    if (PyUnicode_Check(what))
        return Py_NewRef(what);
    if (PyCode_Check(what))
        return Py_NewRef(((PyCodeObject *)what)->co_qualname);
    if (PyMethod_Check(what))
        what = PyMethod_GET_FUNCTION(what);
    if (PyFunction_Check(what))
        return Py_NewRef(((PyFunctionObject *)what)->func_qualname);
    if (PyCFunction_Check(what)) {
        PyObject *self = PyCFunction_GET_SELF(what);
        const char *name = ((PyCFunctionObject *)what)->m_ml->ml_name;
        if (self == NULL || PyModule_Check(self))
            return PyUnicode_FromFormat("%s.%s", self ? PyModule_GetName(self) : "?", name);
        return PyUnicode_FromFormat("%s.%s", Py_TYPE(self)->tp_name, name);
    }
    if (PyType_Check(what))
        return PyUnicode_FromString(((PyTypeObject *)what)->tp_name);
    if (PyObject_TypeCheck(what, &PyMethodDescr_Type))
        return PyUnicode_FromFormat("%s.%U", PyDescr_TYPE(what)->tp_name, PyDescr_NAME(what));
    return PyUnicode_FromFormat("%s object", Py_TYPE(what)->tp_name);
}

static void count(PyObject *what, uint64_t site)
{
    PyObject *key = unknown ? Py_BuildValue("KN", (unsigned long long)site, name_of(what)) : NULL;
    PyObject *before = key ? PyDict_GetItemWithError(unknown, key) : NULL;
    PyObject *now = key ? PyLong_FromLong((before ? PyLong_AsLong(before) : 0) + 1) : NULL;
    if (now)
        PyDict_SetItem(unknown, key, now);
    Py_XDECREF(now);
    Py_XDECREF(key);
    PyErr_Clear();
}

/* Where the thread that runs stands. */
static uint64_t here(void) { return rfh_me ? rfh_me->site : 0; }

static void touch(uint8_t kind, uint8_t flags, uint32_t object, uint32_t place)
{
    int reshapes = kind == RF_WRITE && (place == RFH_ORDER || place == RFH_LENGTH);
    rf_event event = {.kind = reshapes ? RF_RESHAPE : kind, .flags = flags, .object = object, .offset = place, .size = place != RFH_ALL_OF_IT,
                      .site = rfh.current < rfh.count ? rfh.threads[rfh.current]->site : 0};
    if (rfh.phase <= RFH_AFTER && !rfh.surveys)
        rf_touch(rfh.core, rfh.current, &event);
}

static void touch_everything(uint64_t site)
{
    rf_event event = {.site = site, .kind = RF_OPAQUE, .object = RF_OBJECT_UNKNOWN};
    if (rfh.phase <= RFH_AFTER && !rfh.surveys)
        rf_touch(rfh.core, rfh.current, &event);
    touch(RF_CRASH, RF_LOCAL | RF_VISIBLE, RF_OBJECT_ALL, 0);
}

static void learn(int what, uint64_t how)
{
    if (notes()[what] != 0 || rfh.surveys)
        return;
    if (rfh.reduces)
        rf_touches_more(rfh.core);
    notes()[what] = how;
    rf_knows(rfh.core, (notes()[DISTRUSTED] != 0) | (notes()[LISTED] != 0) << 1 | (notes()[ASKED] != 0) << 2);
}

void rfh_touch_all_at(PyObject *what, uint64_t site)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    count(what, site);
    PyErr_Restore(type, value, traceback);
    if (rfh_me)
        rfh_me->unknown_at = site;
    touch_everything(site);
    if (rfh.phase == RFH_EXPLORE || rfh.phase == RFH_AFTER)
        learn(ASKED, 1);
}

void rfh_touch_all(PyObject *what) { rfh_touch_all_at(what, here()); }

void rfh_touch_bug(PyObject *thread)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *what = PyUnicode_FromFormat("an exception that ends %U", thread);
    if (what)
        count(what, here());
    Py_XDECREF(what);
    PyErr_Restore(type, value, traceback);
    touch_everything(here());
}

/* The handler of a kill is one step. Once that has touched everything, what it meets needs no number: how much of our own that is (files,
 * caches) may differ from one process to the next, and objects that threads meet behind it would have other numbers with it. */
static int is_everything(void)
{
    return rfh_me && rfh_is_atomic(rfh_me) && rfh_me->unknown_at != 0 && rf_get_status(rfh.core)->reduces;
}

int rfh_touch(uint8_t kind, PyObject *object, uint32_t place)
{
    if (rfh.surveys) {
        rfh_survey_touch(kind, object, place);
        return 1;
    }
    if (is_everything())
        return 1;
    uint32_t number = rfh_identity_of(object);
    if (number == 0)
        return 0;
    if (object == registry && kind == RF_READ && place == RFH_ALL_OF_IT)
        rfh_touch_lists_threads();
    else if (object == registry) /* by the number of a thread, which is another in each execution */
        place = kind == RF_READ ? RFH_LENGTH : RFH_ALL_OF_IT;
    touch(kind, 0, number, place);
    return 1;
}

void rfh_touch_death(uint8_t kind)
{
    if (rfh.reduces)
        touch(kind, 0, RF_OBJECT_DEATH, RFH_ALL_OF_IT);
}

void rfh_touch_allowed(uint8_t kind)
{
    if (rfh.reduces)
        touch(kind, 0, RF_OBJECT_ALLOWED, RFH_ALL_OF_IT);
}

void rfh_touch_clock(void) { touch(RF_WRITE, 0, RF_OBJECT_TIME, RFH_ALL_OF_IT); }

void rfh_touch_handed_over(PyObject *value)
{
    if (!rfh_reads(value))
        rfh_touch_all(value);
}

void rfh_step_begins(rfh_thread *t)
{
    if (!rfh.reduces || rfh.phase > RFH_AFTER)
        return;
    int nested = t->doing != NULL && (t->doing_unknown || rfh_frame_of(PyThreadState_Get()) != t->doing);
    if (notes()[DISTRUSTED] || nested || rfh.phase == RFH_BODY)
        touch_everything(nested ? t->unknown_at : notes()[DISTRUSTED]);
    else
        touch(RF_READ, RF_LOCAL | RF_VISIBLE, RF_OBJECT_ALL, 0);
    if (t->handler)
        rfh_touch_allowed(RF_READ); /* what is allowed while it runs, it may show */
}

void rfh_distrust(PyObject *what)
{
    uint64_t site = here();
    count(what, site);
    learn(DISTRUSTED, site ? site : 1);
}

int rfh_distrusts(void) { return notes()[DISTRUSTED] != 0; }
int rfh_asks_what_lives(void) { return notes()[ASKED] != 0; }
void rfh_touch_lists_threads(void) { learn(LISTED, 1); }

int rfh_is_own_entry(PyObject *dict, PyObject *key)
{
    int own = dict == registry && PyLong_CheckExact(key) && PyLong_AsUnsignedLong(key) == PyThread_get_thread_ident();
    PyErr_Clear();
    return own;
}

void rfh_touch_threads(void)
{
    uint32_t number = rfh.reduces ? rfh_identity_of(registry) : 0;
    if (number)
        touch(notes()[LISTED] ? RF_WRITE : RF_READ, 0, number, RFH_ALL_OF_IT);
}

void rfh_touch_reach(void)
{
    enum { TRIES = 3 /* caches of the program may fill in its first executions */ };
    PyObject *from[2 * RFH_MAX_THREADS];
    Py_ssize_t count = 0;
    for (uint16_t i = 0; i < rfh.count; i++) {
        from[count++] = rfh.threads[i]->callable;
        from[count++] = rfh.threads[i]->args;
    }
    rfh_look_for_unseen();
    uint64_t now = rfh_identity_reach(from, count);
    if (notes()[REACHED] > 0 && now == notes()[SHAPE])
        return;
    if (notes()[REACHED]++ > 0)
        rf_touches_more(rfh.core);
    notes()[SHAPE] = now;
    if (notes()[REACHED] > TRIES)
        rfh_distrust(NULL);
}

int rfh_touch_install(void)
{
    PyObject *threading = PyImport_ImportModule("threading");
    if (rfh_calls_install() != 0)
        return -1;
    Py_XSETREF(unknown, PyDict_New());
    Py_XSETREF(registry, threading ? PyObject_GetAttrString(threading, "_active") : NULL);
    Py_XDECREF(threading);
    return unknown && registry ? 0 : -1;
}

void rfh_touch_remove(void)
{
    rfh_identity_remove();
    Py_CLEAR(registry);
}

void rfh_touch_begin(void)
{
    rfh.reduces = rf_get_status(rfh.core)->reduces != 0 || rf_get_status(rfh.core)->pairs != 0 || rfh.surveys;
    if (rfh.surveys)
        rfh_survey_begin();
    if (rfh.reduces)
        rfh_identity_begin();
}

PyObject *rfh_touch_unknown(PyObject *module, PyObject *ignored)
{
    return unknown ? PyDict_Copy(unknown) : PyDict_New();
}
