#include "trace/points.h"

#include <opcode.h>
#include <string.h>

#include "schedule/raises.h"
#include "schedule/turn.h"
#include "touch/footprint.h"
#include "trace/focus.h"
#include "trace/loops.h"
#include "world/release.h"

static rfh_seen *seen;
static size_t seen_count, seen_size;

static PyObject *releasing_objects; /* frozenset of callables that release the GIL: functions, method descriptors, types */
static PyObject *releasing_types;   /* tuple of types whose instances do so when called */

void rfh_seen_clear(void)
{
    for (size_t i = 0; i < seen_count; i++)
        Py_DECREF(seen[i].code);
    PyMem_RawFree(seen);
    seen = NULL;
    seen_count = seen_size = 0;
}

static void add_seen(const rfh_thread *t, PyObject *code, Py_ssize_t index, int switchable, int passed)
{
    if (seen_count == seen_size) {
        size_t size = seen_size ? seen_size * 2 : 1024;
        rfh_seen *grown = PyMem_RawRealloc(seen, size * sizeof *seen);
        if (grown == NULL)
            return;
        seen = grown;
        seen_size = size;
    }
    seen[seen_count++] = (rfh_seen){rf_get_status(rfh.core)->steps, t->id, (uint8_t)switchable,
                                    (uint8_t)passed, (int32_t)index, Py_NewRef(code)};
}

static void note_seen(const rfh_thread *t, PyObject *code, Py_ssize_t index, int switchable)
{
    add_seen(t, code, index, switchable, 0);
}

