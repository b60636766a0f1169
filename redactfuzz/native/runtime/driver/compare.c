#include "driver/compare.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/hidden.h"
#include "base/parts.h"
#include "driver/events.h"

enum { TOLD = 512 /* bytes of what is said: the rest will be found when that is mended */ };

extern uint8_t __start_rfn_state[], __stop_rfn_state[];

static uint8_t *kept;

static size_t size(void) { return (size_t)(__stop_rfn_state - __start_rfn_state); }

void rfn_state_keep(void)
{
    kept = rfn_hidden(size());
    memcpy(kept, __start_rfn_state, size());
}

int rfn_state_is_back(void)
{
    char said[TOLD] = "an execution has left what is not put back: rfn_state";
    size_t used = strlen(said);
    int same = 1;
    for (size_t at = 0; at < size(); at += sizeof(uint64_t)) {
        size_t length = size() - at < sizeof(uint64_t) ? size() - at : sizeof(uint64_t);
        if (memcmp(kept + at, __start_rfn_state + at, length) == 0) {
            continue;
        }
        same = 0;
        if (used < TOLD) {
            used += (size_t)snprintf(said + used, TOLD - used, " +%zu", at);
        }
    }
    if (!same) {
        rfn_event_failed(said);
    }
    return same;
}
