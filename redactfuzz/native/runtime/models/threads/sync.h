/* Threads, their synchronisation, thread-local storage and virtual time: what the driver and the core call.
 *
 * State lies in the program's own objects (a pthread_mutex_t, a sem_t) or in the thread's control block, so that putting
 * memory back puts it back; the little that does not is put back by its part (parts.h).
 */
#ifndef RFN_SYNC_H
#define RFN_SYNC_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "schedule/fiber.h"

/* -- thread-local storage (tls.c) */

/* The PT_TLS of the program, where it lies in memory. Without one the rest works all the same. */
void rfn_tls_init(void *image, size_t filesize, size_t memsize, size_t align);

/* -- the end of a thread (thread_end.c) */

/* The first thing that exit() does: destructors of the calling thread's thread_local objects. */
void rfn_thread_locals_end(void);

/* -- for other models */

/* What a model that blocks, and is a cancellation point by POSIX (read, write, open, waitpid ...), calls first: when the
 * thread was cancelled it does not return. */
void rfn_cancellation_point(uintptr_t site);

/* What syscall(SYS_futex, ...) does: FUTEX_WAIT, FUTEX_WAKE, their BITSET forms, FUTEX_REQUEUE and FUTEX_CMP_REQUEUE; private and
 * realtime flags are ignored. Result and errno are those of the system call; ENOSYS for what is not modelled.
 * `timeout` is also the number of waiters that are moved, for the requeueing ones. */
long rfn_futex(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout, uint32_t *second,
               uint32_t value3, uintptr_t site);

/* What a thread waits for, in words: "the mutex that main holds". Empty when it is nothing of these. No bytes of the
 * program are in it. */
void rfn_waits_for(const rfn_fiber *fiber, char *text, size_t size);
/* "main", "thread 1" (the first that the program started). */
void rfn_name_of(uint32_t number, char *text, size_t size);

#endif
