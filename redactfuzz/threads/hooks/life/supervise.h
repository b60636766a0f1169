/* The explorer while an execution runs: it waits, and gives up what does not come back. */
#ifndef RFH_SUPERVISE_H
#define RFH_SUPERVISE_H

#include <Python.h>

/* Waits for the end of the execution. Returns 0, or -1 with an exception set (a signal handler raised). */
int rfh_supervise(PyThreadState *ts, double hang_seconds, int *interrupted);

#endif
