/* Random numbers of the program: the same in each execution. */
#ifndef RFN_CHANCE_H
#define RFN_CHANCE_H

#include <stddef.h>

/* What getrandom() gives next, into the program's memory. */
void rfn_chance(void *bytes, size_t size);

#endif
