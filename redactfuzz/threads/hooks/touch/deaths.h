/* Objects that die, and code that runs by that.
 *
 * Which thread lets go of an object last is no order that is seen, so code that runs where one dies comes without notice: nothing that was
 * reported is believed any more then (touch/touch.h). What all threads of a scenario hold dies where the last of them ends. In a reduction
 * that is put off to the end of an execution, where it is seen whether any code of the program runs by it; unless what is not known was
 * called, and may have asked what is alive.
 */
#ifndef RFH_DEATHS_H
#define RFH_DEATHS_H

#include "code/stack.h"
#include "state/execution.h"

/* A thread lets go of what it has called, or of what that gave (NULL: nothing; steals it). In a reduction it does not die before the
 * execution ends, unless the program may ask what is alive. */
void rfh_let_go_of(rfh_thread *t, PyObject *object);
/* In the last thread: lets go of it. */
void rfh_let_go_of_kept(rfh_thread *t);
/* The same where no thread of the scenario is left. */
void rfh_forget_kept(void);
/* An execution begins. */
void rfh_deaths_begin(void);
/* Whether deaths were put off in it that must not be, as came out since: it is none of the program's, and what went wrong in it may be due to
 * that. The reduction begins again, and lets things die at once. */
int rfh_kept_in_vain(void);
/* Is it C code that is called, of which no beginning is seen? */
int rfh_is_unseen(PyObject *callable);
/* Before the threads run: callbacks of weak references, and finalizers, which are such code, are looked for among all objects. */
void rfh_look_for_unseen(void);
/* Does the standard library take what has died out of a list of its own there? Nobody sees when, but who counts what has died. */
int rfh_only_tidies(PyObject *code, const rfh_frame *frame);
/* The thread stands in such code. */
int rfh_is_tidying(rfh_thread *t, const rfh_frame *now);

int rfh_deaths_install(void);
void rfh_deaths_remove(void);

#endif
