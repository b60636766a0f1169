/* What models of functions that give a fraction share with those that do not. */
#ifndef RFN_REALS_H
#define RFN_REALS_H

#include <stdint.h>
#include <stdlib.h>

extern struct drand48_data rfn_reals;
/* The event; and the state is there. */
void rfn_reals_begin(uintptr_t site);

#endif