PyObject *rfh_seen_list(void)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < seen_count; i++) {
        const rfh_seen *s = &seen[i];
        rfh_code *table = rfh_code_of(s->code);
        uint64_t site = table == NULL ? 0 : s->index < 0 ? table->entry : table->at[s->index].site;
        PyObject *item = Py_BuildValue("(IHKOiii)", s->step, s->thread, (unsigned long long)site, s->code, s->index,
                                       s->switchable, s->passed);
        if (item == NULL || PyList_Append(list, item) != 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}

static int recorded(const rfh_thread *t) { return rfh.describing && rfh_explored(t); }

/* The thread is in this code now. Gives whether it came from code inside of the focus to some outside. */
static int comes_to(rfh_thread *t, PyObject *code, rfh_code *table)
{
    int was_inside = !t->outside_focus;
    t->origin = table->origin;
    t->outside_focus = (uint8_t)rfh_is_outside(code, table);
    return was_inside && t->outside_focus;
}

/* An entry of a function outside of the focus is no point, but where the interpreter switches as it is called from inside. */
static int entry_outside(rfh_thread *t, PyObject *code, int called)
{
    if (called && rfh.granularity == RF_SWITCHES)
        return 0;
    if (rfh_explored(t) && ++rfh.left_out && ++t->jumps >= RFH_OUTSIDE_PASSES) {
        t->since = RFH_OUTSIDE_PASSES;
        return rfh_hands_over(t, code, NULL, -1) != 0 ? -1 : 1;
    }
    return 1;
}

static int line_of(PyObject *code, Py_ssize_t index)
{
    return PyCode_Addr2Line((PyCodeObject *)code, index < 0 ? 0 : (int)index * 2);
}

/* Lines that a step runs without a point of their own, so that an explanation shows them. A loop without a point repeats
 * its lines: so many of one step are kept. */
enum { PASSED_KEPT = 64 };

static void note_passed(const rfh_thread *t, PyObject *code, Py_ssize_t index)
{
    static uint32_t step, kept;
    uint32_t now = rf_get_status(rfh.core)->steps;
    if (!recorded(t) || now == 0)
        return;
    kept = now == step ? kept : 0;
    step = now;
    const rfh_seen *last = seen_count ? &seen[seen_count - 1] : NULL;
    int same = last && last->thread == t->id && last->code == code && line_of(code, index) == line_of(code, last->index);
    if (same || kept == PASSED_KEPT)
        return;
    kept++;
    add_seen(t, code, index, 0, 1);
}

static int on_entry(rfh_thread *t, PyObject *code, rfh_code *table)
{
    uint8_t fresh = t->fresh;
    int called = comes_to(t, code, table);
    t->fresh = 0;
    t->known_opaque = 0;
    t->calling = 0;
    if (t->dropped)
        rfh_announce_dropped(t);
    t->at_switch = 1;
    t->returned = 0;
    t->looping = 0;
    t->no_raise = (uint8_t)table->cleanup;
    t->no_crash = (uint8_t)table->machinery;
    if (table->loop) {
        PyObject *announced = rfh_announce("noticed", "(sO)", "event loop", t->name);
        if (announced == NULL)
            return -1;
        Py_DECREF(announced);
    }
    rfh_come_back(t, code);
    /* One that calls itself is as long as all of its calls. */
    int counts = t->inside == 0 || (void *)code == t->loop_code;
    rfh_pass pass = counts ? rfh_pass_of(t, code, table, -1) : RFH_PASS_NONE;
    if (pass != RFH_PASS_POINT && rfh.phase <= RFH_AFTER)
        return pass == RFH_PASS_NONE ? 0 : rfh_hands_over(t, code, NULL, -1);
    if (rfh_focus && table->place < RFH_PLACES && !t->outside_focus)
        rfh.entered |= (uint64_t)1 << table->place;
    if (t->outside_focus && rfh.phase <= RFH_AFTER) {
        int done = entry_outside(t, code, called);
        if (done != 0)
            return done < 0 ? -1 : 0;
    }
    /* Right after a call point nothing has happened yet: one point is enough. */
    if (fresh == 2 || table->inlined || (fresh == 1 && rfh.granularity != RF_SWITCHES)) {
        t->fresh = fresh;
        return 0;
    }
    rf_event event = {.site = table->entry, .kind = RF_READ, .origin = table->origin};
    if (recorded(t))
        note_seen(t, code, -1, 1);
    return rfh_point(t, &event);
}

int rfh_on_entry(rfh_thread *t, PyObject *code, rfh_code *table)
{
    if (rfh.reduces)
        rfh_touch_entry(t, code);
    if (t->expiry_depth)
        rfh_calls_after_expiry(t);
    return rfh_is_atomic(t) ? 0 : on_entry(t, code, table);
}

static int on_instruction(rfh_thread *t, PyObject *code, rfh_code *table, Py_ssize_t index)
{
    const rfh_instruction *at = &table->at[index];
    uint8_t flags = at->flags, returned = t->returned;
    t->returned = (flags & RFH_RETURN) != 0;
    t->known_opaque = 0;
    t->calling = 0;
    if (t->dropped)
        rfh_announce_dropped(t);
    t->no_raise = (flags & RFH_CLEANUP) || table->cleanup;
    t->no_crash = (uint8_t)table->machinery;
    t->looping = (flags & RFH_BACKWARD) != 0;
    t->site = at->site;
    if (at->kind == RF_WRITE && !(flags & RFH_LOCAL))
        t->polls = 0;
    comes_to(t, code, table);
    int point, site = (flags & RFH_BACKWARD) || ((flags & RFH_AFTER_CALL) && !returned);
    int switchable = site || t->at_switch;
    t->at_switch = switchable && !(flags & RFH_EFFECT);
    if (flags == RFH_AFTER_CALL && rfh.granularity != RF_SWITCHES)
        return 0;
    switch (rfh.granularity) {
    case RF_CALLS:
        point = flags & RFH_CALL;
        break;
    case RF_SWITCHES:
        point = site;
        break;
    default:
        point = flags & RFH_EFFECT;
    }
    if (t->outside_focus) {
        point = 0;
        rfh.left_out += (flags & RFH_EFFECT) && rfh_explored(t);
    }
    t->fresh = 0;
    rfh_pass pass = RFH_PASS_POINT;
    if (flags & RFH_BACKWARD)
        pass = rfh_pass_of(t, code, table, index);
    else if (rfh_in_long_loop(t, code, index, (flags & RFH_RETURN) && at->opcode != YIELD_VALUE))
        pass = RFH_PASS_NONE;
    if (rfh.phase > RFH_AFTER || t->state == RFH_ABANDONED) {
        point = 1; /* the execution is over: it is unwound wherever it is */
        t->inside = 0;
        pass = RFH_PASS_POINT;
    }
    if (pass == RFH_PASS_NONE)
        return 0;
    if (pass == RFH_PASS_POINT && !point) {
        uint32_t most = t->outside_focus ? RFH_OUTSIDE_PASSES : RFH_PASSES;
        if (!(flags & RFH_BACKWARD) || ++t->jumps < most) {
            if (!t->outside_focus)
                note_passed(t, code, index);
            return 0;
        }
        t->since = most;
        pass = RFH_PASS_HANDS_OVER;
    }
    if (pass == RFH_PASS_HANDS_OVER) {
        if (recorded(t))
            note_seen(t, code, index, 1);
        return rfh_hands_over(t, code, at, index);
    }
    rf_event event = {.site = at->site, .kind = at->kind ? at->kind : RF_READ, .offset = flags & RFH_BACKWARD ? 0 : at->name, .origin = table->origin};
    if (flags & RFH_LOCAL)
        event.flags |= RF_VISIBLE;
    if (flags & RFH_BACKWARD)
        event.flags |= RF_LOOP;
    if (recorded(t))
        note_seen(t, code, index, switchable);
    int failed = rfh_point(t, &event);
    t->fresh = !failed && (flags & RFH_CALL) != 0;
    return failed;
}

int rfh_on_instruction(rfh_thread *t, PyObject *code, rfh_code *table, Py_ssize_t index)
{
    if (!rfh.reduces)
        return on_instruction(t, code, table, index);
    rfh_touch_arrives(t);
    int failed = rfh_is_atomic(t) ? 0 : on_instruction(t, code, table, index);
    if (failed == 0)
        rfh_touch_instruction(t, table, index);
    return failed;
}

/* Does calling it give up the interpreter lock, so that another thread can run in the middle? */
static int releases(PyObject *callable)
{
    if (releasing_types) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(releasing_types); i++)
            if (PyObject_TypeCheck(callable, (PyTypeObject *)PyTuple_GET_ITEM(releasing_types, i)))
                return 1;
    }
    /* A class with a metaclass of its own may hash by Python code. */
    if (!PyCFunction_Check(callable) && Py_TYPE(callable) != &PyMethodDescr_Type && Py_TYPE(callable) != &PyType_Type)
        return 0;
    if (PyCFunction_Check(callable)) {
        PyObject *self = PyCFunction_GET_SELF(callable);
        if (self && strcmp(Py_TYPE(self)->tp_name, "_cffi_backend.Lib") == 0)
            return 1; /* a function of a library compiled with cffi */
        if (self && !PyModule_Check(self)) { /* a bound method: look its descriptor up by name */
            PyObject *name = PyUnicode_InternFromString(((PyCFunctionObject *)callable)->m_ml->ml_name);
            callable = name ? _PyType_Lookup(Py_TYPE(self), name) : NULL;
            Py_XDECREF(name);
            PyErr_Clear();
            if (callable == NULL || Py_TYPE(callable) != &PyMethodDescr_Type)
                return 0;
        }
    }
    int found = releasing_objects ? PySet_Contains(releasing_objects, callable) : 0;
    PyErr_Clear();
    return found > 0;
}

