#include "touch/footprint.h"

#include <opcode.h>
#include <string.h>

#include "touch/attributes.h"
#include "touch/calls.h"
#include "touch/deaths.h"
#include "touch/drains.h"
#include "touch/place.h"
#include "touch/survey.h"
#include "touch/touch.h"
#include "touch/values.h"

static char anything; /* stands for any code object */
#if PY_VERSION_HEX >= 0x030c0000

static int depth_at(PyCodeObject *code, rfh_code *table, Py_ssize_t index)
{
    if (table->depths == NULL)
        table->depths = rfh_announce("depths", "(O)", code);
    if (table->depths == NULL || !PyBytes_CheckExact(table->depths) || index >= PyBytes_GET_SIZE(table->depths)) {
        PyErr_Clear();
        return -1;
    }
    uint8_t depth = (uint8_t)PyBytes_AS_STRING(table->depths)[index];
    return depth == UINT8_MAX ? -1 : depth;
}

#endif

/* -- names */

static PyObject *name_of(const rfh_place *p, int shift)
{
    Py_ssize_t index = p->arg >> shift;
    return index >= PyTuple_GET_SIZE(p->code->co_names) ? NULL : PyTuple_GET_ITEM(p->code->co_names, index);
}

static int touches_global(const rfh_place *p, uint8_t kind, PyObject *name)
{
    PyObject *dict = p->frame->f_globals, *builtins = p->frame->f_builtins;
    uint32_t number = name ? rfh_name_number(name) : 0;
    if (number == 0 || !PyDict_CheckExact(dict) || !rfh_touch(kind, dict, number))
        return 0;
    int there = PyDict_Contains(dict, name);
    PyErr_Clear();
    if (there == 1)
        return kind == RF_READ || p->at->opcode == STORE_GLOBAL || rfh_touch(RF_WRITE, dict, RFH_ORDER);
    if (kind == RF_WRITE)
        return rfh_touch(RF_WRITE, dict, RFH_ORDER);
    return PyDict_CheckExact(builtins) && rfh_touch(RF_READ, builtins, number);
}

static int touches_cell(const rfh_place *p, uint8_t kind)
{
    PyObject *cell = rfh_object_in(p->frame->localsplus[p->arg]);
    return cell && PyCell_Check(cell) && rfh_touch(kind, cell, RFH_ALL_OF_IT);
}

static int reads_attribute(rfh_place *p, int shift)
{
    PyObject *owner = rfh_top(p, 1), *name = name_of(p, shift);
    return owner && name && rfh_reads_attribute(owner, name, &p->runs);
}

static int changes_attribute(rfh_place *p, int deletes)
{
    PyObject *owner = rfh_top(p, 1), *value = deletes ? NULL : rfh_top(p, 2), *name = name_of(p, 0);
    return owner && name && (deletes || value) && rfh_changes_attribute(owner, name, value, &p->runs);
}

#ifdef LOAD_SUPER_ATTR
static int reads_super(const rfh_place *p)
{
    PyObject *of[] = {rfh_top(p, 1), rfh_top(p, 2), rfh_top(p, 3), name_of(p, 2)};
    return of[0] && of[1] && of[2] && of[3] && of[2] == (PyObject *)&PySuper_Type && rfh_reads_super(of[1], of[0], of[3]);
}
#endif

/* -- calls */

static int runs(rfh_place *p, const rfh_call *call)
{
    p->runs = call->code;
    p->takes = call->takes;
    return 1;
}

static int calls(rfh_place *p, int names)
{
    rfh_call call = {.count = p->arg};
    int above = names ? 1 : 0, first = p->arg + above;
#ifdef KW_NAMES
    names |= p->at[-1].opcode == KW_NAMES;
#endif
    if (p->arg > UINT8_MAX || first + 2 > p->depth)
        return 0;
    PyObject *low = rfh_top(p, first + 2), *high = rfh_top(p, first + 1);
#if PY_VERSION_HEX >= 0x030d0000
    call.callable = low;
    call.self = high;
#else
    call.callable = low ? low : high;
    call.self = low ? high : NULL;
#endif
    if (call.callable == NULL)
        return 0;
    p->blame = call.callable;
    PyObject *args[UINT8_MAX + 2] = {call.self};
    for (int i = 0; i < p->arg; i++)
        if ((args[i + 1] = rfh_top(p, first - i)) == NULL)
            return 0;
    call.args = args + 1, call.keywords = names;
    call.holds = p->arg > 0 ? rfh_held_by_variables(p, args[1]) : 0;
    return rfh_touches_call(&call) && runs(p, &call);
}

