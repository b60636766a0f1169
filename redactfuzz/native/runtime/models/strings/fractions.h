/* What models of functions that give a fraction share with those that do not. */
#ifndef RFN_FRACTIONS_H
#define RFN_FRACTIONS_H

#include <stdint.h>
#include <stdlib.h>

/* The event; and the state. */
struct drand48_data *rfn_reals(uintptr_t site);

#endif
