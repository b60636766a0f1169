#include "touch/footprint.h"

#include <opcode.h>
#include <string.h>

#include "code/meanings.h"
#include "code/stack.h"
#include "touch/attributes.h"
#include "touch/calls.h"
#include "touch/touch.h"
#include "touch/values.h"

static char anything; /* stands for any code object */

/* The instruction at which a frame is. */
typedef struct place {
    rfh_frame *frame;
    PyCodeObject *code;
    const rfh_instruction *at;
    int arg;          /* -1: it has a longer one than is kept */
    int depth;        /* of the evaluation stack; -1: not known */
    void *runs;       /* the Python code that the instruction runs */
    PyObject *blame;  /* what is called (borrowed) */
} place;

/* Number `k` from the top, the top itself is 1; NULL: there is none, or it is not known. */
static PyObject *top(const place *p, int k)
{
    return k > p->depth ? NULL : rfh_object_in(p->frame->localsplus[p->code->co_nlocalsplus + p->depth - k]);
}

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

static int is_there(PyObject *const *found, int count)
{
    for (int i = 0; i < count; i++)
        if (found[i] == NULL)
            return 0;
    return 1;
}

/* -- names */

static PyObject *name_of(const place *p, int shift)
{
    Py_ssize_t index = p->arg < 0 ? -1 : p->arg >> shift;
    return index < 0 || index >= PyTuple_GET_SIZE(p->code->co_names) ? NULL : PyTuple_GET_ITEM(p->code->co_names, index);
}

static int touches_global(const place *p, uint8_t kind, PyObject *name)
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

static int touches_cell(const place *p, uint8_t kind)
{
    PyObject *cell = p->arg < 0 ? NULL : rfh_object_in(p->frame->localsplus[p->arg]);
    return cell && PyCell_Check(cell) && rfh_touch(kind, cell, RFH_ALL_OF_IT);
}

static int reads_attribute(place *p, int shift)
{
    PyObject *owner = top(p, 1), *name = name_of(p, shift);
    return owner && name && rfh_reads_attribute(owner, name, &p->runs);
}

static int changes_attribute(place *p, int deletes)
{
    PyObject *owner = top(p, 1), *value = deletes ? NULL : top(p, 2), *name = name_of(p, 0);
    return owner && name && (deletes || value) && rfh_changes_attribute(owner, name, value, &p->runs);
}

#ifdef LOAD_SUPER_ATTR
static int reads_super(const place *p)
{
    PyObject *of[] = {top(p, 1), top(p, 2), top(p, 3), name_of(p, 2)};
    return is_there(of, 4) && of[2] == (PyObject *)&PySuper_Type && rfh_reads_super(of[1], of[0], of[3]);
}
#endif

/* -- operators */

static int is_list(const PyObject *o) { return Py_TYPE(o) == &PyList_Type; }

static int joins(PyObject *left, PyObject *right)
{
    int tuples = Py_TYPE(left) == &PyTuple_Type && Py_TYPE(right) == &PyTuple_Type;
    int lists = is_list(left) && (is_list(right) || PyLong_CheckExact(right));
    return tuples || (lists && rfh_goes_through(left) && (PyLong_CheckExact(right) || rfh_goes_through(right)));
}

static int operates(place *p)
{
    PyObject *of[] = {top(p, 2), top(p, 1)};
    if (!is_there(of, 2) || p->arg < 0)
        return 0;
    if (rfh_is_subscript(p->at->opcode, p->arg))
        return rfh_touches_item(RF_READ, of[0], of[1], &p->runs);
    if (rfh_is_plain(of[0]) && rfh_is_plain(of[1]))
        return 1;
    int op = p->arg >= NB_INPLACE_ADD && p->arg <= NB_INPLACE_XOR ? p->arg - NB_INPLACE_ADD + NB_ADD : p->arg, in_place = op != p->arg;
    if (in_place && is_list(of[0]))
        return op == NB_ADD && rfh_goes_through(of[1]) && rfh_touch(RF_WRITE, of[0], RFH_ALL_OF_IT);
    if ((op == NB_ADD || op == NB_MULTIPLY) && joins(of[0], of[1]))
        return 1;
    if (op == NB_REMAINDER && PyUnicode_CheckExact(of[0]))
        return rfh_reads(of[1]);
    int sets = PyAnySet_CheckExact(of[0]) && PyAnySet_CheckExact(of[1]);
    int dicts = op == NB_OR && PyDict_CheckExact(of[0]) && PyDict_CheckExact(of[1]);
    if (!(sets || dicts) || !rfh_reads(of[0]) || !rfh_reads(of[1]))
        return 0;
    return !in_place || PyFrozenSet_CheckExact(of[0]) || rfh_touch(RF_WRITE, of[0], RFH_ALL_OF_IT);
}

static int compares(const place *p)
{
    PyObject *of[] = {top(p, 2), top(p, 1)};
    if (!is_there(of, 2))
        return 0;
    return (rfh_is_still(of[0]) && rfh_is_still(of[1])) || (rfh_reads(of[0]) && rfh_reads(of[1]));
}

