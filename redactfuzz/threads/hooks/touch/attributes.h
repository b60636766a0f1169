/* What reading and changing an attribute touches: the object, its dictionary where there is one, and the types that it is looked up in. */
#ifndef RFH_ATTRIBUTES_H
#define RFH_ATTRIBUTES_H

#include <Python.h>
#include <stdint.h>

/* `code`: the Python code that runs for it (borrowed). 0: what it touches is not known. */
int rfh_reads_attribute(PyObject *owner, PyObject *name, void **code);
/* Stores a value, or deletes it (NULL). */
int rfh_changes_attribute(PyObject *owner, PyObject *name, PyObject *value, void **code);
/* The dictionary of an object is handed over: others may read and change attributes by it. */
int rfh_hands_over_attributes(PyObject *owner);
/* super(from, object).name */
int rfh_reads_super(PyObject *from, PyObject *object, PyObject *name);

#endif
