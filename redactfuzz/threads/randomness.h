/* The module `random` begins every execution in the same state.
 *
 * Seeding a Mersenne Twister costs as much as handing over to another thread, and most scenarios never draw: it is
 * done again only after somebody has drawn, seeded or restored a state.
 */
#ifndef RFH_RANDOMNESS_H
#define RFH_RANDOMNESS_H

#include <Python.h>

int rfh_randomness_install(void); /* 0, or -1 with an exception set */
void rfh_randomness_remove(void);

/* Brings `random` to the state that random.seed(seed) gives. 0, or -1 with an exception set. */
int rfh_reseed(PyObject *seed);

#endif
