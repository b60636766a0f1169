/* Scheduling points: where a thread of the program announces what it will do next, and waits for its turn.
 *
 * Everything that blocks is expressed by one mechanism, a CONDITION on an OBJECT: the thread is parked at the object,
 * enabled while can(object) holds and blocked while it does not. Whoever changes the object's state calls
 * rfn_changed(object), and the conditions of all who are parked there are rechecked. So
 *
 *     mutex lock:  rfn_when(&is_free, m, ...); m->owner = me; rfn_changed(m);
 *     unlock:      rfn_at(RF_RELEASE, m, ...); m->owner = 0; rfn_changed(m);
 *
 * An object is any address that belongs to the program; state that must be put back between executions is kept in the
 * program's own memory (the pthread_mutex_t itself), marked with rfn_wrote, or in a fiber.
 */
#ifndef RFN_POINT_H
#define RFN_POINT_H

#include <stddef.h>

#include "processor/machine.h"
#include "processor/site.h"
#include "schedule/fiber.h"

/* An event that is always possible. Returns when it is this thread's turn; a signal handler may have run before. */
void rfn_at(uint8_t kind, const void *object, uintptr_t site);
/* The same, changing an object, where it touches nothing beside it but what is reported afterwards. */
void rfn_at_known(const void *object, uintptr_t site);
/* The same, changing an object of the exploration core that has no place in memory. */
void rfn_at_number(uint32_t number, uintptr_t site);
/* The end of the process: what touches nothing but how far it is from that. */
void rfn_at_death(uintptr_t site);
/* The same for a range of bytes. In the finest granularity alone when `pieces` is set: a crash may strike there, and no
 * other thread notices. */
void rfn_at_bytes(uint8_t kind, const void *bytes, size_t size, uintptr_t site);
/* The same of a model that touches nothing else but what it reports (touched.h); of others everything is taken to be touched. */
void rfn_at_range(uint8_t kind, const void *bytes, size_t size, uintptr_t site);
/* The same of one that looks at other bytes as well, which it reports: also where these are the thread's own, others come before. */
void rfn_at_told(uint8_t kind, const void *bytes, size_t size, uintptr_t site);
void rfn_at_piece(const void *bytes, size_t size, uintptr_t site);
/* The current thread has a model read or write these bytes now, all of them: a bug where some lie in no live block of the heap. */
void rfn_uses(uint8_t kind, const void *bytes, size_t size, uintptr_t site);
/* An atomic access: RF_READ, RF_WRITE or RF_RMW. `changes`: it would, as things stand. One that changes nothing, again and
 * again, hands over: a read, a failed exchange, the test-and-set of a lock that is held. */
void rfn_at_atomic(uint8_t kind, const void *object, size_t size, uintptr_t site, int changes);
/* Hands over to another thread, and that is no preemption (sched_yield, usleep). `sleeps`: meanwhile time passes. */
void rfn_yield(uintptr_t site, int sleeps);

enum { RFN_FOREVER = 0 };
/* An event that is possible while can->can(object) holds. `deadline`: virtual nanoseconds (clock.h) after which it may end by
 * its timeout, which gives RFN_EXPIRED; RFN_FOREVER: none. The caller makes the change that it waited for, before
 * any other point, and reports it with rfn_changed. */
rfn_turn rfn_when(const rfn_condition *can, const void *object, uint8_t kind, uintptr_t site, uint64_t deadline);
/* The state of `object` has changed: rechecks everybody who is parked there. */
void rfn_changed(const void *object);

/* Announces a new thread (rfn_fiber_new) and is itself a point, of the thread that started it. */
void rfn_spawn(rfn_fiber *fiber, uintptr_t site);
/* The current thread has ended: result is set. Runs what is to run at its end (parts.h). Whoever waits for
 * that is parked at the fiber: rfn_when(&has_ended, fiber, RF_JOIN, ...). */
_Noreturn void rfn_finish(void);

/* Who goes on when the fiber that left wants nothing of its own. */
rfn_fiber *rfn_next(void);

#endif
