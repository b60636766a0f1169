/* Threads: a pthread_t is the address of the thread's control block, as in glibc. */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/threads/join.h"
#include "models/threads/sync.h"
#include "schedule/describe.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/control.h"
#include "state/outcome.h"
#include "state/program.h"

/* Who joins or detaches a thread looks at it before its turn comes, and so does who joins another. */
static void looked_at_threads(void) { rfn_touched_object(RF_RMW, RFN_TOUCHED_THREADS); }

/* rfn_fiber.joined */
enum { NOBODY = 0, AWAITED, JOINED };

int rfn_thread_create(pthread_t *handle, int detached, void *(*start)(void *), void *argument, void *really, size_t stack_size,
                      uintptr_t site)
{
    rfn_fiber *fiber;
    rfn_control *control;
    if (rfn_current != NULL && rfn_current->event.kind != RF_SPAWN && !rfn_is_private(rfn_current, (uintptr_t)handle)) {
        rfn_at_piece(handle, sizeof *handle, site); /* others may still see what it held before, and what this thread did last */
    }
    fiber = rfn_current == NULL ? NULL : rfn_fiber_new(start, argument, stack_size);
    control = rfn_control_of(fiber);
    if (fiber == NULL) {
        if (rfn_current != NULL) {
            rfn_problem(RFN_PROBLEM_OUTSIDE, site,
                        stack_size > RFN_STACK_SIZE
                            ? "threads ask for stacks that take more than %zu MiB together, and no further one is started"
                            : "more than %zu threads are started in one execution, and no further one is",
                        stack_size > RFN_STACK_SIZE ? (RFN_THREADS - RFN_FIRST_THREAD) * RFN_STACK_SIZE >> 20
                                                    : (size_t)(RFN_THREADS - RFN_FIRST_THREAD));
        }
        return EAGAIN; /* a constructor of the program: there are no threads yet */
    }
    fiber->detached = detached != 0;
    if (really != NULL) {
        control->start = really;
        fiber->site = rfn_site((uintptr_t)really);
    }
    for (int i = 0; i < RFN_NAME_SIZE; i++) {
        fiber->name[i] = rfn_current == NULL ? 0 : rfn_current->name[i];
    }
    rfn_wrote(handle, sizeof *handle);
    *handle = rfn_handle_of(fiber);
    rfn_spawn(fiber, site);
    return 0;
}

static int has_ended(const void *object)
{
    return ((const rfn_fiber *)object)->life == RFN_ENDED;
}

static uint32_t number_of(const void *object) { return ((const rfn_fiber *)object)->number; }

static const rfn_condition ended = {
    .can = has_ended, .name = "the end of a thread", .of = "the end of ", .holder = number_of};

/* A thread that was to run on memory of the program's has run on a stack of ours. Who joins it may wipe that memory, or give it
 * back: from here on, what the thread has left lies there, and nowhere else. */
static void give_stack_back(const rfn_fiber *fiber)
{
    rfn_control *control = rfn_control_of(fiber);
    uintptr_t end = (uintptr_t)fiber->top, low = fiber->low & ~(uintptr_t)7, lowest = low;
    size_t size;
    if (control->stack == NULL) {
        return;
    }
    /* It may have gone deeper than any point saw: down to where there is a page of zeros. */
    for (uintptr_t at = low; at > fiber->base + RFN_PAGE && lowest - at < RFN_PAGE;) {
        at -= sizeof(uint64_t);
        if (*(const uint64_t *)at != 0) {
            lowest = at;
        }
    }
    size = end - lowest < control->stack_size ? end - lowest : control->stack_size;
    rfn_wrote(control->stack + control->stack_size - size, size);
    rfn_copy(control->stack + control->stack_size - size, (const void *)(end - size), size);
    rfn_fill((void *)lowest, 0, (uintptr_t)control - lowest);
    control->argument = NULL;
    control->result = NULL;
}

int rfn_thread_join(pthread_t handle, void **result, uintptr_t site, uint64_t deadline)
{
    rfn_fiber *fiber = rfn_fiber_of(handle);
    rfn_control *control = rfn_control_of(rfn_current);
    void *given;
    rfn_wake wake;
    looked_at_threads();
    if (fiber == NULL) {
        rfn_bug(RFN_BUG_MISUSE, site, "join of what is no thread");
    }
    if (fiber->joined == JOINED) {
        rfn_bug(RFN_BUG_MISUSE, site, "join of a thread that was joined before");
    }
    if (fiber->detached) {
        return EINVAL;
    }
    if (fiber == rfn_current || (fiber->life == RFN_ALIVE && rfn_control_of(fiber)->joining == rfn_self() + 1)) {
        return EDEADLK;
    }
    if (fiber->joined == AWAITED) {
        return EINVAL;
    }
    fiber->joined = AWAITED;
    control->joining = fiber->number + 1u;
    wake = rfn_wait(&ended, fiber, RF_JOIN, site, deadline);
    looked_at_threads();
    control->joining = 0;
    fiber->joined = wake == RFN_WOKEN ? JOINED : NOBODY;
    if (wake == RFN_CANCELLED) {
        rfn_cancellation_point(site);
    }
    if (wake == RFN_TIMED_OUT) {
        return ETIMEDOUT;
    }
    given = rfn_control_of(fiber)->result;
    give_stack_back(fiber);
    if (result != NULL) {
        rfn_wrote(result, sizeof *result);
        *result = given;
    }
    return 0;
}

