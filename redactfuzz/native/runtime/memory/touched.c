#include "memory/touched.h"

#include "memory/memory.h"
#include "state/program.h"

enum { MOST_WORDS = 2048 /* of one access; a larger one has touched everything, which costs schedules and loses none */ };

extern const char __executable_start[], _end[]; /* of the driver: the linker's names for where it begins and ends */

uint32_t rfn_object_number(const void *object)
{
    uintptr_t at = (uintptr_t)object, program = rfn_limit - rfn_base;
    uintptr_t offset = at - rfn_base;
    if (at - RFN_WINDOW < RFN_SPAN) {
        offset = at - RFN_WINDOW + program;
    } else if (at - (uintptr_t)__executable_start < (uintptr_t)(_end - __executable_start)) {
        /* State of ours: how far it lies from the program is another matter in each process. */
        offset = at - (uintptr_t)__executable_start + program + RFN_SPAN;
    }
    return object == NULL ? RF_OBJECT_UNKNOWN : (uint32_t)((offset >> 3) % (RFN_TOUCHED_FILES - 1)) + 1;
}

void rfn_touch_object(uint8_t kind, uint32_t object)
{
    rf_event event = {.kind = kind, .object = object};
    rf_touch(rfn.core, rfn_current != NULL ? rfn_current->number : 0, &event);
}

void rfn_touch_all(const rfn_fiber *fiber)
{
    rf_event event = {.kind = RF_OPAQUE, .object = RF_OBJECT_UNKNOWN, .site = fiber != NULL ? fiber->site : 0};
    rf_touch(rfn.core, fiber != NULL ? fiber->number : 0, &event);
}

void rfn_touched_crash(void)
{
    rf_event event = {.kind = RF_CRASH, .flags = RF_LOCAL | RF_VISIBLE};
    if (rfn.reduces) {
        rf_touch(rfn.core, rfn_current != NULL ? rfn_current->number : 0, &event);
    }
}

void rfn_touched_own(void)
{
    rf_event event = {.kind = RF_WRITE, .flags = RF_LOCAL | RF_VISIBLE};
    if (rfn.reduces) {
        rf_touch(rfn.core, rfn_current != NULL ? rfn_current->number : 0, &event);
    }
}

void rfn_touch_bytes(const rfn_fiber *fiber, uint8_t kind, uintptr_t at, size_t size)
{
    rfn_touch_bytes_at(fiber, kind, at, size, 0);
}

void rfn_touch_bytes_at(const rfn_fiber *fiber, uint8_t kind, uintptr_t at, size_t size, uint64_t site)
{
    if (kind == RF_OPAQUE || size > 8 * (size_t)MOST_WORDS) {
        rfn_touch_all(fiber);
        return;
    }
    for (uintptr_t word = at & ~(uintptr_t)7; size > 0 && word < at + size; word += 8) {
        uintptr_t from = word < at ? at : word;
        uintptr_t to = word + 8 < at + size ? word + 8 : at + size;
        rf_event event = {.kind = kind, .object = rfn_object_number((const void *)word), .offset = (uint32_t)(from - word), .size = (uint32_t)(to - from), .site = site};
        rf_touch(rfn.core, fiber != NULL ? fiber->number : 0, &event);
    }
}

void rfn_wrote(const void *address, size_t size)
{
    rfn_has_come_to((uintptr_t)address);
    rfn_kernel_wrote(address, size);
}

void rfn_kernel_wrote(const void *address, size_t size)
{
    if (rfn.touches) {
        rfn_touch_bytes(rfn_current, RF_WRITE, (uintptr_t)address, size);
    }
    rfn_will_write(address, size);
    if (rfn_current != NULL && !rfn_is_private(rfn_current, (uintptr_t)address)) {
        rfn_may_publish(rfn_current, (uintptr_t)address, size);
    }
}
