/* What an execution's dumps give away. */
#ifndef RFN_FOUND_H
#define RFN_FOUND_H

#include <stdint.h>

#include "match/match.h"
#include "state/numbers.h"

enum { RFN_HITS = 32 };

typedef struct rfn_sighting {
    rf_hit hit;         /* offset: address in a core, position in a file */
    uint32_t canary;
    uint32_t thread;    /* owner of the stack or the registers */
    uint8_t where;      /* rfn_where */
    uint8_t allowed;
    char file[128];     /* RFN_IN_FILE */
} rfn_sighting;

typedef struct rfn_inspection {
    uint32_t dumps;
    uint32_t leaks;     /* sightings that are not allowed */
    uint32_t count;
    uint64_t seen;      /* bits, by canary: shown in a dump, allowed ones included */
    rfn_sighting sighting[RFN_HITS];
} rfn_inspection;

extern rfn_inspection rfn_found;

#endif
