/* Threads of the program, as fibers: their stacks, and what changes when another one goes on. */
#ifndef RFN_FIBER_H
#define RFN_FIBER_H

#include <pthread.h>

#include "state/fibers.h"

/* A new thread that will call start(argument), with a stack of `stack_size` bytes (0: the usual size). NULL: there is no room
 * for another one. It is announced to the exploration
 * core by rfn_spawn (point.h). */
rfn_fiber *rfn_fiber_new(void *(*start)(void *), void *argument, size_t stack_size);
/* Whose stack `address` lies on, in use or not; NULL: no thread's. */
rfn_fiber *rfn_fiber_at(uintptr_t address);
/* Is it the page below a stack that nobody may touch? It stays one when its thread has ended, and in the next execution. */
int rfn_is_guard(uintptr_t page);

/* The program has code on its stacks, as gcc makes for a function inside another one whose address is taken. */
void rfn_stacks_run(void);

/* `fiber` goes on after the current one, by a choice or because it is struck: what libc has once for a thread (errno, exceptions
 * in flight) is its own from here on. NULL: nobody goes on. Gives `fiber`. */
rfn_fiber *rfn_turns_to(rfn_fiber *fiber);

/* Before memory is searched, or a process really dies: what a core holds of each thread beside its memory and registers, and the
 * model of it in the driver, is laid into its control block. */
void rfn_describe_fibers(void);

/* pthread_t of a fiber, and back. NULL: no thread of this execution. */
pthread_t rfn_handle_of(const rfn_fiber *fiber);
rfn_fiber *rfn_fiber_of(pthread_t handle);
/* The program's function that it began with. */
uintptr_t rfn_entry_of(const rfn_fiber *fiber);

int rfn_fibers_init(void);
/* Nobody goes back to frames of ours on the program's stacks: AddressSanitizer, where the driver was built with it, forgets
 * what it marked there. */
void rfn_frames_left(void);

#endif
