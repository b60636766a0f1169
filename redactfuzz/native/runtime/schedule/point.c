#include "schedule/point.h"

#include "base/parts.h"
#include "mappings/maps.h"
#include "memory/given.h"
#include "memory/memory.h"
#include "memory/moves.h"
#include "memory/touched.h"
#include "state/objects.h"
#include "processor/upcalls.h"
#include "schedule/above.h"
#include "schedule/after.h"
#include "schedule/busy.h"
#include "schedule/ending.h"
#include "schedule/deadlock.h"
#include "schedule/parking.h"
#include "schedule/published.h"
#include "schedule/turn.h"
#include "state/dispositions.h"
#include "state/now.h"
#include "state/program.h"
#include "state/run.h"
#include "state/self.h"

enum {
    UNWATCHED = 4096, /* accesses of a turn between calls, before it is asked whether they are busy waiting */
    LONGEST_TURN = 2000000, /* accesses of a turn between calls: what goes on so long may be no end */
};

/* -- going on */

/* A limit is reached. That is no bug yet: the execution may only be long. A fair scheduler goes on with it. */
static void run_on(void)
{
    rfn_problem_note note = {.kind = RFN_PROBLEM_INCOMPLETE,
                             .what = "an execution was too long: what it did in the end was run in one order, a fair one"};
    rfn_problem_noted(&note);
    rfn.runs_on = 1;
    if (rfn.granularity == RF_CALLS) {
        rfn.granularity = RF_SWITCHES; /* else who waits in a loop would never let the others go on */
    }
    rf_run_on(rfn.core);
}

static rfn_fiber *endless(void)
{
    uint32_t thread = rfn_current != NULL ? rfn_current->number : 0;
    if (rfn_child() && rfn_maps_shared() > 0) {
        return rfn_above.given_up(&rfn_fibers[thread]);
    }
    return rfn_bug_found(rfn.strikes ? RFN_BUG_HANDLER : RFN_BUG_SPIN, thread, rfn_fibers[thread].site,
                         "it does not come to an end, under a fair scheduler either");
}

static rfn_fiber *carry_out(rf_choice choice)
{
    rfn_fiber *fiber = &rfn_fibers[choice.thread];
    if (rfn.dead && choice.action != RF_STEP && choice.action != RF_EXPIRE) {
        return NULL; /* nobody could go on any more */
    }
    switch (choice.action) {
    case RF_EXPIRE:
        if (rfn_only_sleeps()) {
            return rfn_rest(fiber);
        }
        if (fiber->event.deadline > rfn_now) {
            rfn_now = fiber->event.deadline;
        }
        /* fall through */
    case RF_STEP:
        fiber->turn = choice.action == RF_EXPIRE ? RFN_EXPIRED : RFN_GO;
        if (rfn_does(fiber) == NULL) {
            return NULL;
        }
        if (rfn.dead && rfn_left_out_after(fiber)) {
            return NULL;
        }
        rfn_unpark(fiber);
        return rfn_turns_to(fiber);
    case RF_FIRE:
        if (rfn.enabled == 0 && rfn.timed == 0 && rfn.alive > 0 && !rfn_is_quiescent()
            && (rfn.control_block->plan.oracles & 1u << RFN_BUG_DEADLOCK)) {
            return rfn_bug_found(RFN_BUG_DEADLOCK, choice.thread, fiber->site, "deadlock");
        }
        return rfn_fire(choice.trigger, choice.thread);
    case RF_NOTHING:
        if (rfn.alive > 0 && !rfn_is_quiescent()) {
            return rfn_bug_found(RFN_BUG_DEADLOCK, choice.thread, 0, "deadlock");
        }
        return rfn_ended(RFN_EXITED, 0);
    default:
        if (rfn.runs_on) {
            return rfn.strikes == 0 && rfn_handles_signals() ? rfn_rest_in_loops(rfn_current != NULL ? rfn_current : &rfn_fibers[RFN_MAIN]) : endless();
        }
        if (rf_get_status(rfn.core)->state == RF_STEP_LIMIT) {
            run_on();
            return rfn_next();
        }
        return rfn_ended(RFN_CUT, 0);
    }
}

static void look_at_dump(void)
{
    if (rfn.reduces && !rfn.dead) {
        rfn_above.at_point();
    }
}

