/* What is known of values: which never change, and what is read of the containers that do. */
#ifndef RFH_VALUES_H
#define RFH_VALUES_H

#include <Python.h>
#include <stdint.h>

/* What stands in front of the routine under test (trace/redactor.h). */
int rfh_is_redactor(PyObject *object);
/* A value of a builtin type that nobody can change, and of which no Python code is asked anything. */
int rfh_is_plain(PyObject *object);
/* It hashes and compares without Python code, and the same all the while. */
int rfh_is_still(PyObject *object);
/* The keys of a dictionary are all still: nobody is asked where one is looked up. */
int rfh_has_still_keys(PyObject *dict);
/* Reads a container, and the containers in it, as a comparison or a repr does. 0: of something in it that is not known. */
int rfh_reads(PyObject *object);
/* Reads a container from one end to the other, and asks its members nothing. 0: that is not known of it. */
int rfh_goes_through(PyObject *object);
/* The same of a list, tuple or set, whose members are compared with something, and are all still. */
int rfh_goes_through_still(PyObject *object);
/* Is it true? As rfh_reads; `code`: the Python code that is asked (borrowed). */
int rfh_reads_truth(PyObject *object, void **code);
int rfh_reads_length(PyObject *object, void **code);
/* The next value of an iterator that has so many references, all of which are those of whoever asks. */
int rfh_advances(PyObject *iterator, Py_ssize_t references, void **code);
/* x[key], key in x (RF_READ); x[key] = value, del x[key] (RF_WRITE). */
int rfh_touches_item(uint8_t kind, PyObject *container, PyObject *key, void **code);
/* The same of x[key] = value, and of del x[key] (NULL), where others move up. */
int rfh_stores_item(PyObject *container, PyObject *key, PyObject *value, void **code);
int rfh_contains(PyObject *container, PyObject *key, void **code);

/* The code of a function in Python that is no code of ours (borrowed); NULL: it is none. */
void *rfh_code_called(PyObject *callable);
/* The same of a method that the type of an object defines in Python. */
void *rfh_code_of_method(PyObject *object, const char *name);

#endif
