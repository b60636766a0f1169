#include "touch/deaths.h"

#include <string.h>

#include "touch/touch.h"

static PyObject *kept; /* list */
static int puts_off;   /* this execution: it is one of a reduction, which begins again where that was wrong */
static int has_kept;

/* logging._removeHandlerRef; the callback of every WeakSet, and the references by which those of the standard library know themselves. */
static PyObject *of_handlers, *of_sets, *sets[2];
static const char *const places[][2] = {{"threading", "_dangling"}, {"logging", "_at_fork_reinit_lock_weakset"}};
enum { SETS = sizeof places / sizeof *places };

static void keep(PyObject *object)
{
    if (kept == NULL)
        kept = PyList_New(0);
    if (kept == NULL || PyList_Append(kept, object) != 0)
        PyErr_Clear();
    else
        has_kept = 1;
}

/* Code of the program that runs by a death is seen to begin: no instruction was known to call it. */
static void let_die(rfh_thread *t, PyObject *object)
{
    PyObject *type, *value, *traceback;
    int32_t quiet = t->quiet;
    PyErr_Fetch(&type, &value, &traceback);
    t->doing = t->expects = NULL;
    t->quiet = 0;
    Py_XDECREF(object);
    t->quiet = quiet;
    PyErr_Restore(type, value, traceback);
}

void rfh_let_go_of(rfh_thread *t, PyObject *object)
{
    int believed = rfh.reduces && !rfh_distrusts() && object != NULL;
    if (believed && puts_off && !rfh_asks_what_lives())
        keep(object);
    if (believed)
        let_die(t, object);
    else
        Py_XDECREF(object);
}

/* -- what would not be noticed */

static int looked; /* at all objects; from then on at those of each execution */

int rfh_is_unseen(PyObject *callable)
{
    PyTypeObject *type = Py_TYPE(callable);
    if (callable == Py_None || PyFunction_Check(callable))
        return 0;
    if (PyMethod_Check(callable))
        return rfh_is_unseen(PyMethod_GET_FUNCTION(callable));
    if (PyCFunction_CheckExact(callable)) {
        /* Abstract classes forget a class that has died (in the module _abc), and thread-locals a thread: what they let go of dies as anything does. */
        static const char *const harmless[] = {"_destroy", "_localdummy_destroyed", "clear_locals" /* 3.13 */};
        for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
            if (strcmp(((PyCFunctionObject *)callable)->m_ml->ml_name, harmless[i]) == 0)
                return 0;
        return 1;
    }
    if (strcmp(type->tp_name, "_ctypes.DictRemover") == 0)
        return 0;
    PyObject *name = PyUnicode_InternFromString("__call__"), *call = name ? _PyType_Lookup(type, name) : NULL;
    Py_XDECREF(name);
    PyErr_Clear();
    return call == NULL || !PyFunction_Check(call);
}

static int dies_unseen(PyObject *object, PyObject *name)
{
    if (PyWeakref_Check(object)) {
        PyObject *callback = ((PyWeakReference *)object)->wr_callback;
        return callback && rfh_is_unseen(callback);
    }
    if (!PyType_Check(object) || !(((PyTypeObject *)object)->tp_flags & Py_TPFLAGS_HEAPTYPE))
        return 0;
    PyObject *found = _PyType_Lookup((PyTypeObject *)object, name);
    return found && Py_TYPE(found) != &PyWrapperDescr_Type && rfh_is_unseen(found);
}

void rfh_look_for_unseen(void)
{
    PyObject *zero = PyLong_FromLong(0), *gc = PyImport_ImportModule("gc"), *name = PyUnicode_InternFromString("__del__");
    PyObject *all = gc && name ? PyObject_CallMethod(gc, "get_objects", "O", looked ? zero : Py_None) : NULL;
    looked = 1;
    for (Py_ssize_t i = 0; all && PyList_Check(all) && i < PyList_GET_SIZE(all); i++)
        if (dies_unseen(PyList_GET_ITEM(all, i), name))
            rfh_distrust(PyList_GET_ITEM(all, i));
    Py_XDECREF(zero);
    Py_XDECREF(all);
    Py_XDECREF(name);
    Py_XDECREF(gc);
    PyErr_Clear();
}

/* -- what dies at the end */

static int is_last(const rfh_thread *but)
{
    for (uint16_t i = 0; i < rfh.count; i++) {
        const rfh_thread *t = rfh.threads[i];
        if (t != but && !t->crash && t->state != RFH_ENDED)
            return 0;
    }
    return 1;
}

void rfh_let_go_of_kept(rfh_thread *t)
{
    if (kept == NULL || rfh.phase < RFH_EXPLORE || rfh.phase > RFH_AFTER || t->crash || !is_last(t))
        return;
    PyObject *all = kept;
    kept = NULL;
    let_die(t, all);
}

void rfh_forget_kept(void) { Py_CLEAR(kept); }
void rfh_deaths_begin(void)
{
    puts_off = rf_get_status(rfh.core)->reduces != 0;
    has_kept = 0;
}
int rfh_kept_in_vain(void) { return has_kept && (rfh_asks_what_lives() || rfh_distrusts()); }

int rfh_only_tidies(PyObject *code, const rfh_frame *frame)
{
    if (code == of_handlers)
        return 1;
    PyCodeObject *of = (PyCodeObject *)code; /* _remove(item, selfref): of each WeakSet */
    for (int i = 0; code == of_sets && of->co_nlocals > 1 && i < SETS; i++)
        if (sets[i] && rfh_object_in(frame->localsplus[1]) == sets[i])
            return 1;
    return 0;
}

int rfh_is_tidying(rfh_thread *t, const rfh_frame *now)
{
    const rfh_frame *begun = t->tidying;
    /* Another one may lie in the same place. */
    if (begun && rfh_is_under(begun, now) && (PyObject *)rfh_code_in(begun) == t->tidies)
        return 1;
    t->tidying = NULL;
    return 0;
}

static PyObject *attribute(PyObject *of, const char *name)
{
    PyObject *found = of ? PyObject_GetAttrString(of, name) : NULL;
    PyErr_Clear();
    return found;
}

/* Of a module that is loaded. */
static PyObject *in_module(const char *module, const char *name)
{
    PyObject *text = PyUnicode_FromString(module), *found = text ? PyImport_GetModule(text) : NULL;
    PyObject *value = attribute(found, name);
    Py_XDECREF(found);
    Py_XDECREF(text);
    return value;
}

int rfh_deaths_install(void)
{
    PyObject *handlers = in_module("logging", "_removeHandlerRef");
    Py_XSETREF(of_handlers, attribute(handlers, "__code__"));
    Py_XDECREF(handlers);
    for (int i = 0; i < SETS; i++) {
        PyObject *set = in_module(places[i][0], places[i][1]), *remove = attribute(set, "_remove");
        PyObject *defaults = attribute(remove, "__defaults__");
        Py_XSETREF(of_sets, attribute(remove, "__code__"));
        Py_XSETREF(sets[i], defaults && PyTuple_Check(defaults) && PyTuple_GET_SIZE(defaults) == 1
                                ? Py_NewRef(PyTuple_GET_ITEM(defaults, 0)) : NULL);
        Py_XDECREF(defaults);
        Py_XDECREF(remove);
        Py_XDECREF(set);
    }
    return 0;
}

void rfh_deaths_remove(void)
{
    rfh_forget_kept();
    looked = 0;
}
