/* Alternate stacks of signal handlers: they lie in memory of the program's that is nobody's stack otherwise. */
#ifndef RFN_ALTERNATE_H
#define RFN_ALTERNATE_H

#include <stddef.h>
#include <stdint.h>

#include "state/fibers.h"

/* Whether the program itself could write to all of it; what is no memory of the program counts as such. */
int rfn_can_be_written(uintptr_t start, size_t size);
/* Before memory is searched or put back, and before the stack is given up: what handlers left on it, with hooks or without, was
 * written. */
void rfn_alternate_left(const rfn_fiber *fiber);
void rfn_alternates_left(void);

#endif
