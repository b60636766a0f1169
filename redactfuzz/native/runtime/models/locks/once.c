/* What is done once: pthread_once, C11's call_once, and the guards of function-local statics in C++.
 *
 * A routine that throws (this file is compiled with -fexceptions), exits its thread or is cancelled leaves the flag as it was
 * before, so that the next thread tries again.
 */

#include <pthread.h>
#include <threads.h>

#include "base/parts.h"
#include "memory/memory.h"
#include "schedule/describe.h"
#include "schedule/point.h"
#include "state/control.h"

/* Of a pthread_once_t and a once_flag. */
enum { NOT_YET = 0, RUNS, DONE };

static int is_settled(const void *object)
{
    return *(const int *)object != RUNS;
}

static const rfn_condition settled = {.can = is_settled, .name = "what is done once", .place = rfn_itself};

static void set(int *flag, int state)
{
    rfn_wrote(flag, sizeof *flag);
    *flag = state;
    rfn_changed(flag);
}

/* One that runs is over, if by its end or not. */
static void leave(rfn_once *run)
{
    rfn_control_of(rfn_current)->once = run->outer;
    if (*run->flag == RUNS) {
        set(run->flag, NOT_YET);
    }
}

/* What the thread was about to do once is for others to do. The frames of a C program are not unwound. */
static void thread_leaves(void)
{
    rfn_control *control = rfn_control_of(rfn_current);
    while (control->once != NULL) {
        leave(control->once);
    }
}

static void once(int *flag, void (*routine)(void), uintptr_t site)
{
    do {
        rfn_when(&settled, flag, RF_ACQUIRE, site, RFN_FOREVER);
    } while (*flag == RUNS && rfn_current != NULL);
    if (*flag != DONE) {
        rfn_control *control = rfn_control_of(rfn_current);
        rfn_once run __attribute__((cleanup(leave))) = {flag, control->once};
        control->once = &run;
        set(flag, RUNS);
        routine();
        rfn_at(RF_RELEASE, flag, site);
        set(flag, DONE);
    }
}

int model_pthread_once(pthread_once_t *flag, void (*routine)(void))
{
    once(flag, routine, SITE());
    return 0;
}

void model_call_once(once_flag *flag, void (*routine)(void))
{
    once((int *)(void *)flag, routine, SITE());
}

/* -- function-local statics: the first byte says that it is done, the second that a thread is at it */

static int guard_is_settled(const void *object)
{
    return ((const uint8_t *)object)[1] == 0;
}

static const rfn_condition settled_guard = {
    .can = guard_is_settled, .name = "a static that is being made", .place = rfn_itself};

static void set_guard(uint8_t *guard, uint8_t done, uint8_t running)
{
    rfn_wrote(guard, 8);
    guard[0] = done;
    guard[1] = running;
    rfn_changed(guard);
}

/* 1: the caller is to make the object. */
int model___cxa_guard_acquire(uint8_t *guard);
int model___cxa_guard_acquire(uint8_t *guard)
{
    uintptr_t site = SITE();
    do {
        rfn_when(&settled_guard, guard, RF_ACQUIRE, site, RFN_FOREVER);
    } while (guard[1] != 0 && rfn_current != NULL);
    if (guard[0] != 0) {
        return 0;
    }
    set_guard(guard, 0, 1);
    return 1;
}

void model___cxa_guard_release(uint8_t *guard);
void model___cxa_guard_release(uint8_t *guard)
{
    rfn_at(RF_RELEASE, guard, SITE());
    set_guard(guard, 1, 0);
}

void model___cxa_guard_abort(uint8_t *guard);
void model___cxa_guard_abort(uint8_t *guard)
{
    rfn_at(RF_RELEASE, guard, SITE());
    set_guard(guard, 0, 0);
}

RFN_PART(RFN_ON_MODELS_LOCKS, once, .thread_leaves = thread_leaves);