/* f(*args, **kwargs) */
static int calls_spread(rfh_place *p)
{
#if PY_VERSION_HEX >= 0x030e0000
    PyObject *callable = rfh_top(p, 4), *args = rfh_top(p, 2), *names = rfh_top(p, 1);
#else
    int named = p->arg & 1;
    PyObject *args = rfh_top(p, 1 + named), *names = named ? rfh_top(p, 1) : NULL;
    PyObject *callable = PY_VERSION_HEX >= 0x030d0000 ? rfh_top(p, 3 + named) : rfh_top(p, 2 + named);
#endif
    if (callable == NULL || args == NULL || !PyTuple_CheckExact(args))
        return 0;
    p->blame = callable;
    rfh_call call = {.callable = callable, .args = ((PyTupleObject *)args)->ob_item, .count = PyTuple_GET_SIZE(args),
                     .keywords = names != NULL ? RFH_UNSEEN : 0};
    return rfh_touches_call(&call) && runs(p, &call);
}

/* -- one instruction */

/* An exception leaves `with`: the method that ends it is called with three values. */
static int leaves_with(rfh_place *p)
{
#if PY_VERSION_HEX >= 0x030e0000
    rfh_call call = {.callable = rfh_top(p, 5)};
#else
    rfh_call call = {.callable = rfh_top(p, 4)};
#endif
    p->blame = call.callable;
    return call.callable && rfh_touches_call(&call) && runs(p, &call);
}

