/* The meaning of each opcode, by name, since the numbers differ between versions. */
#ifndef RFH_MEANINGS_H
#define RFH_MEANINGS_H

#include <Python.h>
#include <stdint.h>

typedef struct rfh_meaning {
    uint8_t flags, kind; /* rfh_code_flag, rf_kind */
} rfh_meaning;

extern rfh_meaning rfh_meanings[256];
void rfh_meanings_init(void);

int rfh_is_subscript(int op, int arg); /* x[i], and what stores, deletes and tests there */
int rfh_is_in_place(int op, int arg);  /* x += i and its like: reads and writes */
/* Enters a `with` block: an instruction of its own up to 3.13, then the call of what LOAD_SPECIAL has found. */
int rfh_enters_with_block(int op, int last_op);
/* The call at `index` is that of __exit__ at the end of the block. */
int rfh_leaves_with_block(PyCodeObject *code, const uint8_t *units, Py_ssize_t index, int arg);
/* A call without arguments at `index` that only runs a comprehension or a generator expression, which is no step of its own. */
int rfh_runs_generator(PyCodeObject *code, const uint8_t *units, Py_ssize_t index, int last_op);
/* Whether the interpreter can switch right after it, when what it called was C. */
int rfh_switches_after(int op, int flags);
/* RESUME at the start of a generator expression (3.15): it is made there, and runs later. */
int rfh_only_makes(int op, int arg);

#endif