int rfn_thread_detach(pthread_t handle, uintptr_t site)
{
    rfn_fiber *fiber = rfn_fiber_of(handle);
    rfn_at(RF_RMW, NULL, site);
    if (fiber == NULL || fiber->joined == JOINED) {
        rfn_bug(RFN_BUG_MISUSE, site, fiber == NULL ? "detach of what is no thread" : "detach of a thread that was joined");
    }
    if (fiber->detached) {
        return EINVAL;
    }
    fiber->detached = 1;
    return 0;
}

/* -- what the program calls */

int model_pthread_create(pthread_t *handle, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    int state = PTHREAD_CREATE_JOINABLE, result;
    void *stack = NULL;
    size_t size = 0;
    if (attributes != NULL) {
        rfn_at_range(RF_READ, attributes, sizeof *attributes, SITE());
        pthread_attr_getdetachstate(attributes, &state);
        pthread_attr_getstack(attributes, &stack, &size);
    }
    result = rfn_thread_create(handle, state == PTHREAD_CREATE_DETACHED, start, argument, NULL, size, SITE());
    if (result == 0 && (uintptr_t)stack + size != 0) { /* glibc: where it ends is 0 when none was given */
        rfn_control *control = rfn_control_of(rfn_fiber_of(*handle));
        rfn_problem(RFN_PROBLEM_INCOMPLETE, SITE(),
                    "a thread has run on another stack than the program gave it; what it left was moved there when it was joined");
        control->stack = stack;
        control->stack_size = size;
    }
    return result;
}

int model_pthread_join(pthread_t handle, void **result)
{
    return rfn_thread_join(handle, result, SITE(), RFN_FOREVER);
}

int model_pthread_tryjoin_np(pthread_t handle, void **result)
{
    uintptr_t site = SITE();
    const rfn_fiber *fiber = rfn_fiber_of(handle);
    if (fiber != NULL) {
        rfn_at(RF_JOIN, fiber, site);
        if (fiber->life == RFN_ALIVE) {
            return EBUSY;
        }
    }
    return rfn_thread_join(handle, result, site, RFN_FOREVER);
}

int model_pthread_timedjoin_np(pthread_t handle, void **result, const struct timespec *until)
{
    if (!rfn_is_time(until)) {
        return EINVAL;
    }
    return rfn_thread_join(handle, result, SITE(), rfn_deadline(until));
}

int model_pthread_clockjoin_np(pthread_t handle, void **result, clockid_t clock, const struct timespec *until)
{
    if ((clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) || !rfn_is_time(until)) {
        return EINVAL;
    }
    return rfn_thread_join(handle, result, SITE(), rfn_deadline(until));
}

int model_pthread_detach(pthread_t handle)
{
    return rfn_thread_detach(handle, SITE());
}

pthread_t model_pthread_self(void)
{
    return rfn_handle_of(rfn_current != NULL ? rfn_current : rfn_fibers);
}

int model_pthread_equal(pthread_t one, pthread_t other)
{
    return one == other;
}

int model_pthread_setname_np(pthread_t handle, const char *name)
{
    rfn_fiber *fiber = rfn_fiber_of(handle);
    size_t length = 0;
    if (fiber == NULL) {
        return ESRCH;
    }
    while (length < RFN_NAME_SIZE && name[length] != 0) {
        length++;
    }
    if (length == RFN_NAME_SIZE) {
        return ERANGE;
    }
    if (fiber->number == rfn.leader) {
        rfn_touched_phase(); /* a core holds it */
        rfn_touched_all();
    }
    rfn_touched_object(RF_WRITE, rfn_object_number(rfn_control_of(fiber)));
    for (size_t i = 0; i <= length; i++) {
        fiber->name[i] = name[i];
    }
    return 0;
}

int model_pthread_getname_np(pthread_t handle, char *name, size_t size)
{
    const rfn_fiber *fiber = rfn_fiber_of(handle);
    if (fiber == NULL) {
        return ESRCH;
    }
    if (size < RFN_NAME_SIZE) {
        return ERANGE;
    }
    rfn_touched_object(RF_READ, rfn_object_number(rfn_control_of(fiber)));
    rfn_wrote(name, RFN_NAME_SIZE);
    for (size_t i = 0; i < RFN_NAME_SIZE; i++) {
        name[i] = rfn_thread_name(fiber)[i];
    }
    return 0;
}
