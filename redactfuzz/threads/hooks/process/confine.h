/* Where the threads of a scenario may write. Beneath Python, by the kernel: what C code or a child of theirs does is held as well. */
#ifndef RFH_CONFINE_H
#define RFH_CONFINE_H

#include <Python.h>

/* What the kernel can keep a thread from, by bit. */
enum { RFH_HOLDS_FILES = 1, RFH_HOLDS_SIGNALS = 2 };

/* The calling thread, and whatever it starts, is kept to what `_hooks.confine` has set, for good. Needs no GIL. */
void rfh_confine_me(void);
/* Whether a thread since the last `_hooks.confine` could not be kept. */
int rfh_confine_failed(void);
/* Whether anything is kept now. */
int rfh_confine_wanted(void);
/* Whether what is refused to threads that are not controlled counts as well. */
int rfh_confine_everybody(void);
/* Something was refused in this execution: what it does after that, it would not do elsewhere. Children that die leave this as well. */
void rfh_confine_refused(int is);
int rfh_confine_was_refused(void);
/* The audit hook reports what a thread that is not controlled has made with tempfile. 0, or -1 with an exception. */
int rfh_confine_made(PyObject *args);
/* Of a thread that is not controlled: whether the explorer, while it runs code of the scenario, may do this. 0, or -1 as above. */
int rfh_confine_rest(const char *event, PyObject *args);
/* What changes files, by the name of its audit event. `open` only where it would write. */
int rfh_confine_changes(const char *event, PyObject *args);

int rfh_confine_init(PyObject *module);

#endif
