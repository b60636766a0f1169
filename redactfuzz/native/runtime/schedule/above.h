/* What the schedule and models ask of floors above them, through pointers: set by the files that are named, when the driver begins
 * (parts.h).
 */
#ifndef RFN_ABOVE_H
#define RFN_ABOVE_H

#include <stdint.h>

#include "state/fibers.h"
#include "state/outcome.h"

typedef struct rfn_callbacks {
    /* Signals, on the runtime's stack: one strikes the fiber now (signals.h). */
    rfn_fiber *(*strike_with)(rfn_fiber *fiber, int number, int forced);
    /* sending.c. Runs the handlers of what is pending for the current thread; sends a signal to a thread. */
    void (*deliver_pending)(void);
    void (*send)(rfn_fiber *fiber, int number, uintptr_t site);
    /* family.c, on the runtime's stack. Nobody here can go on: lets other processes of the family go on. 0: the execution has ended. */
    int (*family_goes_on)(void);
    /* The same where a thread sleeps, or looks in a loop at what others may change. */
    int (*others_go_on)(int in_loop);
    /* Does it wait for what another process of the family can give? */
    int (*waits_for_family)(const rfn_fiber *fiber);
    /* A child whose threads only sleep: it does so until a signal comes, or its parent has ended. As `decide` of rfn_leave. */
    rfn_fiber *(*child_rests)(rfn_fiber *fiber);
    /* A child that is at its limit, and may wait in a loop for another process. */
    rfn_fiber *(*given_up)(const rfn_fiber *fiber);
    /* struck.c. The fiber comes to a point, on the runtime's stack. 1: this is the twin of a child, and the crash strikes it now. */
    int (*twin_is_struck)(const rfn_fiber *fiber);
    /* The same before a store, which may be the first of a wipe. */
    int (*twin_before_store)(const rfn_fiber *fiber, uintptr_t address);
    /* start.c. Runs main(), on the current thread, and ends the process. */
    void (*run_main)(void);
    /* Of the driver: a real death (real_death.c), and the search of dumps (inspect.h). */
    rfn_fiber *(*die)(rfn_end end, int status);
    void (*inspect)(void);
    int (*shows)(void);
    int (*shows_at)(uintptr_t address);
    /* A hash of what a dump made now would show that is not allowed; 0: nothing. Changes nothing but rfn_found. `before`: what it was at
     * the point before; `changed`: memory may show something else since then. */
    uint32_t (*exposed)(uint32_t before, int changed);
    /* points.c, on the runtime's stack, before a choice: where steps are reported (rfn.reduces). */
    void (*at_point)(void);
} rfn_callbacks;

extern rfn_callbacks rfn_above;

#endif