static int touches(rfh_place *p)
{
    PyObject *value, *key;
    int op = p->at->opcode;
    if ((p->at->flags & RFH_LOCAL) || op == JUMP_BACKWARD)
        return 1;
    switch (op) {
    case LOAD_GLOBAL: return touches_global(p, RF_READ, name_of(p, 1));
    case STORE_GLOBAL:
    case DELETE_GLOBAL:
        return touches_global(p, RF_WRITE, name_of(p, 0));
    case LOAD_DEREF:
        return touches_cell(p, RF_READ);
    case STORE_DEREF:
    case DELETE_DEREF:
        return touches_cell(p, RF_WRITE);
    case LOAD_ATTR:
        return reads_attribute(p, PY_VERSION_HEX >= 0x030c0000);
#if defined(LOAD_METHOD) && LOAD_METHOD < 256
    case LOAD_METHOD:
        return reads_attribute(p, 0);
#endif
#if defined(LOAD_SUPER_ATTR) && LOAD_SUPER_ATTR < 256
    case LOAD_SUPER_ATTR:
        return reads_super(p);
#endif
    case STORE_ATTR:
        return changes_attribute(p, 0);
    case DELETE_ATTR:
        return changes_attribute(p, 1);
    case BINARY_OP:
#ifdef BINARY_SUBSCR
    case BINARY_SUBSCR:
#endif
        return rfh_touches_operator(p);
    case STORE_SUBSCR: /* value, container, key */
        value = rfh_top(p, 2), key = rfh_top(p, 1);
        return value && key && rfh_top(p, 3) && rfh_stores_item(value, key, rfh_top(p, 3), &p->runs);
    case DELETE_SUBSCR:
        value = rfh_top(p, 2), key = rfh_top(p, 1);
        return value && key && rfh_stores_item(value, key, NULL, &p->runs);
#ifdef BINARY_SLICE
    case BINARY_SLICE:
        return rfh_touches_slice(p, RF_READ);
    case STORE_SLICE:
        return rfh_touches_slice(p, RF_WRITE);
#endif
    case CONTAINS_OP:
        value = rfh_top(p, 1), key = rfh_top(p, 2), p->takes = RFH_TELLS;
        return value && key && rfh_contains(value, key, &p->runs);
    case COMPARE_OP:
        return rfh_touches_comparison(p);
    case UNARY_NEGATIVE:
    case UNARY_INVERT:
        value = rfh_top(p, 1);
        return value && rfh_is_plain(value);
    case UNARY_NOT:
#ifdef TO_BOOL
    case TO_BOOL:
#else
#ifdef POP_JUMP_FORWARD_IF_TRUE
    case POP_JUMP_FORWARD_IF_TRUE:
    case POP_JUMP_FORWARD_IF_FALSE:
    case POP_JUMP_BACKWARD_IF_TRUE:
    case POP_JUMP_BACKWARD_IF_FALSE:
    case JUMP_IF_TRUE_OR_POP:
    case JUMP_IF_FALSE_OR_POP:
#else
    case POP_JUMP_IF_TRUE:
    case POP_JUMP_IF_FALSE:
#endif
#endif
        return rfh_touches_truth(p);
#ifdef POP_JUMP_BACKWARD_IF_NONE
    case POP_JUMP_BACKWARD_IF_NONE:
    case POP_JUMP_BACKWARD_IF_NOT_NONE: return 1;
#endif
    case GET_ITER:
        return rfh_touches_loop(p);
    case FOR_ITER:
        return rfh_touches_pass(p);
    case UNPACK_SEQUENCE:
    case UNPACK_EX:
    case LIST_EXTEND:
        value = rfh_top(p, 1);
        return value && rfh_goes_through(value);
    case DICT_UPDATE:
    case DICT_MERGE:
    case SET_UPDATE:
        value = rfh_top(p, 1);
        return value && rfh_reads(value);
    case BUILD_MAP:
        return rfh_touches_new_keys(p, 2, 2, p->arg);
    case BUILD_SET:
        return rfh_touches_new_keys(p, 1, 1, p->arg);
    case SET_ADD:
        return rfh_touches_new_keys(p, 1, 1, 1);
    case MAP_ADD:
        return rfh_touches_new_keys(p, 2, 1, 1);
#ifdef BUILD_CONST_KEY_MAP
    case BUILD_CONST_KEY_MAP: /* by texts, nearly always */
        value = rfh_top(p, 1);
        return value && rfh_is_plain(value);
#endif
#ifdef LIST_TO_TUPLE
    case LIST_TO_TUPLE: return 1;
#endif
#ifdef FORMAT_VALUE
    case FORMAT_VALUE:
        value = rfh_top(p, p->arg >= 4 ? 2 : 1);
        return value && rfh_reads(value);
#endif
#ifdef FORMAT_SIMPLE
    case FORMAT_SIMPLE:
    case CONVERT_VALUE:
        value = rfh_top(p, 1);
        return value && rfh_reads(value);
    case FORMAT_WITH_SPEC:
        value = rfh_top(p, 2);
        return value && rfh_is_plain(value);
#endif
#ifdef CALL_INTRINSIC_1
    case CALL_INTRINSIC_1:
        value = rfh_top(p, 1);
        return value && (p->arg == 6 /* a list becomes a tuple */ || (p->arg == 5 /* +x */ && rfh_is_plain(value)));
#endif
    case RAISE_VARARGS:
        return rfh_touches_raise(p);
#ifdef PRECALL
    case PRECALL:
#else
    case CALL:
#endif
        return calls(p, 0);
#ifdef CALL_KW
    case CALL_KW:
        return calls(p, 1);
#endif
    case WITH_EXCEPT_START:
        return leaves_with(p);
    case CALL_FUNCTION_EX:
        return calls_spread(p);
#ifdef BEFORE_WITH
    case BEFORE_WITH:
        value = rfh_top(p, 1);
        return value && rfh_touches_enter(value, &p->runs);
#endif
#ifdef LOAD_SPECIAL
    case LOAD_SPECIAL: /* only looks the method up, in types of which nothing with such a name is ever stored */
        return p->arg == 0 || p->arg == 1;
#endif
    default:
        return 0;
    }
}

void rfh_touch_arrives(rfh_thread *t)
{
    rfh_frame *now = rfh_frame_of(PyThreadState_Get());
    rfh_drain_arrives(t, now);
    if (rfh_is_tidying(t, now) || t->doing == &anything || t->doing == NULL)
        return;
    if (now == t->doing || !rfh_is_under(t->doing, now))
        t->doing = NULL;
}

/* What stands in the way: what is called, or the instruction and what it works on. */
static void blame(const rfh_place *p)
{
    PyObject *opcodes = p->blame ? NULL : PyImport_ImportModule("opcode");
    PyObject *names = opcodes ? PyObject_GetAttrString(opcodes, "opname") : NULL;
    PyObject *name = names && PyList_Check(names) ? PyList_GetItem(names, p->at->opcode) : NULL, *on = rfh_top(p, 1);
    PyObject *text = name ? PyUnicode_FromFormat("%U of %s", name, on ? Py_TYPE(on)->tp_name : "?") : NULL;
    PyErr_Clear();
    rfh_touch_all_at(p->blame ? p->blame : text, p->at->site);
    Py_XDECREF(text);
    Py_XDECREF(names);
    Py_XDECREF(opcodes);
}

