/* The end of a thread, and destructors of thread_local objects. */
#include <stddef.h>

#include "base/parts.h"
#include "memory/memory.h"
#include "models/memory/heap.h"
#include "models/threads/specific.h"
#include "models/threads/sync.h"
#include "processor/aside.h"
#include "schedule/point.h"
#include "state/control.h"

enum { AT_LOAD = 64 };

/* Those that constructors of the program left for the main thread: every execution begins with them. */
static rfn_thread_dtor at_load[AT_LOAD];
static unsigned left_at_load;

static int is_from_load(const rfn_thread_dtor *thread_dtor)
{
    return thread_dtor >= at_load && thread_dtor < at_load + AT_LOAD;
}

void rfn_thread_locals_end(void)
{
    rfn_control *control = rfn_control_of(rfn_current);
    while (control->thread_dtors != NULL) {
        rfn_thread_dtor *thread_dtor = control->thread_dtors;
        control->thread_dtors = thread_dtor->next;
        rfn_call_program((void *)thread_dtor->destroy, thread_dtor->object, NULL);
        if (!is_from_load(thread_dtor)) {
            rfn_release(thread_dtor, 0);
        }
    }
}

static void thread_starts(rfn_fiber *fiber)
{
    if (fiber->number == RFN_MAIN) {
        rfn_control_of(fiber)->thread_dtors = rfn_control_at_load.thread_dtors;
    }
}

static void thread_leaves(void) { rfn_control_of(rfn_current)->leaving = 1; }

static void thread_ends(void)
{
    rfn_thread_locals_end();
    rfn_keys_end();
}

int model___cxa_thread_atexit(void (*destroy)(void *), void *object, void *module);
int model___cxa_thread_atexit(void (*destroy)(void *), void *object, void *module)
{
    rfn_control *control = rfn_control_of(rfn_current);
    rfn_thread_dtor *thread_dtor;
    (void)module;
    if (rfn_current == NULL) {
        thread_dtor = left_at_load < AT_LOAD ? &at_load[left_at_load++] : NULL;
    } else {
        thread_dtor = rfn_allocate(sizeof *thread_dtor, SITE());
        rfn_wrote(thread_dtor, sizeof *thread_dtor);
    }
    if (thread_dtor == NULL) {
        return -1;
    }
    thread_dtor->next = control->thread_dtors;
    thread_dtor->destroy = destroy;
    thread_dtor->object = object;
    control->thread_dtors = thread_dtor;
    return 0;
}

RFN_PART(RFN_ON_MODELS_THREADS, thread_end, .thread_starts = thread_starts, .thread_leaves = thread_leaves, .thread_ends = thread_ends);
