/* Chance follows the number of the execution, as canaries do: in controlled threads a generator of the module `random` begins
 * every execution in a state that follows from it, and so does the stream that stands for the system's chance (os.urandom,
 * and with it uuid4, secrets, SystemRandom; getrandom of libc; a generator that is seeded without a seed). All other threads
 * get the real one. The numbers of the process and of its threads are the real ones as well, and only reported where code asks for
 * them that is not of the standard library (which writes them into every record of a log). That it was drawn is reported, since another outcome is another program.
 */
#ifndef RFH_RANDOMNESS_H
#define RFH_RANDOMNESS_H

#include <Python.h>

/* Bits of rfh.drawn. */
enum { RFH_DRAWN_GENERATOR = 1, RFH_DRAWN_SYSTEM = 2, RFH_DRAWN_IDENTITY = 4 };

int rfh_randomness_install(void); /* 0, or -1 with an exception set */
void rfh_randomness_remove(void);

extern PyMethodDef rfh_randomness_methods[]; /* for the module: see _hooks.pyi */

#endif
