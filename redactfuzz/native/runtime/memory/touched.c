#include "memory/touched.h"

#include "memory/memory.h"
#include "state/program.h"

enum { MOST_WORDS = 64 /* of one access; a larger one has touched everything, which costs schedules and loses none */ };

uint32_t rfn_object_number(const void *object)
{
    uintptr_t at = (uintptr_t)object;
    uintptr_t offset = at - RFN_WINDOW < RFN_SPAN ? at - RFN_WINDOW + (rfn_limit - rfn_base) : at - rfn_base;
    return object == NULL ? RF_OBJECT_UNKNOWN : (uint32_t)((offset >> 3) % (RFN_TOUCHED_GROUPS - 1)) + 1;
}

void rfn_touch_object(uint8_t kind, uint32_t object)
{
    rf_event event = {.kind = kind, .object = object};
    rf_touch(rfn.core, rfn_current != NULL ? rfn_current->number : 0, &event);
}

void rfn_touched_crash(void)
{
    rf_event event = {.kind = RF_CRASH, .flags = RF_LOCAL | RF_VISIBLE};
    if (rfn.reduces) {
        rf_touch(rfn.core, rfn_current != NULL ? rfn_current->number : 0, &event);
    }
}

void rfn_touch_bytes(uint8_t kind, uintptr_t at, size_t size) { rfn_touch_bytes_at(kind, at, size, 0); }

void rfn_touch_bytes_at(uint8_t kind, uintptr_t at, size_t size, uint64_t site)
{
    if (kind == RF_OPAQUE || size > 8 * (size_t)MOST_WORDS) {
        rfn_touch_object(RF_OPAQUE, RF_OBJECT_UNKNOWN);
        return;
    }
    for (uintptr_t word = at & ~(uintptr_t)7; size > 0 && word < at + size; word += 8) {
        uintptr_t from = word < at ? at : word;
        uintptr_t to = word + 8 < at + size ? word + 8 : at + size;
        rf_event event = {.kind = kind, .object = rfn_object_number((const void *)word), .offset = (uint32_t)(from - word), .size = (uint32_t)(to - from), .site = site};
        rf_touch(rfn.core, rfn_current != NULL ? rfn_current->number : 0, &event);
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
        rfn_touch_bytes(RF_WRITE, (uintptr_t)address, size);
    }
    rfn_will_write(address, size);
    if (rfn_current != NULL && !rfn_is_private(rfn_current, (uintptr_t)address)) {
        rfn_may_publish(rfn_current, (uintptr_t)address, size);
    }
}
