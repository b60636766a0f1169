/* Memory inside the block for the frontier: free lists by size class (four to a power of two). */
#ifndef RF_ARENA_H
#define RF_ARENA_H

#include "choices/core.h"

enum { RF_ARENA_CLASSES = 160 };

typedef struct rf_arena {
    uint64_t top; /* never used from here on */
    uint64_t end;
    uint64_t free[RF_ARENA_CLASSES];
} rf_arena;

/* Returns an offset, 0 when there is no room. The memory holds garbage. */
uint64_t rf_arena_take(rf_core *core, rf_arena *arena, uint64_t bytes);
/* `bytes` as it was taken. */
void rf_arena_give(rf_core *core, rf_arena *arena, uint64_t offset, uint64_t bytes);

#endif
