/* From what the interpreter does to scheduling points: shared by both sources. */
#ifndef RFH_POINTS_H
#define RFH_POINTS_H

#include "code/codes.h"
#include "state/execution.h"

/* A Python frame begins. Returns 0, or -1 with an exception set. */
int rfh_on_entry(rfh_thread *t, PyObject *code, rfh_code *table);
/* Instruction number `index` is about to run. */
int rfh_on_instruction(rfh_thread *t, PyObject *code, rfh_code *table, Py_ssize_t index);
/* The call that was just announced goes to `callable`; `first` is its first argument (`self` of a method) or NULL, `args`
 * the `count` arguments without `self`. count < 0: they are not known, and looked for where it matters (operands.py). */
int rfh_on_callee(rfh_thread *t, PyObject *callable, PyObject *first, PyObject *const *args, Py_ssize_t count);
/* The same for a call that no bytecode makes: of what a thread was started with. `args` may be NULL. */
int rfh_on_direct_call(rfh_thread *t, PyObject *callable, PyObject *args);

/* -- described executions: what each point was, for the explanation */
typedef struct rfh_seen {
    uint32_t step;
    uint16_t thread;
    uint8_t switchable;
    uint8_t passed; /* no point: a line that the step before it ran */
    int32_t index; /* of the instruction, -1: entry */
    PyObject *code; /* owned */
} rfh_seen;

/* Forgets what was described. */
void rfh_seen_clear(void);
/* List of (step, thread, site, code, index, switchable, passed). */
PyObject *rfh_seen_list(void);

/* Sets of callables that give up the interpreter lock: objects, types, and names of types. Borrowed by us. */
int rfh_points_set_releasing(PyObject *objects, PyObject *types);

#endif
