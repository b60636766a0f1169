/* A semaphore of multiprocessing that counts to one is a lock: whoever took it holds it. */
#include "waits/semaphores.h"

#include "interpreter/patch.h"
#include "state/execution.h"
#include "state/objects.h"

enum { ACQUIRE, RELEASE, ENTER, EXIT };
static rfh_patch patches[];

typedef PyObject *(*fast)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*fast_keywords)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

static unsigned long long asked(PyObject *semaphore, const char *what)
{
    PyObject *value = PyObject_GetAttrString(semaphore, what);
    unsigned long long found = value ? PyLong_AsUnsignedLongLong(value) : 0;
    Py_XDECREF(value);
    PyErr_Clear();
    return found;
}

static int is_taken_again(PyObject *semaphore)
{
    PyObject *count = PyObject_CallMethod(semaphore, "_count", NULL);
    int again = count && PyLong_AsLong(count) > 0;
    Py_XDECREF(count);
    PyErr_Clear();
    return again;
}

/* One that counts further is no lock; what is given by another thread than the one that took it is a signal, and nobody's. */
static PyObject *reported(PyObject *semaphore, PyObject *result, int taken)
{
    rfh_thread *t = rfh_me;
    if (result == NULL || result == Py_False || t == NULL || rfh.phase == RFH_IDLE)
        return result;
    t->quiet++;
    void *object = asked(semaphore, "maxvalue") == 1 ? (void *)(uintptr_t)asked(semaphore, "handle") : NULL;
    rfh_held *e = object ? rfh_held_of(object) : NULL;
    if (e && e->owner != RFH_FOREIGN) {
        if (taken)
            e->owner = t->id;
        else if (e->owner != t->id)
            e->owner = RFH_FOREIGN;
        else if (!is_taken_again(semaphore))
            e->owner = RFH_NOBODY;
    }
    t->quiet--;
    return result;
}

static PyObject *acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    return reported(self, ((fast_keywords)patches[ACQUIRE].original)(self, args, count, names), 1);
}

static PyObject *release(PyObject *self, PyObject *ignored)
{
    return reported(self, ((PyCFunction)patches[RELEASE].original)(self, NULL), 0);
}

static PyObject *enter(PyObject *self, PyObject *ignored)
{
    return reported(self, ((PyCFunction)patches[ENTER].original)(self, NULL), 1);
}

static PyObject *leave(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    return reported(self, ((fast)patches[EXIT].original)(self, args, count), 0);
}

static rfh_patch patches[] = {
    [ACQUIRE] = {"_multiprocessing", "SemLock", "acquire", METH_FASTCALL | METH_KEYWORDS, acquire},
    [RELEASE] = {"_multiprocessing", "SemLock", "release", METH_NOARGS, release},
    [ENTER] = {"_multiprocessing", "SemLock", "__enter__", METH_NOARGS, enter},
    [EXIT] = {"_multiprocessing", "SemLock", "__exit__", METH_FASTCALL, leave},
    {NULL},
};

int rfh_semaphores_install(void)
{
    PyObject *module = PyImport_ImportModule("_multiprocessing");
    if (module == NULL) { /* an interpreter without it */
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(module);
    return rfh_patch_apply(patches);
}

void rfh_semaphores_remove(void) { rfh_patch_undo(patches); }