#ifdef BINARY_SLICE
static int slices(const place *p, uint8_t kind)
{
    PyObject *of[] = {top(p, 1), top(p, 2), top(p, 3)};
    if (!is_there(of, 3) || !rfh_is_plain(of[0]) || !rfh_is_plain(of[1]))
        return 0;
    if (kind == RF_WRITE) {
        PyObject *value = top(p, 4);
        return is_list(of[2]) && value && rfh_goes_through(value) && rfh_touch(RF_WRITE, of[2], RFH_ALL_OF_IT);
    }
    return !PyDict_CheckExact(of[2]) && !PyAnySet_CheckExact(of[2]) && rfh_goes_through(of[2]);
}
#endif

/* -- loops */

static int begins_loop(place *p)
{
    PyObject *over = top(p, 1);
    if (over == NULL)
        return 0;
    PyTypeObject *type = Py_TYPE(over);
    if (type->tp_iter == PyObject_SelfIter && type->tp_iternext && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE))
        return 1;
    if (rfh_goes_through(over))
        return 1;
    p->runs = rfh_code_of_method(over, "__iter__");
    return p->runs != NULL;
}

static int goes_on(place *p)
{
#if PY_VERSION_HEX >= 0x030f0000 /* above the iterator lies the number of the next item of a list or tuple, or nothing */
    PyObject *it = top(p, 2);
    if (it && (is_list(it) || PyTuple_CheckExact(it)))
        return rfh_goes_through(it);
#else
    PyObject *it = top(p, 1);
#endif
    return it && rfh_advances(it, &p->runs);
}

/* -- calls */

static int calls(place *p, int names)
{
    rfh_call call = {.count = p->arg};
    int above = names ? 1 : 0, first = p->arg + above;
#ifdef KW_NAMES
    names |= p->at[-1].opcode == KW_NAMES;
#endif
    if (p->arg < 0 || first + 2 > p->depth)
        return 0;
    PyObject *low = top(p, first + 2), *high = top(p, first + 1);
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
    PyObject *args[UINT8_MAX + 1];
    for (int i = 0; i < p->arg; i++)
        if ((args[i] = top(p, first - i)) == NULL)
            return 0;
    call.args = args;
    call.keywords = names;
    int known = rfh_touches_call(&call);
    p->runs = call.code;
    return known;
}

/* f(*args, **kwargs) */
static int calls_spread(place *p)
{
#if PY_VERSION_HEX >= 0x030e0000
    PyObject *callable = top(p, 4), *args = top(p, 2), *names = top(p, 1);
#else
    int named = p->arg & 1;
    PyObject *args = top(p, 1 + named), *names = named ? top(p, 1) : NULL;
    PyObject *callable = PY_VERSION_HEX >= 0x030d0000 ? top(p, 3 + named) : top(p, 2 + named);
#endif
    if (p->arg < 0 || callable == NULL || args == NULL || !PyTuple_CheckExact(args))
        return 0;
    p->blame = callable;
    rfh_call call = {.callable = callable, .args = ((PyTupleObject *)args)->ob_item, .count = PyTuple_GET_SIZE(args),
                     .keywords = names != NULL};
    int known = rfh_touches_call(&call);
    p->runs = call.code;
    return known;
}

/* -- one instruction */

static int raises(const place *p)
{
    PyTypeObject *error = (PyTypeObject *)PyExc_BaseException;
    PyObject *what = top(p, 1);
    if (p->arg != 1 || what == NULL)
        return p->arg == 0;
    return PyExceptionInstance_Check(what)
        || (PyExceptionClass_Check(what) && ((PyTypeObject *)what)->tp_init == error->tp_init
            && ((PyTypeObject *)what)->tp_new == error->tp_new);
}

/* An exception leaves `with`: the method that ends it is called with three values. */
static int leaves_with(place *p)
{
#if PY_VERSION_HEX >= 0x030e0000
    rfh_call call = {.callable = top(p, 5), .self = top(p, 4)};
#else
    rfh_call call = {.callable = top(p, 4)};
#endif
    int known = call.callable && rfh_touches_call(&call);
    p->blame = call.callable;
    p->runs = call.code;
    return known;
}

/* An item of what is being made, which nobody else has yet: it is only hashed. */
static int hashes(const place *p, int from, int step, int count)
{
    for (int i = 0; i < count; i++) {
        PyObject *key = top(p, from + i * step);
        if (key == NULL || !rfh_is_still(key))
            return 0;
    }
    return 1;
}

static int truth(place *p)
{
    PyObject *of = top(p, 1);
    return of && rfh_reads_truth(of, &p->runs);
}

