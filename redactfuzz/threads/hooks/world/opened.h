/* Flags, position and waiting bytes of descriptors, in one call: they are asked for before and after each execution. */
#ifndef RFH_OPENED_H
#define RFH_OPENED_H

#include <Python.h>

enum { RFH_PLACED = 1, RFH_STREAM = 2 }; /* what is asked of one besides its flags */

extern PyMethodDef rfh_opened_methods[]; /* for the module: see _hooks.pyi */

#endif
