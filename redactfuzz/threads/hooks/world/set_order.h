/* In which order a set is gone through in an execution: see sets.h. */
#ifndef RFH_SET_ORDER_H
#define RFH_SET_ORDER_H

#include <Python.h>

/* Whether its hash is another one in other processes: that of a text, or of what holds one; an address; what a function in Python makes. */
int rfh_hashes_anew(PyObject *item);

/* A list of the items of a set that has several orders, which is noted. NULL, without an exception, where it is in the one that it has. */
PyObject *rfh_set_in_order(PyObject *set);

#endif
