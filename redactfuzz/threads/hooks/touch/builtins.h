/* Builtin functions and methods, and what each of them touches. */
#ifndef RFH_BUILTINS_H
#define RFH_BUILTINS_H

#include "touch/calls.h"

/* `call->args` are all arguments but `self`, which is that of a method or NULL. 0: it is not known. */
typedef int (*rfh_footprint)(rfh_call *call);

typedef struct rfh_builtin {
    const char *module, *type, *name; /* type NULL: a function; "lock": that of plain locks */
    rfh_footprint touches;
    PyMethodDef *definition;          /* filled when a batch begins; NULL: this interpreter has no such thing */
} rfh_builtin;

extern rfh_builtin rfh_builtins[]; /* ends with a NULL module */
/* It may change what it is given, or what it is a method of. (What a clock shows is neither.) */
int rfh_changes_something(const rfh_builtin *row);

#endif
