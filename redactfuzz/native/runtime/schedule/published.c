#include "schedule/published.h"

#include <string.h>

#include "base/addresses.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "processor/aside.h"
#include "schedule/fiber.h"
#include "state/control.h"
#include "state/outcome.h"
#include "state/run.h"
#include "state/self.h"

enum { PACKED = 1024 /* bytes in which an address may stand anywhere; in more than that they are aligned */ };
static const size_t MOST = 1 << 16; /* bytes of one write that are looked at; no pointer is looked for beyond */

/* 1 if `sp` lies on the thread's own stack, and no handler of it has run on an alternate stack, which may be an array in one of its
 * frames. */
static int stands_on_own(const rfn_fiber *fiber, uintptr_t sp)
{
    return sp >= fiber->base && sp < fiber->top && !fiber->alternate_used;
}

void rfn_end_frames(rfn_fiber *fiber, uintptr_t sp)
{
    if (stands_on_own(fiber, sp)) {
        if (rfn.touches) {
            rfn_touch_bytes(fiber, RF_WRITE, fiber->shared_from, sp - fiber->shared_from);
        }
        fiber->shared_from = sp;
    }
}

int rfn_is_ended_frame(uintptr_t at)
{
    const rfn_fiber *owner = rfn_child() ? NULL : rfn_fiber_at(at);
    if (owner == NULL || at < owner->base) {
        return 0;
    }
    if (owner->life == RFN_ENDED) {
        return at < (uintptr_t)rfn_control_of(owner);
    }
    uintptr_t live = rfn_stack_pointer(owner);
    return owner->life == RFN_ALIVE && stands_on_own(owner, live) && at < live;
}

/* Shares the live part of the thread's stack, from `at` or the stack pointer, whichever is lower, until its frames have ended. */
static void share(rfn_fiber *fiber, uintptr_t at)
{
    uintptr_t live = rfn_stack_pointer(fiber);
    uintptr_t from = at < live ? at : live;
    if (from < fiber->shared_from) {
        fiber->shared_from = from & ~(uintptr_t)15;
    }
}

/* A store that faulted never got there, and cannot be looked at; nor can what a write named that had no such bytes. */
static int is_readable(uintptr_t at, size_t size)
{
    for (uintptr_t page = at & ~(uintptr_t)(RFN_PAGE - 1); page < at + size; page += RFN_PAGE) {
        if (rfn_is_guard(page) || (rfn_page((const void *)page) & (RFN_MAPPED | RFN_PROTECTED)) != RFN_MAPPED) {
            return 0;
        }
    }
    return 1;
}

/* The living thread whose stack it is on; NULL: nobody's. */
static rfn_fiber *owner_of(uintptr_t at)
{
    rfn_fiber *owner = at < RFN_STACKS ? NULL : rfn_fiber_at(at);
    return owner != NULL && owner->life == RFN_ALIVE ? owner : NULL;
}

/* Nobody is to come there unseen: on a part that is not shared, or inside of the control block; that begins where the thread's pthread_t
 * says, which is an object of models. */
static int is_closed(const rfn_fiber *owner, uintptr_t at)
{
    uintptr_t control = (uintptr_t)rfn_control_of(owner);
    return at < control ? at < owner->shared_from : at > control;
}

static void look_at(const rfn_fiber *writer, uintptr_t at, size_t size)
{
    const rfn_fiber *on = owner_of(at);
    if (!is_readable(at, size) || (on != NULL && on != writer && at < on->shared_from)) {
        return; /* the private part of another thread's stack: the frame of a handler, written before the crash, say */
    }
    uintptr_t step = size <= PACKED ? 1 : sizeof(uintptr_t);
    for (uintptr_t end = at + size; at + sizeof(uintptr_t) <= end; at += step) {
        uintptr_t value;
        rfn_fiber *owner;
        memcpy(&value, (const void *)at, sizeof value);
        owner = owner_of(value);
        if (owner != NULL && value < owner->shared_from && value < (uintptr_t)rfn_control_of(owner)) {
            share(owner, value);
        }
    }
}

void rfn_look_at_written(rfn_fiber *fiber)
{
    uint32_t count = fiber->wrote_count;
    uintptr_t low = fiber->came_low, high = fiber->came_high;
    fiber->wrote_count = 0;
    fiber->came_low = fiber->came_high = 0;
    if (low != 0) {
        rfn_strays(fiber, low);
        rfn_strays(fiber, high);
    }
    if (rfn.alive < 2) {
        return; /* nobody looks; and when it starts a thread, what is live is shared */
    }
    if (count > RFN_WROTE) {
        share(fiber, fiber->top);
        count = RFN_WROTE;
    }
    for (uint32_t i = 0; i < count; i++) {
        size_t size = fiber->wrote[i].size;
        look_at(fiber, fiber->wrote[i].at, size < MOST ? size : MOST);
    }
}

void rfn_strays(const rfn_fiber *fiber, uintptr_t at)
{
    rfn_fiber *owner = owner_of(at);
    if (owner != NULL && owner != fiber && is_closed(owner, at) && !rfn_is_ended_frame(at)) {
        share(owner, at);
        rfn_problem(RFN_PROBLEM_INCOMPLETE, 0,
                    "a thread uses an address on another thread's stack that its owner was not seen to pass on: switches between earlier accesses of the owner were not explored");
    }
}
