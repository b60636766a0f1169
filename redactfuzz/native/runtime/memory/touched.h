/* What the steps of threads touch, for partial order reduction (reduce/reduce.h) and for pairs (reduce/pairs.h): reported beside what
 * was announced.
 *
 * A point announces one object of eight bytes. What lies beyond it, and what the model that stands there does to memory, is
 * reported once the step is made. A model of which that is not known in full has touched everything.
 */
#ifndef RFN_TOUCHED_H
#define RFN_TOUCHED_H

#include "state/numbers.h"
#include "state/run.h"

_Static_assert((uint32_t)RFN_TOUCHED_THREADS < (uint32_t)RF_OBJECT_ALLOWED, "an object of ours has a number of the core's own");

/* The number of an object is where it lies in the program's memory, which is the same in every process; each eight bytes are
 * one. NULL: unknown. */
uint32_t rfn_object_number(const void *object);
/* Memory of ours of which objects lie, mapped wherever there was room: numbers follow from the order in which pieces are told, and
 * from their sizes. For as long as the process lives. */
void rfn_object_mapped(const void *start, size_t size);

/* Everything, in the last step, which is this thread's: what stands at its site is to blame. */
void rfn_touch_all(const rfn_fiber *fiber);
/* In the last step, which is this thread's. */
void rfn_touch_bytes(const rfn_fiber *fiber, uint8_t kind, uintptr_t at, size_t size);
/* The same at a site of its own, in the midst of a step. */
void rfn_touch_bytes_at(const rfn_fiber *fiber, uint8_t kind, uintptr_t at, size_t size, uint64_t site);
void rfn_touch_object(uint8_t kind, uint32_t object);
/* What libc has left below the program's stack pointer is part of a dump, and telling the core writes over it. So what steps touch waits
 * from here on until it is told: on a stack of ours, by who began to wait, or before the next point. */
void rfn_touches_wait(void);
int rfn_touches_waiting(void);
void rfn_touches_told(void);
static inline void rfn_touched(uint8_t kind, const void *bytes, size_t size)
{
    rfn_has_come_to((uintptr_t)bytes);
    if (rfn.touches) {
        rfn_touch_bytes(rfn_current, kind, (uintptr_t)bytes, size);
    }
}
/* Only calls are points, and this lies between two: then it is part of the step, which is told for pairs. */
static inline int rfn_touched_between(uint8_t kind, uintptr_t at, size_t size, uint64_t site)
{
    if (rfn.granularity == RF_CALLS && rfn.touches) {
        rfn_touch_bytes_at(rfn_current, kind, at, size, site);
    }
    return rfn.granularity == RF_CALLS;
}
/* What the caller of a model may leave out: NULL. */
static inline void rfn_touched_if(uint8_t kind, const void *bytes, size_t size)
{
    if (bytes != NULL) {
        rfn_touched(kind, bytes, size);
    }
}
static inline void rfn_touched_object(uint8_t kind, uint32_t object)
{
    if (rfn.touches) {
        rfn_touch_object(kind, object);
    }
}
/* Whoever looks at a descriptor, or for a name, has looked at the files. */
static inline void rfn_looked_at_files(void)
{
    if (rfn.reduces) {
        rfn_touch_object(RF_READ, RFN_TOUCHED_FILES);
    }
}
/* What a dump holds, or what of it counts, is something else from now on. */
static inline void rfn_touched_phase(void)
{
    rfn.shows_otherwise = rfn.reduces;
    rfn_touched_object(RF_WRITE, RFN_TOUCHED_PHASE);
}
/* What a crash would do, or which memory a dump holds, is something else from now on: stores of a thread to what is its own as well
 * come before that, or after it. */
void rfn_touched_crash(void);
/* The thread has written to its own stack, where nobody but a crash looks. */
void rfn_touched_own(void);
/* What a crash announces. It strikes who can go on: RF_OBJECT_DEATH says that the rest is reported. */
static inline uint32_t rfn_struck_object(void) { return rfn.reduces ? RF_OBJECT_DEATH : RF_OBJECT_UNKNOWN; }
static inline void rfn_touched_all(void)
{
    if (rfn.reduces) {
        rfn_touch_all(rfn_current);
    }
}

/* What a thread will have touched when it goes on, beside what it announced: these bytes; everything (kind RF_OPAQUE); nothing
 * (size 0). */
static inline void rfn_will_touch(rfn_fiber *fiber, uint8_t kind, uintptr_t at, size_t size)
{
    if (rfn.touches) {
        fiber->touches = kind;
        fiber->touches_at = at;
        fiber->touches_size = size;
    }
}
/* It goes on. */
static inline void rfn_does_touch(const rfn_fiber *fiber)
{
    if (rfn.touches) {
        rfn_touch_bytes(fiber, fiber->touches, fiber->touches_at, fiber->touches_size);
    }
}

#endif
