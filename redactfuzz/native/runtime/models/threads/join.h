/* Starting threads and waiting for their end, for C11 and C++. */
#ifndef RFN_JOIN_H
#define RFN_JOIN_H

#include <pthread.h>
#include <stdint.h>

#include "schedule/fiber.h"

/* 0 or EAGAIN. `really`: the program's function, where `start` is one of ours that calls it; kept in the control block.
 * `stack_size`: 0 for the usual one. */
int rfn_thread_create(pthread_t *handle, int detached, void *(*start)(void *), void *argument, void *really, size_t stack_size,
                      uintptr_t site);
/* 0 or an error number; `result` may be NULL. */
int rfn_thread_join(pthread_t handle, void **result, uintptr_t site, uint64_t deadline);
int rfn_thread_detach(pthread_t handle, uintptr_t site);

#endif
