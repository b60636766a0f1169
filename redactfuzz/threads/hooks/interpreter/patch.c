#include "interpreter/patch.h"

#include <string.h>

PyObject *rfh_patch_owner(const char *module_name, const char *type)
{
    PyObject *module = PyImport_ImportModule(module_name), *owner = NULL;
    if (module && strcmp(type, "lock") == 0) { /* its type has another name in every version */
        PyObject *lock = PyObject_CallMethod(module, "allocate_lock", NULL);
        owner = lock ? Py_NewRef((PyObject *)Py_TYPE(lock)) : NULL;
        Py_XDECREF(lock);
    } else if (module) {
        owner = PyObject_GetAttrString(module, type);
    }
    Py_XDECREF(module);
    return owner;
}

static PyObject *find(const rfh_patch *patch)
{
    PyObject *owner = patch->type ? rfh_patch_owner(patch->module, patch->type) : PyImport_ImportModule(patch->module);
    PyObject *found = owner ? PyObject_GetAttrString(owner, patch->name) : NULL;
    Py_XDECREF(owner);
    return found;
}

PyMethodDef *rfh_patch_definition(PyObject *callable)
{
    if (PyCFunction_Check(callable))
        return ((PyCFunctionObject *)callable)->m_ml;
    if (Py_TYPE(callable) == &PyMethodDescr_Type)
        return ((PyMethodDescrObject *)callable)->d_method;
    return NULL;
}

int rfh_patch_apply(rfh_patch *table)
{
    for (rfh_patch *p = table; p->module; p++) {
        p->definition = NULL;
        PyObject *callable = find(p);
        if (callable == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
            continue;
        }
        PyMethodDef *definition = callable ? rfh_patch_definition(callable) : NULL;
        Py_XDECREF(callable);
        if (definition == NULL || definition->ml_flags != p->flags) {
            if (!PyErr_Occurred())
                PyErr_Format(PyExc_RuntimeError,
                             "%s.%s is not the builtin that redactfuzz knows: another tool has replaced it, or this "
                             "interpreter is not supported",
                             p->type ? p->type : p->module, p->name);
            rfh_patch_undo(table);
            return -1;
        }
        p->definition = definition;
        p->original = (void *)definition->ml_meth;
        definition->ml_meth = (PyCFunction)p->replacement;
    }
    return 0;
}

void rfh_patch_undo(rfh_patch *table)
{
    for (rfh_patch *p = table; p->module; p++) {
        if (p->definition)
            p->definition->ml_meth = (PyCFunction)p->original;
        p->definition = NULL;
    }
}