rfn_fiber *rfn_next(void)
{
    if (rfn.enabled == 0 && rfn.family && !rfn_above.family_goes_on()) {
        return NULL;
    }
    look_at_dump();
    return carry_out(rf_choose(rfn.core));
}

rfn_fiber *rfn_step(rfn_fiber *fiber)
{
    rf_choice choice;
    look_at_dump();
    choice = rf_step(rfn.core, fiber->number, &fiber->event);
    if (choice.action == RF_STEP && choice.thread == fiber->number) {
        fiber->turn = RFN_GO;
        return rfn.dead && rfn_left_out_after(fiber) ? NULL : rfn_does(fiber);
    }
    fiber->parked = 1;
    fiber->enabled = 1;
    rfn.enabled++;
    return carry_out(choice);
}

/* -- accesses of instrumented code */

/* A store to a stack is where a crash may strike, because a dump shows stacks; another thread notices it only where the
 * stack may be shared: at or above where its owner stood when it started a thread, and on stacks of others. */
static rfn_fiber *accessed(uintptr_t address, uint32_t code, uintptr_t pc)
{
    rfn_fiber *fiber = rfn_current;
    uint8_t kind = (uint8_t)(code >> 16);
    uint8_t flags = fiber->in_handler == 0 ? RF_PLAIN : 0; /* what a handler comes upon, no lock of the program can prevent */
    uint32_t object;
    uint64_t site;
    rfn_fiber_reached(fiber, fiber->at.sp); /* rfn_reached, of one that is in no model */
    rfn_has_written(fiber);
    rfn_has_returned(fiber, fiber->at.sp);
    if (kind != RF_READ && rfn.family) {
        rfn_will_do(fiber, kind, 0, rfn_object_number((const void *)address), rfn_site(pc));
        if (rfn_above.twin_before_store(fiber, address)) {
            rfn_announce(fiber);
            return rfn_fire(RFN_FIRST_TRIGGER, fiber->number);
        }
    }
    if (address - fiber->base < fiber->top - fiber->base) {
        if (address < fiber->shared_from) {
            if (kind != RF_READ && address != fiber->spin_local) {
                fiber->spins = 0; /* at one place again and again it counts the rounds, or prepares the next */
                fiber->spin_local = address;
            }
            if (rfn_noting && kind != RF_READ) {
                fiber->site = rfn_site(pc);
                rfn_write_noted(address, code & 0xffff);
            }
            if (kind == RF_READ || rfn.granularity != RF_INSTRUCTIONS) {
                return address >= fiber->at.sp ? fiber : rfn_strikes(fiber, address, code & 0xffff, kind == RF_READ, rfn_site(pc));
            }
            flags = RF_LOCAL | RF_VISIBLE;
        }
    } else {
        rfn_comes_to(fiber, address);
    }
    site = rfn_site(pc);
    if (kind != RF_READ) {
        fiber->site = site; /* who writes is known by its site */
        fiber->spins = 0;
        if ((flags & RF_LOCAL) == 0) {
            rfn_may_publish(fiber, address, code & 0xffff);
        }
        rfn_will_write((const void *)address, code & 0xffff);
    } else {
        rfn_reads(address, code & 0xffff);
    }
    if (rfn_touched_between(kind, address, code & 0xffff, site) && ++fiber->accesses < UNWATCHED) {
        return rfn_strikes(fiber, address, code & 0xffff, kind == RF_READ, site);
    }
    object = rfn_object_number((const void *)address);
    if (kind == RF_READ && rfn_spins(fiber, site, object)) {
        flags |= RF_YIELD;
        if (rfn.family && !rfn_above.others_go_on(1)) {
            return NULL;
        }
    } else if (rfn.granularity == RF_CALLS) {
        if (fiber->accesses < LONGEST_TURN) {
            return rfn_strikes(fiber, address, code & 0xffff, kind == RF_READ, site);
        }
        run_on();
    }
    rfn_will_do(fiber, kind, flags, object, site);
    rfn_will_touch(fiber, kind, address, flags & RF_LOCAL ? 0 : code & 0xffff);
    fiber->uses = address;
    fiber->uses_size = (uint16_t)(code & 0xffff);
    return rfn_step(fiber);
}

