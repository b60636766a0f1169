/* The focus: code in whose midst threads are stopped. A call of any other is one step, but for what blocks in it. It is said which code
 * that is, or, turned round, which it is not. */
#ifndef RFH_FOCUS_H
#define RFH_FOCUS_H

#include "code/codes.h"
#include "state/execution.h"

enum {
    RFH_PLACES = 64,          /* of a focus at most */
    RFH_OUTSIDE_PASSES = 50000, /* of loops and entries outside of the focus, before one hands over: it may wait for somebody */
};

extern uint32_t rfh_focus; /* number of the focus, another one for each; 0: there is none */

/* The focus of the next execution: a tuple of files, and of folders with `/` at their ends; `aside`: all code but theirs. Empty: all
 * code. Returns 0, or -1 with an exception set. */
int rfh_focus_set(PyObject *places, int aside);
/* Works out whether the code is outside of it. */
void rfh_focus_look(PyObject *code, rfh_code *table);

static inline int rfh_is_outside(PyObject *code, rfh_code *table)
{
    if (rfh_focus == 0)
        return 0;
    if (table->focus != rfh_focus)
        rfh_focus_look(code, table);
    return table->outside;
}

#endif
