/* The interpreter lock is given up by C code, whoever called it and however deep: seen at PyEval_SaveThread itself. */
#ifndef RFH_RELEASE_H
#define RFH_RELEASE_H

#include <Python.h>

#include "state/execution.h"

int rfh_release_install(void);
void rfh_release_remove(void);
/* Tells of a release that was seen too late (t->dropped). The GIL is held. */
void rfh_announce_dropped(rfh_thread *t);
/* Did C code do so before, in what was done at this site? */
int rfh_has_released(uint64_t site);

extern PyMethodDef rfh_release_methods[]; /* for the module: see _hooks.pyi */

#endif
