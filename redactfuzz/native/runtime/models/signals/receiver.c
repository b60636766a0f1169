/* A signal for the process goes to the first thread that does not block it, as long as none is on its way to that one. Where one is,
 * Linux wakes another thread, unless the first one has its turn before: whoever is scheduled at the point that the sender makes here
 * gets it. A thread that waits is scheduled there too: it looks at what it waits for, and waits on. */
#include "models/signals/receiver.h"

#include <stddef.h>

#include "choices/event.h"
#include "models/files/descriptors.h"
#include "models/files/file_locks.h"
#include "models/files/polling.h"
#include "models/locks/mutex.h"
#include "models/threads/sync.h"
#include "schedule/describe.h"
#include "schedule/point.h"
#include "schedule/stand.h"
#include "schedule/wait.h"
#include "state/dispositions.h"
#include "state/fibers.h"

static int is_called(const rfn_fiber *fiber)
{
    return (fiber->pending & ~fiber->blocked) != 0 || (fiber->called != 0 && fiber->called >= fiber->ran);
}

static int may_get(const rfn_fiber *fiber, const rfn_fiber *usual, int number)
{
    return fiber != usual && fiber != rfn_current && fiber->life == RFN_ALIVE && fiber->stands
           && !(fiber->blocked & rfn_bit(number)) && !is_called(fiber);
}

/* Those who wait so look again when they have their turn for nothing. */
static int looks_again(const rfn_fiber *fiber)
{
    return fiber->can == rfn_is_woken || fiber->can == rfn_mutex_is_free || fiber->can == rfn_semaphore_is_up
           || fiber->can == rfn_has_signal || fiber->can == rfn_pipe_is_readable || fiber->can == rfn_pipe_is_writable
           || fiber->can == rfn_event_is_raised || fiber->can == rfn_any_is_ready || fiber->can == rfn_file_lock_is_free;
}

static int always(const void *object)
{
    (void)object;
    return 1;
}

typedef struct asking {
    const rfn_fiber *usual;
    int number;
    int found;
} asking;

static rfn_fiber *decide_ask(void *argument)
{
    asking *what = argument;
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fiber *fiber = &rfn_fibers[i];
        if (!may_get(fiber, what->usual, what->number)) {
            continue;
        }
        what->found = 1;
        if (!fiber->enabled && looks_again(fiber)) {
            fiber->asked = fiber->can;
            fiber->can = always;
            rfn_look_again((void *)(uintptr_t)fiber->object);
        }
    }
    return rfn_current;
}

static rfn_fiber *decide_asked(void *unused)
{
    (void)unused;
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life == RFN_ALIVE && fiber->stands && fiber->can == always) {
            fiber->can = fiber->asked;
            rfn_look_again((void *)(uintptr_t)fiber->object);
        }
    }
    return rfn_current;
}

rfn_fiber *rfn_receiver_chosen(rfn_fiber *usual, int number, uintptr_t site)
{
    asking what = {usual, number, 0};
    uint32_t before = rfn_turns;
    rfn_fiber *chosen = usual;
    uint32_t latest = before;
    if (usual == NULL || usual == rfn_current || !is_called(usual)) {
        return usual;
    }
    rfn_leave(decide_ask, &what);
    if (!what.found) {
        return usual;
    }
    rfn_at(RF_SIGNAL, NULL, site);
    rfn_leave(decide_asked, NULL);
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->ran > latest && (fiber == usual || may_get(fiber, usual, number))) {
            latest = fiber->ran;
            chosen = fiber;
        }
    }
    return chosen;
}
