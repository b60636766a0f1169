/* What an event is about, for the policies that look at data: (object, offset). In Python objects are unknown (0, or told later) but names
 * are known (offset). An event about an unknown object at no name, or about something local, has no key (0).
 */
#ifndef RF_KEY_H
#define RF_KEY_H

#include "choices/core.h"

static inline uint64_t rf_key(const rf_slot *slot)
{
    const uint32_t kinds = 1u << RF_READ | 1u << RF_WRITE | 1u << RF_RMW | 1u << RF_ACQUIRE | 1u << RF_RELEASE
                           | 1u << RF_WAIT | 1u << RF_SIGNAL;
    if (slot->flags & RF_VISIBLE || !(kinds >> slot->kind & 1u)) {
        return 0;
    }
    return (uint64_t)(slot->object == RF_OBJECT_TOLD ? 0 : slot->object) << 32 | slot->offset;
}

enum { RF_WAIT_KEEPS = 8 }; /* a timed wait may expire out of turn one time in so many */

static inline int rf_may_keep(const rf_slot *slot) { return (slot->flags & (RF_TIMED | RF_IN_TURN)) == RF_TIMED; }

#endif
