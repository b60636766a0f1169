#include "base/shadow.h"

#include <string.h>

#include "base/hidden.h"
#include "base/parts.h"

RFN_STATE uint8_t *rfn_shadow;

void rfn_shadow_init(void) { rfn_shadow = rfn_hidden(RFN_HEAP_SIZE / RFN_SHADOWED); }

static uint8_t *of(uintptr_t at) { return rfn_shadow + (at - RFN_HEAP) / RFN_SHADOWED; }

void rfn_shadow_live(uintptr_t start, size_t size, size_t room)
{
    uint8_t *from = of(start), *end = of(start + room);
    memset(from, RFN_SHADOWED, size / RFN_SHADOWED);
    from += size / RFN_SHADOWED;
    if (from < end) {
        *from++ = size % RFN_SHADOWED;
        memset(from, 0, (size_t)(end - from));
    }
}

void rfn_shadow_freed(uintptr_t start, size_t room) { memset(of(start), RFN_FREED, room / RFN_SHADOWED); }

void rfn_shadow_clear(uintptr_t end) { memset(rfn_shadow, 0, (end - RFN_HEAP) / RFN_SHADOWED); }

static const uint8_t live[8] = {RFN_SHADOWED, RFN_SHADOWED, RFN_SHADOWED, RFN_SHADOWED,
                                RFN_SHADOWED, RFN_SHADOWED, RFN_SHADOWED, RFN_SHADOWED};

uintptr_t rfn_shadow_outside(uintptr_t at, size_t size)
{
    uintptr_t end = at + size < RFN_HEAP + RFN_HEAP_SIZE && at + size > at ? at + size : RFN_HEAP + RFN_HEAP_SIZE;
    if (at - RFN_HEAP >= RFN_HEAP_SIZE) {
        return 0;
    }
    while (at < end) {
        uint8_t is = *of(at);
        if (at % sizeof live == 0 && end - at >= RFN_SHADOWED * sizeof live && memcmp(of(at), live, sizeof live) == 0) {
            at += RFN_SHADOWED * sizeof live;
            continue;
        }
        uintptr_t next = at / RFN_SHADOWED * RFN_SHADOWED + RFN_SHADOWED, last = next < end ? next : end;
        uintptr_t room = is <= RFN_SHADOWED ? is : 0;
        if (last > next - RFN_SHADOWED + room) {
            return at > next - RFN_SHADOWED + room ? at : next - RFN_SHADOWED + room;
        }
        at = next;
    }
    return 0;
}
