#include "waits/freed.h"

#include <Python.h>

#include "interpreter/patch.h"
#include "state/objects.h"

enum { LOCK, RLOCK, QUEUE, HANDLE, KINDS };
static struct {
    const char *module, *name;
    PyTypeObject *type; /* owned while its slot is changed */
    destructor original;
} kinds[KINDS] = {
    [LOCK] = {"_thread", "lock", NULL, NULL},
    [RLOCK] = {"_thread", "RLock", NULL, NULL},
    [QUEUE] = {"_queue", "SimpleQueue", NULL, NULL},
    [HANDLE] = {"_thread", "_ThreadHandle", NULL, NULL}, /* 3.13 */
};

static void freed(PyObject *self, int kind)
{
    rfh_objects_forget(self);
    kinds[kind].original(self);
}

static void freed_lock(PyObject *self) { freed(self, LOCK); }
static void freed_rlock(PyObject *self) { freed(self, RLOCK); }
static void freed_queue(PyObject *self) { freed(self, QUEUE); }
static void freed_handle(PyObject *self) { freed(self, HANDLE); }
static const destructor replacements[KINDS] = {freed_lock, freed_rlock, freed_queue, freed_handle};

/* The types are immutable, so the slot itself is changed; the slot of a subclass calls that of its base. */
int rfh_freed_install(void)
{
    for (int i = 0; i < KINDS; i++) {
        PyTypeObject *type = (PyTypeObject *)rfh_patch_owner(kinds[i].module, kinds[i].name);
        if (type == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
            continue;
        }
        if (type == NULL) {
            rfh_freed_remove();
            return -1;
        }
        kinds[i].type = type;
        kinds[i].original = type->tp_dealloc;
        type->tp_dealloc = replacements[i];
    }
    return 0;
}

void rfh_freed_remove(void)
{
    for (int i = 0; i < KINDS; i++) {
        if (kinds[i].type)
            kinds[i].type->tp_dealloc = kinds[i].original;
        Py_CLEAR(kinds[i].type);
    }
}
