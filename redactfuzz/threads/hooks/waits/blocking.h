/* Functions of libc that block: in C code that has given up the interpreter lock they hand over, and take virtual time. */
#ifndef RFH_BLOCKING_H
#define RFH_BLOCKING_H

#include <semaphore.h>
#include <stdint.h>

#include "interpreter/interpose.h"

extern const rfh_import rfh_blocking[];

/* C code sleeps. Where it holds the interpreter lock nobody could run meanwhile: the step takes that long. */
void rfh_sleeps(uint64_t nanoseconds);

/* Takes a semaphore where the running thread may hand over, within `nanoseconds` if `timed` is not RFH_FOR_EVER. */
int rfh_wait_semaphore(sem_t *semaphore, uint64_t nanoseconds, int timed);

#endif
