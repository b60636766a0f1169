/* The redactor under test, wrapped so that it can be counted and bypassed and leaves no frame of ours on the stack. */
#ifndef RFH_REDACTOR_H
#define RFH_REDACTOR_H

#include <Python.h>

extern PyTypeObject rfh_redactor_type;

#endif
