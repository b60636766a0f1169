/* Replacing what a builtin does, for every reference to it at once.
 *
 * Builtin functions and methods reach their C code through a PyMethodDef that all references share: bound methods
 * made earlier, names imported with `from ... import`, and specialised call instructions included. Its function
 * pointer is what we change, and put back.
 */
#ifndef RFH_PATCH_H
#define RFH_PATCH_H

#include <Python.h>

typedef struct rfh_patch {
    const char *module; /* "_thread" */
    const char *type;   /* type in it, or NULL for a function; "lock" stands for the type of a lock */
    const char *name;
    int flags;          /* METH_*: what the replacement expects; another value is refused */
    void *replacement;
    void *original;     /* filled by rfh_patch_apply */
    PyMethodDef *definition;
} rfh_patch;

/* Applies all entries of a table that ends with a NULL module. Entries that this Python does not have are left out.
 * Returns 0, or -1 with an exception set (nothing stays patched). */
int rfh_patch_apply(rfh_patch *table);
void rfh_patch_undo(rfh_patch *table);

/* The type `type` of a module, "lock" for that of plain locks. New reference, or NULL with an exception set. */
PyObject *rfh_patch_owner(const char *module_name, const char *type);
/* The record of a builtin function or method; NULL where it is none. */
PyMethodDef *rfh_patch_definition(PyObject *callable);

#endif
