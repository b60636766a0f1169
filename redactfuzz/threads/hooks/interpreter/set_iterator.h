/* Goes through a set in an order that is not that of its table. Ends as Python's own iterator does where the set has another size by now. */
#ifndef RFH_SET_ITERATOR_H
#define RFH_SET_ITERATOR_H

#include <Python.h>

extern PyTypeObject rfh_set_iterator_type; /* PyType_Ready comes before its use */

/* `items`: those of the set, in that order. Steals the reference to them. New reference, or NULL with an exception set. */
PyObject *rfh_set_iterator(PyObject *set, PyObject *items);

#endif
