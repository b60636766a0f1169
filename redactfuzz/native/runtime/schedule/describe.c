#include "schedule/describe.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

#include "memory/writers.h"
#include "models/family/family.h"
#include "models/files/descriptors.h"
#include "models/files/file_locks.h"
#include "models/files/polling.h"
#include "models/locks/mutex.h"
#include "models/memory/heap.h"
#include "models/streams/streams.h"
#include "models/threads/sync.h"
#include "schedule/quiet.h"
#include "schedule/wait.h"
#include "state/dispositions.h"

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
    int mark = 0;
    if (fiber->can == rfn_mutex_is_free) {
        return rfn_mutex_holder(fiber->object);
    } else if (fiber->can == rfn_rwlock_can_read || fiber->can == rfn_rwlock_can_write) {
        mark = ((const pthread_rwlock_t *)fiber->object)->__data.__cur_writer;
    } else if (fiber->can == rfn_spin_is_free) {
        mark = *(const volatile pthread_spinlock_t *)fiber->object;
    } else if (fiber->can == rfn_heap_is_free) {
        mark = (int)rfn_heap_holder();
    } else if (fiber->can == rfn_stream_is_free) {
        return rfn_stream_holder(fiber->object);
    } else if (fiber->can == rfn_has_ended) {
        return ((const rfn_fiber *)fiber->object)->number;
    }
    return mark > 0 ? (uint32_t)mark - 1 : RFN_THREADS;
}

const void *rfn_lock_of(const rfn_fiber *fiber)
{
    static rfn_condition *const no_locks[] = {rfn_heap_is_free, rfn_has_signal, rfn_has_awaited, rfn_has_ended, rfn_event_is_raised, rfn_stream_is_free,
                                              rfn_pipe_is_readable, rfn_pipe_is_writable, rfn_any_is_ready, rfn_child_has_ended,
                                              rfn_outside_comes, rfn_file_lock_is_free};
    for (size_t i = 0; i < sizeof no_locks / sizeof *no_locks; i++) {
        if (fiber->can == no_locks[i]) {
            return NULL;
        }
    }
    return fiber->can == rfn_is_woken ? ((const rfn_waiter *)fiber->object)->object : fiber->object;
}

uint64_t rfn_taken_at(const rfn_fiber *fiber)
{
    rfn_writer writer;
    if (fiber->can == rfn_heap_is_free) {
        return rfn_heap_taken_at();
    }
    /* Whoever takes a lock writes into it. */
    return rfn_writer_of((uintptr_t)fiber->object, &writer) && writer.thread == rfn_holder_of(fiber) ? writer.site : 0;
}

const char *rfn_awaited_by(const rfn_fiber *fiber)
{
    static const struct {
        rfn_condition *can;
        const char *what;
    } kinds[] = {
        {rfn_mutex_is_free, "a mutex"},
        {rfn_rwlock_can_read, "a read-write lock, to read"},
        {rfn_rwlock_can_write, "a read-write lock, to write"},
        {rfn_spin_is_free, "a spin lock"},
        {rfn_heap_is_free, "the lock of malloc"},
        {rfn_has_signal, "a signal"},
        {rfn_has_awaited, "a signal"},
        {rfn_semaphore_is_up, "a semaphore"},
        {rfn_once_is_settled, "what is done once"},
        {rfn_guard_is_settled, "a static that is being made"},
        {rfn_has_ended, "the end of a thread"},
        {rfn_is_woken, "a signal (condition variable, barrier or futex)"},
        {rfn_stream_is_free, "a stream"},
        {rfn_event_is_raised, "the eventfd"},
        {rfn_pipe_is_readable, "the pipe"},
        {rfn_pipe_is_writable, "room in a pipe that is full"},
        {rfn_any_is_ready, "the descriptors that it polls"},
        {rfn_child_has_ended, "the end of a child of fork"},
        {rfn_file_lock_is_free, "a lock of a file"},
        {rfn_outside_comes, "somebody from outside"},
    };
    if (fiber->can == rfn_is_woken && ((const rfn_waiter *)fiber->object)->bits != 0) {
        return "a change of a futex";
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (fiber->can == kinds[i].can) {
            return kinds[i].what;
        }
    }
    return NULL;
}

void rfn_kind_awaited(const rfn_fiber *fiber, char *text, size_t size)
{
    const char *what = rfn_awaited_by(fiber);
    int fd = fiber->can == rfn_event_is_raised || fiber->can == rfn_pipe_is_readable ? rfn_fd_with(fiber->object) : -1;
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
    if (fiber->can == rfn_has_ended) {
        snprintf(text, size, "the end of %s", name);
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
        if (fiber->life == RFN_ALIVE && fiber->stands && fiber->can != NULL && fiber->object == object && !fiber->can(object)) {
            return 1;
        }
    }
    return 0;
}
