/* Searches an execution's dumps. */
#ifndef RFN_INSPECT_H
#define RFN_INSPECT_H

#include <stdint.h>

#include "state/found.h"

/* Searches the memory (when the process was killed) and the files of the execution that has ended. */
void rfn_inspect(void);
/* Whether memory, as it is now, shows what is not allowed. Changes nothing but rfn_found. */
int rfn_shows(void);
/* The same of the bytes around `address`, which the program may write to. */
int rfn_shows_at(uintptr_t address);

#endif
