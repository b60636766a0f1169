/* Timed waits: an indexed binary heap by (deadline, thread). */
#include "choices/core.h"

static uint32_t *heap_of(rf_core *core)
{
    return RF_AT(core, core->heap, uint32_t);
}

static int earlier(rf_core *core, uint32_t a, uint32_t b)
{
    uint64_t first = rf_slot_of(core, a)->deadline;
    uint64_t second = rf_slot_of(core, b)->deadline;
    return first != second ? first < second : a < b;
}

static void put(rf_core *core, uint32_t place, uint32_t thread)
{
    heap_of(core)[place] = thread;
    rf_slot_of(core, thread)->heap = place;
}

static void rise(rf_core *core, uint32_t place, uint32_t thread)
{
    while (place > 0) {
        uint32_t above = (place - 1) / 2;
        if (!earlier(core, thread, heap_of(core)[above])) {
            break;
        }
        put(core, place, heap_of(core)[above]);
        place = above;
    }
    put(core, place, thread);
}

static void sink(rf_core *core, uint32_t place, uint32_t thread, uint32_t count)
{
    for (;;) {
        uint32_t below = 2 * place + 1;
        if (below >= count) {
            break;
        }
        if (below + 1 < count && earlier(core, heap_of(core)[below + 1], heap_of(core)[below])) {
            below++;
        }
        if (!earlier(core, heap_of(core)[below], thread)) {
            break;
        }
        put(core, place, heap_of(core)[below]);
        place = below;
    }
    put(core, place, thread);
}

void rf_wait_add(rf_core *core, uint32_t thread)
{
    uint32_t count = core->timed.count;
    rf_set_add(core, &core->timed, thread);
    rise(core, count, thread);
}

void rf_wait_remove(rf_core *core, uint32_t thread)
{
    uint32_t place = rf_slot_of(core, thread)->heap;
    uint32_t last;
    rf_set_remove(core, &core->timed, thread);
    last = heap_of(core)[core->timed.count];
    if (last == thread) {
        return;
    }
    rise(core, place, last);
    sink(core, rf_slot_of(core, last)->heap, last, core->timed.count);
}

uint32_t rf_wait_first(rf_core *core)
{
    return heap_of(core)[0];
}
