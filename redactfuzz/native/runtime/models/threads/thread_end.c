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
static rfn_farewell at_load[AT_LOAD];
static unsigned left_at_load;

static int is_from_load(const rfn_farewell *farewell)
{
    return farewell >= at_load && farewell < at_load + AT_LOAD;
}

void rfn_thread_locals_end(void)
{
    rfn_control *control = rfn_control_of(rfn_current);
    while (control->farewells != NULL) {
        rfn_farewell *farewell = control->farewells;
        control->farewells = farewell->next;
        rfn_call_program((void *)farewell->destroy, farewell->object, NULL);
        if (!is_from_load(farewell)) {
            rfn_release(farewell, 0);
        }
    }
}

static void thread_starts(rfn_fiber *fiber)
{
    if (fiber->number == RFN_MAIN) {
        rfn_control_of(fiber)->farewells = rfn_control_at_load.farewells;
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
    rfn_farewell *farewell;
    (void)module;
    if (rfn_current == NULL) {
        farewell = left_at_load < AT_LOAD ? &at_load[left_at_load++] : NULL;
    } else {
        farewell = rfn_allocate(sizeof *farewell, SITE());
        rfn_wrote(farewell, sizeof *farewell);
    }
    if (farewell == NULL) {
        return -1;
    }
    farewell->next = control->farewells;
    farewell->destroy = destroy;
    farewell->object = object;
    control->farewells = farewell;
    return 0;
}

RFN_PART(RFN_ON_MODELS_THREADS, thread_end, .thread_starts = thread_starts, .thread_leaves = thread_leaves, .thread_ends = thread_ends);
