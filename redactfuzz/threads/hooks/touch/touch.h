/* What the steps of threads touch, for partial order reduction (reduce/reduce.h).
 *
 * A step announces nothing. Each of its instructions reports what it reads and changes as the thread comes to it, and an instruction of
 * which that is not known reports everything. Whoever looks at everything sees each step of each thread: where threads stand,
 * their locals, and what they have let go of.
 */
#ifndef RFH_TOUCH_H
#define RFH_TOUCH_H

#include "state/execution.h"

enum {
    RFH_ALL_OF_IT = 0, /* places in an object: the whole of it, */
    RFH_ORDER = 2,     /* which keys a dictionary has, and in which order */
    RFH_LENGTH = 4,    /* how long a list is */
    RFH_FIRST_ITEM = 8, /* its items; names are odd: rfh_name_number */
};

/* The last step has touched everything. `what` did it (borrowed, NULL: nobody knows): it is counted by its name. */
void rfh_touch_all(PyObject *what);
/* The same, where the thread has come further since its last point. */
void rfh_touch_all_at(PyObject *what, uint64_t site);
/* It has read, or changed (RF_READ, RF_WRITE), this place of an object. 0: the object has no number: see touch/identity.h. */
int rfh_touch(uint8_t kind, PyObject *object, uint32_t place);
/* What it did matters to how the process ends, if it does (RF_READ): a thread waits now, or has ended with a lock. Or it is about to end,
 * or comes to its end (RF_WRITE): who has to wait then is part of the schedule. */
void rfh_touch_death(uint8_t kind);
/* It looks at what is allowed in dumps now, or changes that. */
void rfh_touch_allowed(uint8_t kind);
/* It looks at a clock, which goes on by that. */
void rfh_touch_clock(void);
/* All that a value holds is looked at. */
void rfh_touch_handed_over(PyObject *value);
/* A thread goes on. */
void rfh_step_begins(rfh_thread *t);
/* A thread joins those that run, or leaves them. */
void rfh_touch_threads(void);
/* Is that where a thread is found by its number, and the number its own (threading.current_thread)? Nobody else puts it there, or takes it away. */
int rfh_is_own_entry(PyObject *dict, PyObject *key);
/* A bug that is told: of several the first is. */
void rfh_touch_bug(PyObject *thread);
/* The program sees in which order threads began and ended: from now on that is part of each schedule. */
void rfh_touch_lists_threads(void);
/* What threads can reach has its numbers before they run. */
void rfh_touch_reach(void);
/* What the steps of executions touched so far was not all: from now on each touches everything, and a search begins anew. `what` showed that
 * (borrowed): it is counted by its name. */
void rfh_distrust(PyObject *what);
/* Was that said? */
int rfh_distrusts(void);
/* Whether the program may ask what is alive: from then on what threads hold dies in its time. */
int rfh_asks_what_lives(void);

/* Around a batch. */
int rfh_touch_install(void);
void rfh_touch_remove(void);
/* Before each execution. */
void rfh_touch_begin(void);
/* Dict (site, name): how often what is called so has touched everything there, since the batch began. */
PyObject *rfh_touch_unknown(PyObject *module, PyObject *ignored);

#endif