/* 3.13 raises no audit event for it. */
static int makes_interpreter(PyObject *callable)
{
    if (!PyCFunction_Check(callable) || strcmp(((PyCFunctionObject *)callable)->m_ml->ml_name, "create") != 0)
        return 0;
    PyObject *module = ((PyCFunctionObject *)callable)->m_module;
    return module && PyUnicode_Check(module) && PyUnicode_CompareWithASCIIString(module, "_interpreters") == 0;
}

static PyObject *tuple_of(PyObject *const *args, Py_ssize_t count)
{
    PyObject *tuple = count < 0 ? Py_NewRef(Py_None) : PyTuple_New(count);
    for (Py_ssize_t i = 0; tuple && i < count; i++)
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i] ? args[i] : Py_None));
    return tuple;
}

int rfh_on_callee(rfh_thread *t, PyObject *callable, PyObject *first, PyObject *const *args, Py_ssize_t count)
{
    int python = PyFunction_Check(callable) || PyMethod_Check(callable);
    t->calling = python ? 0 : t->site;
    int opaque = !python && releases(callable), again = !python && !opaque && rfh_has_released(t->site);
    if (makes_interpreter(callable)) {
        PyObject *noticed = rfh_announce("noticed", "(sO)", "subinterpreter", t->name);
        if (noticed == NULL)
            return -1;
        Py_DECREF(noticed);
    }
    if (rfh.describing && seen_count && seen[seen_count - 1].thread == t->id && (python || opaque))
        seen[seen_count - 1].switchable = 1;
    if (!opaque && !again)
        return 0;
    t->gave_up = 1;
    PyObject *given = tuple_of(args, count);
    PyObject *announced = given ? rfh_announce("opaque", "(OOOOiK)", t->name, callable, first ? first : Py_None, given,
                                      (int)t->redacting, (unsigned long long)(again ? t->site : 0))
                           : NULL;
    Py_XDECREF(given);
    if (announced == NULL)
        return -1;
    t->known_opaque = announced == Py_True;
    Py_DECREF(announced);
    if (opaque && rfh.granularity == RF_SWITCHES && !t->outside_focus) {
        rf_event event = {.site = t->site, .kind = RF_OPAQUE, .origin = t->origin};
        return rfh_point(t, &event);
    }
    return 0;
}

int rfh_on_direct_call(rfh_thread *t, PyObject *callable, PyObject *args)
{
    PyObject *const *items = args ? ((PyTupleObject *)args)->ob_item : NULL;
    Py_ssize_t count = args ? PyTuple_GET_SIZE(args) : 0;
    return rfh_on_callee(t, callable, count ? items[0] : NULL, items, count);
}

int rfh_points_set_releasing(PyObject *objects, PyObject *types)
{
    if (!PyAnySet_Check(objects) || !PyTuple_Check(types)) {
        PyErr_SetString(PyExc_TypeError, "expected a set of callables and a tuple of types");
        return -1;
    }
    Py_XSETREF(releasing_objects, Py_NewRef(objects));
    Py_XSETREF(releasing_types, Py_NewRef(types));
    return 0;
}
