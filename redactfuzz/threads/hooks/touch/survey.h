/* An execution that is looked through (`rfh.surveys`): which files touch what several threads share, or a secret, and how many scheduling
 * points each has. A call of code in the others can be one step: see trace/focus.h. */
#ifndef RFH_SURVEY_H
#define RFH_SURVEY_H

#include "state/execution.h"

/* Before such an execution: nothing is known. */
void rfh_survey_begin(void);
/* Whether what the thread does comes before all that others do: the scenario's body, unless it has started a thread itself. */
int rfh_survey_is_alone(const rfh_thread *t);
/* The thread runs code of this file. `point`: it is at a call, or enters a function. */
void rfh_survey_in(const rfh_thread *t, PyObject *filename, int point);
/* It touches this place of an object: see rfh_touch. */
void rfh_survey_touch(uint8_t kind, PyObject *object, uint32_t place);
/* It has this at hand (or NULL): it may be a secret, or hold one, so many references away (a builtin container is none); a lock is one
 * that it takes or gives back. */
void rfh_survey_value(PyObject *value, int deep);
/* What becomes of that is not known: it may be changed, and what it refers to. */
void rfh_survey_unknown(PyObject *value);

/* Of Python: see _hooks.pyi. */
PyObject *rfh_survey_secret(PyObject *module, PyObject *args);
PyObject *rfh_survey_result(PyObject *module, PyObject *ignored);

#endif