/* -- points of models */

/* Does a model touch nothing beside what it announced, and what it reports (rfn_wrote)? What takes and gives, starts and ends
 * does, and the heap (but for who waits for it in the midst of something else: RF_WRITE); of others it is not known what they look at. */
static int is_known(uint8_t kind, const void *object)
{
    const uint32_t kinds = 1u << RF_ACQUIRE | 1u << RF_RELEASE | 1u << RF_WAIT | 1u << RF_SIGNAL | 1u << RF_SPAWN | 1u << RF_JOIN;
    return object != NULL && ((kinds >> kind & 1u) != 0 || (object == RFN_OBJECT_HEAP && kind != RF_WRITE));
}

static rfn_fiber *decide_at(void *argument)
{
    rfn_fiber *fiber = argument;
    rfn_reached(fiber);
    rfn_touches_told();
    if (rfn.family) {
        if (rfn_above.twin_is_struck(fiber)) {
            rfn_announce(fiber);
            return rfn_fire(RFN_FIRST_TRIGGER, fiber->number);
        }
        if ((fiber->event.flags & RF_YIELD) && !rfn_above.others_go_on(fiber->event.object != RF_OBJECT_UNKNOWN)) {
            return NULL;
        }
    }
    return rfn_step(fiber);
}

/* Of what other processes have sent, while they went on. */
static void deliver_sent(void)
{
    if (rfn.family) {
        rfn_above.deliver_pending();
    }
}

void rfn_at(uint8_t kind, const void *object, uintptr_t site)
{
    rfn_fiber *fiber = rfn_current;
    if (fiber == NULL) {
        return;
    }
    if (kind != RF_READ) {
        fiber->spins = 0;
    }
    rfn_comes_to(fiber, (uintptr_t)object);
    rfn_will_do(fiber, kind, 0, rfn_object_number(object), rfn_site(site));
    rfn_will_touch(fiber, is_known(kind, object) ? RF_READ : RF_OPAQUE, 0, 0);
    rfn_leave(decide_at, fiber);
}

void rfn_at_number(uint32_t number, uintptr_t site)
{
    rfn_fiber *fiber = rfn_current;
    if (fiber == NULL) {
        return;
    }
    fiber->spins = 0;
    rfn_will_do(fiber, RF_RMW, 0, number, rfn_site(site));
    rfn_will_touch(fiber, RF_READ, 0, 0);
    rfn_leave(decide_at, fiber);
}

void rfn_at_known(const void *object, uintptr_t site) { rfn_at_number(rfn_object_number(object), site); }

void rfn_at_death(uintptr_t site)
{
    rfn_at_number(rfn.reduces ? RF_OBJECT_DEATH : rfn_object_number(RFN_OBJECT(RFN_PROCESS)), site);
}

void rfn_at_atomic(uint8_t kind, const void *object, size_t size, uintptr_t site, int changes)
{
    rfn_fiber *fiber = rfn_current;
    uint64_t place = rfn_site(site);
    uint32_t number = rfn_object_number(object);
    uint8_t flags = 0;
    if (fiber == NULL) {
        return;
    }
    rfn_comes_to(fiber, (uintptr_t)object);
    if (!changes) {
        flags = rfn_spins(fiber, place, number) ? RF_YIELD : 0;
    } else {
        fiber->spins = 0;
    }
    rfn_will_do(fiber, kind, flags, number, place);
    rfn_will_touch(fiber, kind, (uintptr_t)object & ~(uintptr_t)15, 16); /* none is larger */
    rfn_leave(decide_at, fiber);
    deliver_sent();
    rfn_uses(kind, object, size, site);
}

/* A crash may strike here. Another thread notices what is not the thread's own: not what lies on its stack, nor the heap, which is
 * locked. Others go on there only where a whole space is searched: races are nearly always met without, and sooner. */
