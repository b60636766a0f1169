/* Operators, and loops. */
#include <opcode.h>

#include "code/meanings.h"
#include "touch/drains.h"
#include "touch/place.h"
#include "touch/touch.h"
#include "touch/values.h"

static int is_there(PyObject *const *found, int count)
{
    for (int i = 0; i < count; i++)
        if (found[i] == NULL)
            return 0;
    return 1;
}

/* -- operators */

static int is_list(const PyObject *o) { return Py_TYPE(o) == &PyList_Type; }

static int joins(PyObject *left, PyObject *right)
{
    int tuples = Py_TYPE(left) == &PyTuple_Type && Py_TYPE(right) == &PyTuple_Type;
    int lists = is_list(left) && (is_list(right) || PyLong_CheckExact(right));
    return tuples || (lists && rfh_goes_through(left) && (PyLong_CheckExact(right) || rfh_goes_through(right)));
}

/* The method in Python that an operator calls: that of the left side, but where the class of the right one is made of the other. Whether
 * it then asks another is seen as that begins. */
static void *method_of(PyObject *left, PyObject *right, const char *name, const char *reflected)
{
    int first = Py_TYPE(left) != Py_TYPE(right) && PyType_IsSubtype(Py_TYPE(right), Py_TYPE(left));
    return first ? rfh_code_of_method(right, reflected) : rfh_code_of_method(left, name);
}

static const struct {
    const char *name, *reflected, *in_place;
} methods[] = {
    [NB_ADD] = {"__add__", "__radd__", "__iadd__"},
    [NB_AND] = {"__and__", "__rand__", "__iand__"},
    [NB_OR] = {"__or__", "__ror__", "__ior__"},
    [NB_XOR] = {"__xor__", "__rxor__", "__ixor__"},
    [NB_SUBTRACT] = {"__sub__", "__rsub__", "__isub__"},
    [NB_MULTIPLY] = {"__mul__", "__rmul__", "__imul__"},
};

static int has_method(PyObject *of, const char *name)
{
    PyObject *text = PyUnicode_InternFromString(name);
    int there = text == NULL || _PyType_Lookup(Py_TYPE(of), text) != NULL;
    Py_XDECREF(text);
    PyErr_Clear();
    return there;
}

static int runs_operator(rfh_place *p, PyObject *const *of, int op, int in_place)
{
    if (op >= (int)(sizeof methods / sizeof *methods) || methods[op].name == NULL)
        return 0;
    in_place = in_place && has_method(of[0], methods[op].in_place);
    p->runs = in_place ? rfh_code_of_method(of[0], methods[op].in_place) : method_of(of[0], of[1], methods[op].name, methods[op].reflected);
    p->takes = RFH_ANSWERS;
    return p->runs != NULL;
}

int rfh_touches_operator(rfh_place *p)
{
    PyObject *of[] = {rfh_top(p, 2), rfh_top(p, 1)};
    if (!is_there(of, 2))
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
    if (!(sets || dicts))
        return runs_operator(p, of, op, in_place);
    if (!rfh_reads(of[0]) || !rfh_reads(of[1]))
        return 0;
    return !in_place || PyFrozenSet_CheckExact(of[0]) || rfh_touch(RF_WRITE, of[0], RFH_ALL_OF_IT);
}

int rfh_touches_comparison(const rfh_place *p)
{
    PyObject *of[] = {rfh_top(p, 2), rfh_top(p, 1)};
    if (!is_there(of, 2))
        return 0;
    return (rfh_is_still(of[0]) && rfh_is_still(of[1])) || (rfh_reads(of[0]) && rfh_reads(of[1]));
}

int rfh_touches_slice(const rfh_place *p, uint8_t kind)
{
    PyObject *of[] = {rfh_top(p, 1), rfh_top(p, 2), rfh_top(p, 3)};
    if (!is_there(of, 3) || !rfh_is_plain(of[0]) || !rfh_is_plain(of[1]))
        return 0;
    if (kind == RF_WRITE) {
        PyObject *value = rfh_top(p, 4);
        return is_list(of[2]) && value && rfh_goes_through(value) && rfh_touch(RF_WRITE, of[2], RFH_ALL_OF_IT);
    }
    return !PyDict_CheckExact(of[2]) && !PyAnySet_CheckExact(of[2]) && rfh_goes_through(of[2]);
}

/* -- loops */

int rfh_touches_loop(rfh_place *p)
{
    PyObject *over = rfh_top(p, 1);
    if (over == NULL)
        return 0;
    PyTypeObject *type = Py_TYPE(over);
    if (type->tp_iter == PyObject_SelfIter && type->tp_iternext && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE))
        return 1;
    if (rfh_goes_through(over) || (type->tp_iter == NULL && PySequence_Check(over)))
        return 1; /* of a sequence that only has items nothing is asked yet */
    p->runs = rfh_code_of_method(over, "__iter__");
    return p->runs != NULL;
}

/* Code of a generator comes to where it stops: from then on another may go on with it. */
int rfh_touches_own_generator(const rfh_place *p)
{
    PyObject *generator = rfh_generator_of(p->frame);
    return generator == NULL || !PyGen_CheckExact(generator) || rfh_touch(RF_WRITE, generator, RFH_ALL_OF_IT);
}

int rfh_touches_pass(rfh_place *p)
{
#if PY_VERSION_HEX >= 0x030f0000 /* above the iterator lies the number of the next item of a list or tuple, or nothing */
    PyObject *it = rfh_top(p, 2);
    if (it && (is_list(it) || PyTuple_CheckExact(it)))
        return rfh_goes_through(it);
#else
    PyObject *it = rfh_top(p, 1);
#endif
    if (it == NULL)
        return 0;
    /* What a comprehension goes through is its argument as well. */
    int also = PY_VERSION_HEX >= 0x030e0000 && p->code->co_argcount == 1 && rfh_object_in(p->frame->localsplus[0]) == it;
    return rfh_advances(it, 1 + also + rfh_held_by_variables(p, it), &p->runs);
}

/* An item of what is being made, which nobody else has yet: it is only hashed. */
int rfh_touches_new_keys(const rfh_place *p, int from, int step, int count)
{
    for (int i = 0; i < count; i++) {
        PyObject *key = rfh_top(p, from + i * step);
        if (key == NULL || !rfh_is_still(key))
            return 0;
    }
    return 1;
}

int rfh_touches_truth(rfh_place *p)
{
    PyObject *of = rfh_top(p, 1);
    return of && rfh_reads_truth(of, &p->runs);
}

int rfh_touches_raise(const rfh_place *p)
{
    PyTypeObject *error = (PyTypeObject *)PyExc_BaseException;
    PyObject *what = rfh_top(p, 1);
    if (p->arg == 0) { /* what is handled goes on: that may be an object which others raise as well */
        PyObject *handled = PyErr_GetHandledException();
        int known = handled && rfh_touch(RF_WRITE, (PyObject *)Py_TYPE(handled), RFH_ALL_OF_IT);
        Py_XDECREF(handled);
        return known;
    }
    if (p->arg != 1 || what == NULL)
        return 0;
    /* Where it was raised, and what was handled then, is written into it: nobody else has it while it is made. */
    return (PyExceptionInstance_Check(what) && Py_REFCNT(what) == 1)
        || (PyExceptionClass_Check(what) && ((PyTypeObject *)what)->tp_init == error->tp_init
            && ((PyTypeObject *)what)->tp_new == error->tp_new);
}
