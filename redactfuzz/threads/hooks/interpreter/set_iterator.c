#include "interpreter/set_iterator.h"

typedef struct iterator {
    PyObject_HEAD
    PyObject *set; /* NULL: it has ended */
    PyObject *items;
    Py_ssize_t at;
} iterator;

static int visit_all(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((iterator *)self)->set);
    Py_VISIT(((iterator *)self)->items);
    return 0;
}

static int clear(PyObject *self)
{
    Py_CLEAR(((iterator *)self)->set);
    Py_CLEAR(((iterator *)self)->items);
    return 0;
}

static void end(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    clear(self);
    PyObject_GC_Del(self);
}

/* Whether the set has not lost an item since. Nothing is asked whose class would be called. */
static int is_still_in(PyObject *set, PyObject *item)
{
    return !(PyUnicode_CheckExact(item) || PyBytes_CheckExact(item)) || PySet_Contains(set, item) != 0;
}

static PyObject *next(PyObject *self)
{
    iterator *of = (iterator *)self;
    if (of->set == NULL)
        return NULL;
    if (PySet_GET_SIZE(of->set) != PyList_GET_SIZE(of->items)) {
        PyErr_SetString(PyExc_RuntimeError, "Set changed size during iteration");
        return NULL;
    }
    while (of->at < PyList_GET_SIZE(of->items)) {
        PyObject *item = PyList_GET_ITEM(of->items, of->at++);
        if (is_still_in(of->set, item))
            return Py_NewRef(item);
    }
    clear(self);
    return NULL;
}

PyTypeObject rfh_set_iterator_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "set_iterator",
    .tp_basicsize = sizeof(iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = end,
    .tp_traverse = visit_all,
    .tp_clear = clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = next,
};

PyObject *rfh_set_iterator(PyObject *set, PyObject *items)
{
    iterator *made = PyObject_GC_New(iterator, &rfh_set_iterator_type);
    if (made == NULL) {
        Py_DECREF(items);
        return NULL;
    }
    *made = (iterator){made->ob_base, Py_NewRef(set), items, 0};
    PyObject_GC_Track(made);
    return (PyObject *)made;
}
