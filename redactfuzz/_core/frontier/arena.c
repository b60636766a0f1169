#include "frontier/arena.h"

/* Rounds the size up to its class and returns the class. */
static uint32_t class_of(uint64_t *bytes)
{
    uint32_t high;
    uint32_t shift;
    uint64_t last;
    if (*bytes <= 128) {
        uint32_t units = (uint32_t)((*bytes + 15) / 16);
        units = units == 0 ? 1 : units;
        *bytes = (uint64_t)units * 16;
        return units - 1;
    }
    last = *bytes - 1;
    high = 63 - (uint32_t)__builtin_clzll(last);
    shift = high - 2;
    *bytes = ((last >> shift) + 1) << shift;
    return 8 + (high - 7) * 4 + (uint32_t)((last >> shift) & 3u);
}

uint64_t rf_arena_take(rf_core *core, rf_arena *arena, uint64_t bytes)
{
    uint32_t kind = class_of(&bytes);
    uint64_t offset;
    if (kind >= RF_ARENA_CLASSES) {
        return 0;
    }
    offset = arena->free[kind];
    if (offset != 0) {
        arena->free[kind] = *RF_AT(core, offset, uint64_t);
        return offset;
    }
    if (arena->end - arena->top < bytes) {
        return 0;
    }
    offset = arena->top;
    arena->top += bytes;
    return offset;
}

void rf_arena_give(rf_core *core, rf_arena *arena, uint64_t offset, uint64_t bytes)
{
    uint32_t kind = class_of(&bytes);
    *RF_AT(core, offset, uint64_t) = arena->free[kind];
    arena->free[kind] = offset;
}
