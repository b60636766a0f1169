/* Who waits for what, for a report that says it in words: asked of the condition (awaited.h). */
#ifndef RFN_DESCRIBE_H
#define RFN_DESCRIBE_H

#include "schedule/fiber.h"

/* What a thread waits for, without its holder: "a mutex". NULL: nothing that is known. */
const char *rfn_awaited_by(const rfn_fiber *fiber);
/* The same with the number of a descriptor: "the eventfd 3". */
void rfn_kind_awaited(const rfn_fiber *fiber, char *text, size_t size);
/* The number of the thread that holds it, or whose end it is; RFN_THREADS: nobody, or several. */
uint32_t rfn_holder_of(const rfn_fiber *fiber);
/* Where it lies; NULL: it is no object of the program's. */
const void *rfn_lock_of(const rfn_fiber *fiber);
/* The place at which its holder took it; 0: not known. */
uint64_t rfn_taken_at(const rfn_fiber *fiber);

/* Is a thread parked at this object, unable to go on. */
int rfn_has_waiters(const void *object);

#endif
