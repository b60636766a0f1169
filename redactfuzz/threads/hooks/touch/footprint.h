/* What one instruction is about to touch. */
#ifndef RFH_FOOTPRINT_H
#define RFH_FOOTPRINT_H

#include "code/codes.h"
#include "state/execution.h"

/* The thread has come to an instruction: what it was in the middle of is over, unless this is Python code that it runs. */
void rfh_touch_arrives(rfh_thread *t);
/* Nothing of the instruction has happened yet, and nothing but it happens next. */
void rfh_touch_instruction(rfh_thread *t, rfh_code *table, Py_ssize_t index);
/* A Python frame begins. */
void rfh_touch_entry(rfh_thread *t, PyObject *code);

typedef struct rfh_doing {
    void *frame, *expects;
    uint8_t unknown;
} rfh_doing;

/* Around a call of the program's code that no instruction makes. */
rfh_doing rfh_touch_will_call(rfh_thread *t, PyObject *callable);
void rfh_touch_has_called(rfh_thread *t, rfh_doing before);

#endif
