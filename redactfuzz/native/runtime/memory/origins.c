#include "memory/origins.h"

#include <string.h>

#include "base/parts.h"
#include "memory/writers.h"
#include "state/run.h"

enum { KEPT = 256 };

static RFN_STATE rfn_origin kept[KEPT]; /* the oldest make room */
static RFN_STATE uint32_t count;

static void reset(void)
{
    if (count > 0) {
        memset(kept, 0, (count < KEPT ? count : KEPT) * sizeof kept[0]);
        count = 0;
    }
}

void rfn_origin_note(rfn_origin_kind kind, const void *start, size_t size, uint32_t thread, uint64_t site)
{
    if (rfn_tracing || kind == RFN_ORIGIN_FRAME) {
        kept[count++ % KEPT] = (rfn_origin){
            .start = (uintptr_t)start,
            .size = size,
            .site = site,
            .step = rf_get_status(rfn.core)->steps,
            .thread = thread,
            .kind = kind,
        };
    }
}

int rfn_origin_of(uintptr_t address, rfn_origin_kind kind, rfn_origin *origin)
{
    for (uint32_t i = count; i > 0 && count - i < KEPT; i--) {
        const rfn_origin *one = &kept[(i - 1) % KEPT];
        if (one->kind == kind && address - one->start < one->size) {
            *origin = *one;
            return 1;
        }
    }
    return 0;
}

RFN_PART(RFN_ON_MEMORY, origins, .reset = reset);
