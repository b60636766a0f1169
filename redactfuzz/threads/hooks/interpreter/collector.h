/* The garbage collector is off while executions run: when it came by would follow from all that was ever made. It comes by when a
 * thread ends, and a crash handler, so that finalizers of cycles are part of what the execution does. A program that asks, or
 * turns it off and on, sees what it would see without us.
 */
#ifndef RFH_COLLECTOR_H
#define RFH_COLLECTOR_H

#include "state/execution.h"

int rfh_collector_install(void); /* 0, or -1 with an exception set */
void rfh_collector_remove(void);
void rfh_collector_begin(void); /* before an execution */
/* The running thread is at the end of what it does: what the execution has made and nobody can reach any more is let go. Finalizers
 * run under control, as code of the program; `settle` ends what was raised in one of them by a crash (rfh_settle). */
void rfh_collect(rfh_thread *t, void (*settle)(rfh_thread *t));
/* In a child, to know what its finalizers change: executions leave what nobody can reach. These are for a table of methods. */
PyObject *rfh_leave_garbage(PyObject *module, PyObject *ignored);
/* After an execution: what unwound threads have left, and now and then what several have. */
PyObject *rfh_collect_rest(PyObject *module, PyObject *ignored);
PyObject *rfh_collect_between(PyObject *module, PyObject *ignored);

#endif
