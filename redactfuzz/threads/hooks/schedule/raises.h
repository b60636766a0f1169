/* Which exceptions come of nothing but a wait that the schedule let come to its limit while others could go on.
 *
 * Such a one is raised where the wait or the sleep was made or by who called that, and as a time-out of the machine would raise it: by
 * a `raise` there (`assert done.wait(30)`, or at the end of a loop that polls), or by the call that waited. What a function that was
 * called since raises is none: it did more than wait. Nor is what is raised after a wait that brought what it waited for.
 */
#ifndef RFH_RAISES_H
#define RFH_RAISES_H

#include "code/codes.h"
#include "state/execution.h"

/* The wait of `t` has come to its limit; `early`: the default order had others go on. */
void rfh_expired(rfh_thread *t, int early);
/* It has called a function of Python, which has just begun. */
void rfh_calls_after_expiry(rfh_thread *t);
/* An exception comes up in a frame, at instruction number `index`; `traceback` begins with that frame. */
void rfh_on_raise(const rfh_thread *t, const rfh_code *table, Py_ssize_t index, PyObject *error, PyObject *traceback);
/* Was this one raised so? */
int rfh_came_of_expiry(PyObject *error);

/* Of Python: list of (step, seconds, whether it was a sleep), of the first waits that came to their limit so. */
PyObject *rfh_early_list(PyObject *module, PyObject *ignored);

#endif
