/* What every instruction of a code object means for scheduling, worked out once for each code object. */
#ifndef RFH_CODES_H
#define RFH_CODES_H

#include <Python.h>
#include <stdint.h>

#include "choices/event.h"

enum rfh_code_flag {
    RFH_CALL = 1u,       /* calls something: a point at every granularity but SWITCHES */
    RFH_AFTER_CALL = 2u, /* the instruction after a call: the interpreter can switch here when the callee was C */
    RFH_BACKWARD = 4u,   /* a backward jump: the interpreter can switch here */
    RFH_EFFECT = 8u,     /* reads or writes what another thread or a dump can see: a point at INSTRUCTIONS */
    RFH_RETURN = 16u,    /* leaves the frame */
    RFH_CLEANUP = 64u,   /* the call of __exit__ at the end of a `with` block: no exception may replace it */
    RFH_WITH = 128u,     /* enters or leaves a `with` block: named by its line, the columns differ between versions */
    RFH_LOCAL = 32u,     /* the effect is on a local: only a dump can see it */
};

/* What `argument` of a backward jump says about its loop. */
enum rfh_loop_flag {
    RFH_LOOP_WRITES = 1u,   /* it stores or calls something */
    RFH_LOOP_ITERATES = 2u, /* it takes one thing after the other from an iterator */
};

typedef struct rfh_instruction {
    uint64_t site;
    uint32_t name;  /* of the attribute, global or cell: a stable hash, 0 where there is none; of a backward jump: where to */
    uint8_t flags;  /* rfh_code_flag */
    uint8_t kind;   /* rf_kind */
    uint8_t opcode; /* before any specialisation */
    uint8_t argument; /* its last byte; of a backward jump: rfh_loop_flag */
} rfh_instruction;

typedef struct rfh_code {
    uint64_t entry; /* site of the function's entry */
    PyObject *code; /* borrowed: it frees the table */
    struct rfh_code *next, *previous; /* of all tables: see found.h */
    int32_t ours;   /* code of this package: never a point */
    int32_t inlined; /* a comprehension's function (3.11), which later versions inline: its entry is no point */
    int32_t watched; /* sys.monitoring: number of the installation in which local events were set */
    int32_t cleanup; /* __exit__, release and the like: an exception in their midst would leave a lock held */
    int32_t machinery; /* of threads, queues, futures and weak references in the standard library: what they do between an
                          event and its notification fails in no real program, and would leave others waiting for good */
    int32_t loop;    /* runs an event loop */
    uint8_t origin;  /* rf_origin */
    uint8_t outside; /* of the focus; as of */
    uint8_t place;   /* inside of it: the number of the place that it lies in */
    uint32_t focus;  /* this number of one: see focus.h */
    int32_t count;
    PyObject *depths;   /* bytes: how deep the evaluation stack is before each instruction; NULL: nobody has asked */
    rfh_instruction at[];
} rfh_code;

int rfh_codes_init(void);
/* The table that was made last; the others follow. */
rfh_code *rfh_codes_met(void);
/* Directory of this package: its code is ours. Keeps no reference. */
int rfh_codes_set_home(PyObject *directory);
/* The table of a code object; built on first use, freed with the code object. NULL with an exception on failure. */
rfh_code *rfh_code_of(PyObject *code);
int rfh_is_library(PyCodeObject *code); /* of the standard library */
/* The whole argument of an instruction that is no backward jump: those in front of it (EXTENDED_ARG) have its upper bytes. */
int rfh_argument_of(const rfh_code *table, Py_ssize_t index);
/* Number of a name, the same in every process; odd. 0: it is no text, or none that has an encoding. */
uint32_t rfh_name_number(PyObject *text);
uint64_t rfh_site_of_start(PyObject *thread_name);
/* Of Python: names of the files of all code that controlled threads have run in this process, but for ours. */
PyObject *rfh_files_met(PyObject *module, PyObject *ignored);
/* The name of a site: (module, function, place) as a tuple. `index` < 0: the entry. */
PyObject *rfh_site_name(PyObject *code, Py_ssize_t index);

#endif
