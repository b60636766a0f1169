/* Names of sites: module, function and place, the same in every process and, for calls, on every interpreter. */
#ifndef RFH_NAMING_H
#define RFH_NAMING_H

#include <Python.h>
#include <stdint.h>

#define RFH_HASH_BASIS 0xcbf29ce484222325u /* of FNV-1a, 64 bit */

typedef struct rfh_naming {
    char module[256];
    const char *function;
    int first_line;
    uint64_t prefix; /* hash of module and function */
    PyObject *owner; /* keeps `function` alive; give it up after use */
} rfh_naming;

/* FNV-1a over a text and its NUL byte. */
uint64_t rfh_hash_text(uint64_t hash, const char *text);
/* Fills `n`; 0, or -1 with an exception set. */
int rfh_name_code(PyCodeObject *code, rfh_naming *n);
/* Number of the site `place` in the function that `n` names; never 0. */
uint64_t rfh_site_hash(const rfh_naming *n, const char *place);
/* "+LINE:COLUMN-COLUMN" relative to the function's first line; "+LINE:with" for what enters or leaves a `with` block. */
void rfh_place_of_call(PyCodeObject *code, const rfh_naming *n, Py_ssize_t index, int with, char *out, size_t size);
int rfh_is_comprehension(const char *function);
/* Remembers which function the comprehensions among the constants of `code` belong to. 0, or -1 with an exception. */
int rfh_note_comprehensions(PyCodeObject *code, int first_line, const char *qualname);
int rfh_naming_init(void);

#endif
