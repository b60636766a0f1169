/* Keys of pthread_key_create. */
#ifndef RFN_SPECIFIC_H
#define RFN_SPECIFIC_H

#include "schedule/fiber.h"

/* The constructors of the program have run. */
void rfn_keys_loaded(void);
/* A new execution. */
void rfn_keys_reset(void);
/* A new thread: main begins with what constructors set. */
void rfn_keys_begin(rfn_fiber *fiber);
/* The current thread ends: destructors, up to four rounds. */
void rfn_keys_end(void);

#endif