static int explores(const rfh_thread *t)
{
    return rfh.phase == RFH_EXPLORE || rfh.phase == RFH_AFTER || (rfh.surveys && rfh.phase == RFH_BODY && !rfh_survey_is_alone(t));
}

/* How many values an instruction works on, at least. */
static int operands_of(const rfh_place *p)
{
    int calls = p->at->flags & RFH_CALL;
    return calls && p->arg <= UINT8_MAX ? p->arg + 3 : 3;
}

void rfh_touch_instruction(rfh_thread *t, rfh_code *table, Py_ssize_t index)
{
    const rfh_instruction *at = &table->at[index];
    if (!explores(t) || !(at->flags & RFH_EFFECT))
        return;
    rfh_frame *frame = rfh_frame_of(PyThreadState_Get());
    if (rfh.surveys)
        rfh_survey_in(t, ((PyCodeObject *)table->code)->co_filename, at->flags & RFH_CALL);
    if (rfh_is_tidying(t, frame))
        return;
    rfh_place p = {.frame = frame, .code = rfh_code_in(frame), .at = at};
    p.arg = rfh_argument_of(table, index);
#if PY_VERSION_HEX >= 0x030c0000
    p.depth = depth_at(p.code, table, index);
#else
    p.depth = frame->stacktop - p.code->co_nlocalsplus;
#endif
    for (int k = 1; rfh.surveys && k <= operands_of(&p); k++)
        rfh_survey_value(rfh_top(&p, k), 1);
    int known = touches(&p), returns = at->opcode == RETURN_VALUE;
    if (returns || at->opcode == YIELD_VALUE)
        known = rfh_drain_gives(t, p.code, rfh_top(&p, 1), returns) && rfh_touches_own_generator(&p);
    for (int k = 1; rfh.surveys && !known && k <= operands_of(&p); k++)
        rfh_survey_unknown(rfh_top(&p, k));
    if (known && p.takes && p.runs)
        known = rfh_drain_begins(t, frame, p.runs, p.takes);
    if (t->doing != NULL && !t->doing_unknown)
        rfh_distrust((PyObject *)p.code); /* of a finalizer */
    if (t->doing != NULL)
        return; /* the step has touched everything */
    t->expects = known ? p.runs : &anything;
    t->doing = known && p.runs ? NULL : frame;
    t->doing_unknown = !known;
    if (!known)
        blame(&p);
}

void rfh_touch_entry(rfh_thread *t, PyObject *code)
{
    if (!explores(t))
        return;
    rfh_frame *now = rfh_frame_of(PyThreadState_Get());
    if (rfh.surveys) {
        rfh_survey_in(t, ((PyCodeObject *)code)->co_filename, 1);
        for (int i = 0; i < rfh_code_in(now)->co_nlocalsplus; i++)
            rfh_survey_value(rfh_object_in(now->localsplus[i]), 2);
    }
    if (t->doing != NULL && t->doing_unknown)
        return;
    if (rfh_is_tidying(t, now))
        return;
    if (t->expects != code && rfh_only_tidies(code, now)) {
        t->tidying = now;
        t->tidies = code;
        return;
    }
    if (t->expects != code && t->expects != &anything && !rfh_is_drained(t, code))
        rfh_distrust(code); /* a finalizer, or a callback of a weak reference: which thread runs it is a matter of who lets go last */
    t->expects = NULL;
}

rfh_doing rfh_touch_will_call(rfh_thread *t, PyObject *callable)
{
    rfh_doing before = {t->doing, t->expects, t->doing_unknown};
    rfh_call call = {.callable = callable, .keywords = RFH_UNSEEN};
    if (!rfh.reduces)
        return before;
    int known = rfh_touches_call(&call) && call.code;
    t->expects = known ? call.code : &anything;
    t->doing = known ? NULL : &anything;
    t->doing_unknown = !known;
    if (!known && rfh.phase <= RFH_AFTER)
        rfh_touch_all(callable);
    return before;
}

void rfh_touch_has_called(rfh_thread *t, rfh_doing before)
{
    t->doing = before.frame;
    t->expects = before.expects;
    t->doing_unknown = before.unknown;
}
