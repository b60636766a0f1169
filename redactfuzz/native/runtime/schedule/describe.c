#include "schedule/describe.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

#include "memory/writers.h"

enum { LABEL = 24 };

void rfn_name_of(uint32_t number, char *text, size_t size)
{
    if (number >= RFN_FIRST_THREAD && number < RFN_THREADS) {
        snprintf(text, size, "thread %u", number - RFN_FIRST_THREAD + 1);
    } else {
        snprintf(text, size, "%s", number == RFN_MAIN ? "main" : "nobody");
    }
}

uint32_t rfn_holder_of(const rfn_fiber *fiber)
{
    return fiber->can == NULL || fiber->can->holder == NULL ? RFN_THREADS : fiber->can->holder(fiber->object);
}

const void *rfn_lock_of(const rfn_fiber *fiber)
{
    return fiber->can == NULL || fiber->can->place == NULL ? NULL : fiber->can->place(fiber->object);
}

uint64_t rfn_taken_at(const rfn_fiber *fiber)
{
    rfn_writer writer;
    if (fiber->can != NULL && fiber->can->taken_at != NULL) {
        return fiber->can->taken_at(fiber->object);
    }
    /* Whoever takes a lock writes into it. */
    return rfn_writer_of((uintptr_t)fiber->object, &writer) && writer.thread == rfn_holder_of(fiber) ? writer.site : 0;
}

const char *rfn_awaited_by(const rfn_fiber *fiber) { return fiber->can == NULL ? NULL : fiber->can->name; }

void rfn_kind_awaited(const rfn_fiber *fiber, char *text, size_t size)
{
    const char *what = rfn_awaited_by(fiber);
    int fd = what == NULL || fiber->can->descriptor == NULL ? -1 : fiber->can->descriptor(fiber->object);
    if (fd >= 0) {
        snprintf(text, size, "%s %d", what, fd);
    } else {
        snprintf(text, size, "%s", what == NULL ? "" : what);
    }
}

void rfn_waits_for(const rfn_fiber *fiber, char *text, size_t size)
{
    char name[LABEL];
    const char *what = rfn_awaited_by(fiber);
    uint32_t holder;
    if (size > 0) {
        text[0] = 0;
    }
    if (what == NULL) {
        return;
    }
    holder = rfn_holder_of(fiber);
    if (holder == RFN_THREADS) {
        rfn_kind_awaited(fiber, text, size);
        return;
    }
    rfn_name_of(holder, name, sizeof name);
    if (fiber->can->of != NULL) {
        snprintf(text, size, "%s%s", fiber->can->of, name);
    } else if (holder == fiber->number) { /* in a signal handler, which interrupted it there */
        snprintf(text, size, "%s that it holds itself", what);
    } else {
        snprintf(text, size, "%s that %s holds", what, name);
    }
}

int rfn_has_waiters(const void *object)
{
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life == RFN_ALIVE && fiber->parked && fiber->can != NULL && fiber->object == object && !fiber->can->can(object)) {
            return 1;
        }
    }
    return 0;
}
