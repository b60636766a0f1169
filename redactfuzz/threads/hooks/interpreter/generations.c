#include "interpreter/generations.h"

#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_gc.h>
#include <internal/pycore_interp.h>
#undef Py_BUILD_CORE

#include "state/execution.h"

enum { YOUNGEST, YOUNG, OLD };

static PyObject *mark; /* among the old: what comes after it is old by our doing */
static int marked;
static PyGC_Head *frozen; /* the last of those that the collector never looks at, when the mark was set */

static PyGC_Head *last_frozen(void) { return _PyGCHead_PREV(&PyInterpreterState_Get()->gc.permanent_generation.head); }

static PyGC_Head *generation(int number) { return &PyInterpreterState_Get()->gc.generations[number].head; }

static void join(PyGC_Head *before, PyGC_Head *after)
{
    _PyGCHead_SET_NEXT(before, after);
    _PyGCHead_SET_PREV(after, before);
}

/* All from `first` to the end of the list `from` comes to the end of `to`. */
static void move_from(PyGC_Head *first, PyGC_Head *from, PyGC_Head *to)
{
    PyGC_Head *before = _PyGCHead_PREV(first), *last = _PyGCHead_PREV(from);
    if (first == from)
        return;
    join(before, from);
    join(_PyGCHead_PREV(to), first);
    join(last, to);
}

static void move_all(int from, int to)
{
    move_from(_PyGCHead_NEXT(generation(from)), generation(from), generation(to));
}

int rfh_all_are_young(void)
{
    if (PyInterpreterState_Get()->gc.collecting)
        return 0;
    move_all(YOUNG, YOUNGEST);
    return 1;
}

static void set_mark(void)
{
    mark = mark ? mark : PyList_New(0);
    if (mark == NULL) {
        PyErr_Clear();
        return;
    }
    PyGC_Head *at = (PyGC_Head *)mark - 1;
    join(_PyGCHead_PREV(at), _PyGCHead_NEXT(at));
    join(_PyGCHead_PREV(generation(OLD)), at);
    join(at, generation(OLD));
    frozen = last_frozen();
    marked = 1;
}

void rfh_all_are_old(void)
{
    if (PyInterpreterState_Get()->gc.collecting)
        return;
    if (!marked)
        set_mark();
    move_all(YOUNGEST, OLD);
    move_all(YOUNG, OLD);
}

void rfh_old_are_young(void)
{
    if (!marked || PyInterpreterState_Get()->gc.collecting)
        return;
    marked = 0;
    if (last_frozen() != frozen)
        return; /* gc.freeze() took the mark along, and what comes after it */
    move_from(_PyGCHead_NEXT((PyGC_Head *)mark - 1), generation(OLD), generation(YOUNG));
}

#if PY_VERSION_HEX >= 0x030f0000
int rfh_collector_looks(void)
{
    PyThreadState *mine = rfh_me ? rfh_me->tstate : NULL;
    if (mine == NULL || _PyThreadState_UncheckedGet() != mine)
        return 0;
    return mine->interp->gc.collecting && mine->interp->gc.frame == mine->current_frame;
}
#else
int rfh_collector_looks(void) { return 0; }
#endif
