/* The module `random` begins every execution in the same state, and controlled threads draw the system's chance (os.urandom,
 * and with it uuid4, secrets, SystemRandom; a generator that is seeded without a seed) from a stream that is the same under the
 * same schedule. All other threads get the real one.
 *
 * Seeding a Mersenne Twister costs as much as handing over to another thread, and most scenarios never draw: it is
 * done again only after somebody has drawn, seeded or restored a state.
 */
#ifndef RFH_RANDOMNESS_H
#define RFH_RANDOMNESS_H

#include <Python.h>

int rfh_randomness_install(void); /* 0, or -1 with an exception set */
void rfh_randomness_remove(void);

/* Brings `random` to the state that random.seed(seed) gives; the stream of the system's chance is that of `seed` too. 0, or -1 with an exception set. */
int rfh_reseed(PyObject *seed);

#endif
