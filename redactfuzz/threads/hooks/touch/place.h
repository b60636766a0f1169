/* The instruction at which a frame is, and what lies on its evaluation stack. */
#ifndef RFH_PLACE_H
#define RFH_PLACE_H

#include "code/codes.h"
#include "code/stack.h"

typedef struct rfh_place {
    rfh_frame *frame;
    PyCodeObject *code;
    const rfh_instruction *at;
    int arg;
    int depth;        /* of the evaluation stack; -1: not known */
    void *runs;       /* set to the Python code that the instruction runs, */
    int takes;        /* and to what becomes of what that gives, if the instruction goes on with it: drains.h */
    PyObject *blame;  /* set to what is called (borrowed) */
} rfh_place;

/* Number `k` from the top, the top itself is 1 (borrowed); NULL: there is none, or it is not known. */
static inline PyObject *rfh_top(const rfh_place *p, int k)
{
    return k > p->depth ? NULL : rfh_object_in(p->frame->localsplus[p->code->co_nlocalsplus + p->depth - k]);
}

/* How many of the frame's own variables are this object: only the code of the frame goes on with it by these. On 3.14 the stack borrows what
 * variables hold, so that their references and its own are not told apart. */
static inline Py_ssize_t rfh_held_by_variables(const rfh_place *p, const PyObject *object)
{
    Py_ssize_t found = 0;
    for (int i = 0; PY_VERSION_HEX < 0x030e0000 && i < p->code->co_nlocalsplus; i++)
        found += rfh_object_in(p->frame->localsplus[i]) == object;
    return found;
}

/* What the instruction touches is known, and was reported: operators, */
int rfh_touches_operator(rfh_place *p);
int rfh_touches_comparison(const rfh_place *p);
int rfh_touches_slice(const rfh_place *p, uint8_t kind);
int rfh_touches_truth(rfh_place *p);
/* raise, raise x */
int rfh_touches_raise(const rfh_place *p);
/* yield, and the end of a generator; 1 in other code */
int rfh_touches_own_generator(const rfh_place *p);
/* the beginning and the next pass of a loop, */
int rfh_touches_loop(rfh_place *p);
int rfh_touches_pass(rfh_place *p);
/* and `count` keys of what is being made, of which the first is number `from` from the top. */
int rfh_touches_new_keys(const rfh_place *p, int from, int step, int count);

#endif
