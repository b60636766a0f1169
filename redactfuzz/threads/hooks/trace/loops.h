/* Loops that are long. Once an execution has many steps, a loop that was passed often has no points of its own any more: it
 * hands over now and then, so that whoever it waits for can come, and only what no thread can get out of is a bug.
 */
#ifndef RFH_LOOPS_H
#define RFH_LOOPS_H

#include "code/codes.h"
#include "state/execution.h"

enum {
    RFH_PASSES = 5000,          /* of one loop, before it can be long */
    RFH_MANY_STEPS = 100000,    /* of an execution, before its loops are */
    RFH_MOST_STEPS = 150000,    /* beyond these, any loop of */
    RFH_FEW_PASSES = 50,        /* passes is */
    RFH_COARSE = 100,           /* passes of a long loop from one of its points to the next, */
    RFH_COARSER = 10000,        /* and beyond RFH_MANY_PASSES */
    RFH_MANY_PASSES = 1000000,
    RFH_VAIN = 150000,          /* passes of loops in which nothing is written, nobody doing anything else: they spin */
    RFH_ENDLESS = 5000000,      /* the same of any loops */
    RFH_INSIDE = 20000,         /* instructions in one pass of a long loop that have no points at most */
};

typedef enum rfh_pass { RFH_PASS_POINT = 0, RFH_PASS_NONE, RFH_PASS_HANDS_OVER } rfh_pass;

/* The running thread passes a backward jump, or enters a function (index < 0): is it a point? */
rfh_pass rfh_pass_of(rfh_thread *t, PyObject *code, const rfh_code *table, Py_ssize_t index);
/* A function with such a loop has returned: elsewhere than in the same function, which may have called itself, there are
 * points again. */
static inline void rfh_come_back(rfh_thread *t, PyObject *code)
{
    if (t->left_loop && (void *)code != t->loop_code)
        t->inside = 0;
    t->left_loop = 0;
}
/* It stands at an instruction: outside of the loop that has no points, there are points again. */
static inline int rfh_in_long_loop(rfh_thread *t, PyObject *code, Py_ssize_t index, int returns)
{
    rfh_come_back(t, code);
    if (t->inside == 0)
        return 0;
    t->inside--;
    if ((void *)code == t->loop_code) {
        if (index < t->loop_from || index > t->loop_to)
            t->inside = 0;
        t->left_loop = (uint8_t)returns;
    }
    return 1;
}
/* A long loop, or one without points at this granularity, was passed `t->since` times since its last point: it hands over.
 * Returns 0, or -1 with an exception set. */
int rfh_hands_over(rfh_thread *t, PyObject *code, const rfh_instruction *at, Py_ssize_t index);

#endif