static int touches(place *p)
{
    PyObject *value, *key;
    int op = p->at->opcode;
    if ((p->at->flags & RFH_LOCAL) || (op == JUMP_BACKWARD))
        return 1;
    switch (op) {
    case LOAD_GLOBAL:
        return touches_global(p, RF_READ, name_of(p, 1));
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
        return operates(p);
    case STORE_SUBSCR: /* value, container, key */
    case DELETE_SUBSCR:
        value = top(p, 2), key = top(p, 1);
        return value && key && rfh_touches_item(RF_WRITE, value, key, &p->runs);
#ifdef BINARY_SLICE
    case BINARY_SLICE:
        return slices(p, RF_READ);
    case STORE_SLICE:
        return slices(p, RF_WRITE);
#endif
    case CONTAINS_OP:
        value = top(p, 1), key = top(p, 2);
        return value && key && rfh_contains(value, key, &p->runs);
    case COMPARE_OP:
        return compares(p);
    case UNARY_NEGATIVE:
    case UNARY_INVERT:
        value = top(p, 1);
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
        return truth(p);
#ifdef POP_JUMP_BACKWARD_IF_NONE
    case POP_JUMP_BACKWARD_IF_NONE:
    case POP_JUMP_BACKWARD_IF_NOT_NONE:
        return 1;
#endif
    case GET_ITER:
        return begins_loop(p);
    case FOR_ITER:
        return goes_on(p);
    case UNPACK_SEQUENCE:
    case UNPACK_EX:
        value = top(p, 1);
        return value && rfh_goes_through(value);
    case LIST_EXTEND:
        value = top(p, 1);
        return value && rfh_goes_through(value);
    case DICT_UPDATE:
    case DICT_MERGE:
    case SET_UPDATE:
        value = top(p, 1);
        return value && rfh_reads(value);
    case BUILD_MAP:
        return p->arg >= 0 && hashes(p, 2, 2, p->arg);
    case BUILD_SET:
        return p->arg >= 0 && hashes(p, 1, 1, p->arg);
    case SET_ADD:
        return hashes(p, 1, 1, 1);
    case MAP_ADD:
        return hashes(p, 2, 1, 1);
#ifdef BUILD_CONST_KEY_MAP
    case BUILD_CONST_KEY_MAP: /* by texts, nearly always */
        value = top(p, 1);
        return value && rfh_is_plain(value);
#endif
#ifdef LIST_TO_TUPLE
    case LIST_TO_TUPLE:
        return 1;
#endif
#ifdef FORMAT_VALUE
    case FORMAT_VALUE:
        value = top(p, p->arg >= 4 ? 2 : 1);
        return p->arg >= 0 && value && rfh_reads(value);
#endif
#ifdef FORMAT_SIMPLE
    case FORMAT_SIMPLE:
    case CONVERT_VALUE:
        value = top(p, 1);
        return value && rfh_reads(value);
    case FORMAT_WITH_SPEC:
        value = top(p, 2);
        return value && rfh_is_plain(value);
#endif
#ifdef CALL_INTRINSIC_1
    case CALL_INTRINSIC_1:
        value = top(p, 1);
        return value && (p->arg == 6 /* a list becomes a tuple */ || (p->arg == 5 /* +x */ && rfh_is_plain(value)));
#endif
    case RAISE_VARARGS:
        return raises(p);
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
        value = top(p, 1);
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
    if (t->doing == &anything || t->doing == NULL)
        return;
    if (now == t->doing || !rfh_is_under(t->doing, now))
        t->doing = NULL;
}

void rfh_touch_instruction(rfh_thread *t, rfh_code *table, Py_ssize_t index)
{
    const rfh_instruction *at = &table->at[index];
    if (rfh.phase != RFH_EXPLORE || !(at->flags & RFH_EFFECT))
        return;
    rfh_frame *frame = rfh_frame_of(PyThreadState_Get());
    place p = {.frame = frame, .code = rfh_code_in(frame), .at = at};
    p.arg = index > 0 && at[-1].opcode == EXTENDED_ARG ? -1 : at->argument;
#if PY_VERSION_HEX >= 0x030c0000
    p.depth = depth_at(p.code, table, index);
#else
    p.depth = frame->stacktop - p.code->co_nlocalsplus;
#endif
    int known = touches(&p);
    if (t->doing != NULL)
        return; /* the step has touched everything */
    t->expects = known ? p.runs : &anything;
    t->doing = known && p.runs ? NULL : frame;
    t->doing_unknown = !known;
    if (!known)
        rfh_touch_all(p.blame);
}

void rfh_touch_entry(rfh_thread *t, PyObject *code)
{
    if (rfh.phase != RFH_EXPLORE || (t->doing != NULL && t->doing_unknown))
        return;
    if (t->expects != code && t->expects != &anything)
        rfh_distrust("a finalizer, or a callback of a weak reference, has run");
    t->expects = NULL;
}

rfh_doing rfh_touch_will_call(rfh_thread *t, PyObject *callable)
{
    rfh_doing before = {t->doing, t->expects, t->doing_unknown};
    rfh_call call = {.callable = callable, .keywords = 1};
    if (!rfh.reduces)
        return before;
    int known = rfh_touches_call(&call) && call.code;
    t->expects = known ? call.code : &anything;
    t->doing = known ? NULL : &anything;
    t->doing_unknown = !known;
    if (!known && rfh.phase <= RFH_EXPLORE)
        rfh_touch_all(callable);
    return before;
}

void rfh_touch_has_called(rfh_thread *t, rfh_doing before)
{
    t->doing = before.frame;
    t->expects = before.expects;
    t->doing_unknown = before.unknown;
}