static void at_piece(const void *bytes, size_t size, uint8_t touches, uintptr_t site)
{
    rfn_fiber *fiber = rfn_current;
    int own;
    if (fiber == NULL) {
        return;
    }
    if (rfn.granularity != RF_INSTRUCTIONS) {
        if (touches == RF_OPAQUE) {
            rfn_touched_all(); /* it is part of the step before */
        }
        return;
    }
    own = !rfn.whole || rfn_is_private(fiber, (uintptr_t)bytes) || bytes == RFN_OBJECT_HEAP;
    rfn_will_do(fiber, RF_WRITE, own ? RF_LOCAL | RF_VISIBLE : 0, rfn_object_number(bytes), rfn_site(site));
    rfn_will_touch(fiber, touches, (uintptr_t)bytes, size);
    rfn_leave(decide_at, fiber);
    if (!own) {
        rfn_may_publish(fiber, (uintptr_t)bytes, size);
    }
}

void rfn_at_piece(const void *bytes, size_t size, uintptr_t site)
{
    at_piece(bytes, size, RF_WRITE, site);
}

/* `beside`: it looks at more than these bytes, so that others may come before, whatever it writes to. */
static void at_bytes(uint8_t kind, const void *bytes, size_t size, uint8_t touches, int beside, uintptr_t site)
{
    rfn_fiber *fiber = rfn_current;
    uintptr_t address = (uintptr_t)bytes;
    if (fiber == NULL) {
        return;
    }
    fiber->site = rfn_site(site); /* who writes next is known by it, point or not */
    rfn_comes_to(fiber, address);
    if (!rfn_child()) { /* all of its points are calls */
        if (rfn_touched_between(kind, address, size, rfn_site(site))) {
            return; /* nobody reduces there */
        }
        if (!beside && rfn_is_private(fiber, address)) {
            at_piece(bytes, size, touches, site);
            return;
        }
    }
    if (kind != RF_READ) {
        fiber->spins = 0;
    }
    rfn_will_do(fiber, kind, 0, rfn_object_number(bytes), rfn_site(site));
    rfn_will_touch(fiber, touches, address, size);
    rfn_leave(decide_at, fiber);
}

void rfn_at_range(uint8_t kind, const void *bytes, size_t size, uintptr_t site) { at_bytes(kind, bytes, size, kind, 0, site); }
void rfn_at_told(uint8_t kind, const void *bytes, size_t size, uintptr_t site) { at_bytes(kind, bytes, size, kind, 1, site); }
void rfn_at_bytes(uint8_t kind, const void *bytes, size_t size, uintptr_t site) { at_bytes(kind, bytes, size, RF_OPAQUE, 1, site); }

void rfn_yield(uintptr_t site, int sleeps)
{
    rfn_fiber *fiber = rfn_current;
    if (fiber == NULL) {
        return;
    }
    rfn_will_do(fiber, RF_READ, sleeps ? RF_YIELD | RF_TIMED : RF_YIELD, RF_OBJECT_UNKNOWN, rfn_site(site));
    rfn_will_touch(fiber, RF_READ, 0, 0);
    rfn_leave(decide_at, fiber);
    if (sleeps) {
        rfn_touched_object(RF_RMW, RF_OBJECT_TIME);
    }
    deliver_sent();
}

static rfn_fiber *decide_when(void *argument)
{
    rfn_fiber *fiber = argument;
    rfn_reached(fiber);
    rfn_touches_told();
    rfn_announce(fiber);
    return rfn_child() && rfn_above.twin_is_struck(fiber) ? rfn_fire(RFN_FIRST_TRIGGER, fiber->number) : rfn_next();
}

rfn_turn rfn_when(const rfn_condition *can, const void *object, uint8_t kind, uintptr_t site, uint64_t deadline)
{
    rfn_fiber *fiber = rfn_current;
    if (fiber == NULL) {
        return RFN_GO;
    }
    fiber->spins = 0;
    rfn_comes_to(fiber, (uintptr_t)object);
    fiber->can = can;
    fiber->object = object;
    fiber->event.deadline = deadline;
    rfn_will_do(fiber, kind, deadline == RFN_FOREVER ? 0 : RF_TIMED, rfn_object_number(object), rfn_site(site));
    rfn_will_touch(fiber, is_known(kind, object) ? RF_READ : RF_OPAQUE, 0, 0);
    rfn_leave(decide_when, fiber);
    return (rfn_turn)fiber->turn;
}

static void begins(void) { rfn_on_access = accessed; }

RFN_PART(RFN_ON_SCHEDULE, point, .begins = begins);
