#include "memory/library.h"

#include "base/parts.h"
#include "memory/memory.h"
#include "state/run.h"

enum { ALIGNMENT = 16 };

static RFN_STATE size_t used;

static void reset(void) { used = 0; }

void *rfn_library(size_t size)
{
    uint8_t *at = (uint8_t *)RFN_LIBRARY + used;
    size_t whole = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (whole > RFN_LIBRARY_SIZE - used) {
        rfn_internal("more than %zu MiB of what the C library keeps", RFN_LIBRARY_SIZE >> 20);
    }
    used += whole;
    rfn_wrote(at, whole);
    return at;
}

RFN_PART(RFN_ON_MEMORY, library, .reset = reset);
