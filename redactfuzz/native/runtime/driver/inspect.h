/* Searches an execution's dumps. */
#ifndef RFN_INSPECT_H
#define RFN_INSPECT_H

#include <stdint.h>

#include "state/found.h"

/* Searches the memory (when the process was killed) and the files of the execution that has ended. */
void rfn_inspect(void);

#endif
