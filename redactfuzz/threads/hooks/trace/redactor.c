#include "trace/redactor.h"

#include <structmember.h>

#include "trace/points.h"

typedef struct redactor {
    PyObject_HEAD
    PyObject *callable;
    PyObject *bypass;  /* what runs in its place in control runs; None: return the only argument */
    Py_ssize_t skip;   /* leading arguments that are not the data: 1 for a method */
    Py_ssize_t calls;  /* by controlled threads */
    PyObject *of;      /* the redactor whose calls these are, of which a class made this one for an object; or NULL */
    PyObject *dict, *weakrefs;
    vectorcallfunc vectorcall;
} redactor;

static PyObject *bypassed(redactor *self, PyObject *const *args, size_t nargsf, PyObject *names)
{
    if (self->bypass != Py_None)
        return PyObject_Vectorcall(self->bypass, args, nargsf, names);
    Py_ssize_t count = PyVectorcall_NARGS(nargsf) - self->skip;
    if (count == 1 && (names == NULL || PyTuple_GET_SIZE(names) == 0))
        return Py_NewRef(args[self->skip]);
    PyErr_Format(PyExc_TypeError,
                 "the redactor %R takes %zd positional and %zd keyword arguments here; bypassed, it can only return a "
                 "single positional argument. Declare what to do instead: race.redactor(fn, bypass=callable)",
                 self->callable, count, names ? PyTuple_GET_SIZE(names) : (Py_ssize_t)0);
    return NULL;
}

static PyObject *call(PyObject *object, PyObject *const *args, size_t nargsf, PyObject *names)
{
    redactor *self = (redactor *)object;
    rfh_thread *t = rfh_me;
    if (t)
        (self->of ? (redactor *)self->of : self)->calls++;
    if (t && rfh.bypass)
        return bypassed(self, args, nargsf, names);
    if (t)
        t->redacting++;
    PyObject *result = NULL;
    Py_ssize_t given = PyVectorcall_NARGS(nargsf) + (names ? PyTuple_GET_SIZE(names) : 0);
    if (t == NULL || t->quiet || rfh_on_callee(t, self->callable, given ? args[0] : NULL, args, given) == 0)
        result = PyObject_Vectorcall(self->callable, args, nargsf & ~PY_VECTORCALL_ARGUMENTS_OFFSET, names);
    if (t)
        t->redacting--;
    return result;
}

static PyObject *made(PyTypeObject *type, PyObject *callable, PyObject *bypass, Py_ssize_t skip)
{
    redactor *self = (redactor *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->callable = Py_NewRef(callable);
    self->bypass = Py_NewRef(bypass);
    self->skip = skip;
    self->vectorcall = call;
    return (PyObject *)self;
}

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"callable", "bypass", "skip", NULL};
    PyObject *callable, *bypass = Py_None;
    Py_ssize_t skip = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|On", names, &callable, &bypass, &skip))
        return NULL;
    return made(type, callable, bypass, skip);
}

static int traverse(PyObject *object, visitproc visit, void *arg)
{
    redactor *self = (redactor *)object;
    Py_VISIT(self->callable);
    Py_VISIT(self->bypass);
    Py_VISIT(self->of);
    Py_VISIT(self->dict);
    return 0;
}

static int clear(PyObject *object)
{
    redactor *self = (redactor *)object;
    Py_CLEAR(self->callable);
    Py_CLEAR(self->bypass);
    Py_CLEAR(self->of);
    Py_CLEAR(self->dict);
    return 0;
}

static void dealloc(PyObject *object)
{
    PyObject_GC_UnTrack(object);
    if (((redactor *)object)->weakrefs)
        PyObject_ClearWeakRefs(object);
    clear(object);
    Py_TYPE(object)->tp_free(object);
}

/* As an attribute of a class it is what the thing would be that it stands for: a function is a method, a builtin function or an object that
 * is called is itself, and what else a class makes of it for an object has a redactor of its own in front. */
static PyObject *get(PyObject *object, PyObject *instance, PyObject *owner)
{
    redactor *self = (redactor *)object;
    descrgetfunc binds = Py_TYPE(self->callable)->tp_descr_get;
    if (instance == NULL || instance == Py_None || binds == NULL)
        return Py_NewRef(object);
    PyObject *bound = binds(self->callable, instance, owner), *result = NULL;
    if (bound == self->callable)
        result = Py_NewRef(object);
    else if (bound && PyMethod_Check(bound) && PyMethod_GET_FUNCTION(bound) == self->callable)
        result = PyMethod_New(object, instance);
    else if (bound && (result = made(Py_TYPE(object), bound, self->bypass, 0)) != NULL)
        ((redactor *)result)->of = Py_NewRef(object);
    Py_XDECREF(bound);
    return result;
}

/* Names that it does not have are those of the redactor: __name__, __doc__, attributes set by decorators. */
static PyObject *get_attribute(PyObject *object, PyObject *name)
{
    PyObject *found = PyObject_GenericGetAttr(object, name);
    if (found || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return found;
    PyErr_Clear();
    return PyObject_GetAttr(((redactor *)object)->callable, name);
}

/* A copy of it is itself, as of the function that it stands for: a configuration is copied with its callbacks. */
static PyObject *copied(PyObject *object, PyObject *memo) { return Py_NewRef(object); }

/* By name where it stands in a module in place of that function; else as a copy of the function, which pickles as it does alone. */
static PyObject *reduced(PyObject *object, PyObject *protocol)
{
    PyObject *callable = ((redactor *)object)->callable;
    PyObject *name = PyObject_GetAttrString(callable, "__qualname__");
    PyObject *home = name ? PyObject_GetAttrString(callable, "__module__") : NULL;
    PyObject *module = home ? PyImport_GetModule(home) : NULL;
    PyObject *found = module ? PyObject_GetAttr(module, name) : NULL;
    int is_it = found == object;
    PyErr_Clear();
    Py_XDECREF(found);
    Py_XDECREF(module);
    Py_XDECREF(home);
    if (is_it)
        return name;
    Py_XDECREF(name);
    PyObject *copy = PyImport_ImportModule("copy");
    PyObject *result = copy ? Py_BuildValue("(N(O))", PyObject_GetAttrString(copy, "copy"), callable) : NULL;
    Py_XDECREF(copy);
    return result;
}

static PyMethodDef copies[] = {
    {"__copy__", copied, METH_NOARGS, NULL},
    {"__deepcopy__", copied, METH_O, NULL},
    {"__reduce_ex__", reduced, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"__wrapped__", T_OBJECT, offsetof(redactor, callable), READONLY, NULL},
    {"calls", T_PYSSIZET, offsetof(redactor, calls), READONLY, NULL},
    {NULL},
};

PyTypeObject rfh_redactor_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "redactfuzz.threads._hooks.Redactor",
    .tp_basicsize = sizeof(redactor),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(redactor, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_new = new,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_clear = clear,
    .tp_descr_get = get,
    .tp_getattro = get_attribute,
    .tp_members = members,
    .tp_methods = copies,
    .tp_dictoffset = offsetof(redactor, dict),
    .tp_weaklistoffset = offsetof(redactor, weakrefs),
};
