/* When a stack becomes shared. A thread's stack is its own until others may know an address of it: it has started a thread
 * (life.c), or it has put an address of its stack where others look. From then on what is live there is shared: accesses of it
 * are points, and not only places where a crash may strike.
 *
 * A hook is called before the store that it announces, so what was written is looked at when the thread comes by again: no other
 * thread runs in between. A pointer that was computed into something else on its way is not known; whoever goes by it to a stack
 * that was not shared by then is (rfn_strays). So is who goes to another's control block, where its errno lies: models write there, and
 * report nothing.
 *
 * No thread owns a frame that has ended. An access to it is a memory error (turn.h), and its memory is private again.
 */
#ifndef RFN_PUBLISHED_H
#define RFN_PUBLISHED_H

#include "base/addresses.h"
#include "state/fibers.h"

/* The current thread, `fiber`, stands at `sp`. If shared frames below `sp` have ended, records a write over them for partial order
 * reduction, and makes that part of the stack private again. Does nothing where the thread may run on another stack. */
void rfn_end_frames(rfn_fiber *fiber, uintptr_t sp);
static inline void rfn_has_returned(rfn_fiber *fiber, uintptr_t sp)
{
    if (__builtin_expect(fiber->shared_from < sp, 0)) {
        rfn_end_frames(fiber, sp);
    }
}

/* 1 if `at` lies in a part of a thread's stack that no live frame uses. For the current thread the answer is valid only while it runs
 * on the runtime's stack. 0 in a child of fork, because threads that were not copied left their frames there. */
int rfn_is_ended_frame(uintptr_t at);

/* What it said that it would write (rfn_may_publish) is written: addresses of stacks in it make these shared. Where models came to
 * for it (rfn_has_come_to) is looked at as what it comes to itself. Asked at each point and before each access. */
void rfn_look_at_written(rfn_fiber *fiber);
static inline void rfn_has_written(rfn_fiber *fiber)
{
    if (fiber->wrote_count != 0 || fiber->came_low != 0) {
        rfn_look_at_written(fiber);
    }
}

/* The current thread, `fiber`, comes to the stack of another: it is shared from now on. Where it was not, that came too late for
 * its owner's accesses before, which is noted as a problem. */
void rfn_strays(const rfn_fiber *fiber, uintptr_t at);
static inline void rfn_comes_to(const rfn_fiber *fiber, uintptr_t at)
{
    if (at >= RFN_STACKS && at - fiber->base >= fiber->top - fiber->base) {
        rfn_strays(fiber, at);
    }
}

#endif
