#include "memory/moves.h"

#include "base/parts.h"
#include "memory/memory.h"
#include "memory/writers.h"
#include "state/matcher.h"
#include "state/run.h"

enum {
    WATCHED = 4,     /* ranges: those that were written last */
    LONGEST = 4096,  /* bytes of one that are looked at */
    AROUND = 64,     /* bytes beside it, which a fragment may reach into */
    LASTS = 64,      /* points after the last write that it is watched: models write in pieces, with points between */
    AT_ONCE = 16,
};

/* [from, to) lies in pages that the program may touch. `sum` is of what was found in it. */
typedef struct watch {
    uintptr_t from, to;
    uint64_t sum;
    uint32_t left;
} watch;

RFN_STATE uint8_t rfn_noting;
static RFN_STATE watch watched[WATCHED];
static RFN_STATE uint32_t next;
static RFN_STATE uint8_t moved; /* since the last point */

static int readable(uintptr_t address)
{
    return (rfn_page((const void *)address) & (RFN_MAPPED | RFN_PROTECTED | RFN_SECRET)) == RFN_MAPPED;
}

/* 0: nothing is found there, or the program cannot touch it any more. */
static uint64_t sum_of(const watch *range)
{
    rf_hit hits[AT_ONCE];
    rf_data data = {(const uint8_t *)range->from, range->to - range->from, 0, range->to - range->from};
    uint64_t sum = 0;
    uint32_t count;
    for (uintptr_t at = range->from; at < range->to; at = (at | (RFN_PAGE - 1)) + 1) {
        if (!readable(at)) {
            return 0;
        }
    }
    count = rfn_scan(&data, hits, AT_ONCE);
    for (uint32_t i = 0; i < count && i < AT_ONCE; i++) {
        sum = (sum ^ hits[i].offset << 32 ^ hits[i].length << 16 ^ hits[i].source) * UINT64_C(0x9e3779b97f4a7c15) + 1;
    }
    return sum;
}

static void look_again(watch *range)
{
    uint64_t sum = sum_of(range);
    moved |= sum != range->sum;
    range->sum = sum;
}

void rfn_moves_begin(int looked_for)
{
    rfn.profiles = looked_for != 0;
    rfn_noting = rfn_tracing || looked_for;
}

static void reset(void)
{
    for (uint32_t i = 0; rfn_noting && i < WATCHED; i++) {
        watched[i] = (watch){0};
    }
    rfn_noting = 0;
    moved = 0;
    next = 0;
}

static void begin_watch(uintptr_t first, uintptr_t last)
{
    watch *range = &watched[next++ % WATCHED];
    if (range->left > 0) {
        look_again(range);
    }
    *range = (watch){first, last, 0, LASTS};
    for (int i = 0; i < AROUND && readable(range->from - 1); i++) {
        range->from--;
    }
    for (int i = 0; i < AROUND && readable(range->to); i++) {
        range->to++;
    }
    range->sum = sum_of(range);
}

void rfn_write_noted(uintptr_t address, size_t size)
{
    if (rfn_tracing) {
        rfn_writer_note(address, size);
    }
    if (!rfn.profiles || size == 0 || !readable(address)) {
        return;
    }
    size = size < LONGEST ? size : LONGEST;
    for (uint32_t i = 0; i < WATCHED; i++) {
        watch *range = &watched[i];
        if (range->left > 0 && address >= range->from + AROUND / 2 && address + size + AROUND / 2 <= range->to) {
            range->left = LASTS;
            look_again(range); /* what this write may take away again has been seen */
            return;
        }
    }
    begin_watch(address, address + size);
}

uint8_t rfn_secret_moved(void)
{
    uint8_t was;
    for (uint32_t i = 0; i < WATCHED; i++) {
        if (watched[i].left > 0) {
            watched[i].left--;
            look_again(&watched[i]);
        }
    }
    was = moved;
    moved = 0;
    return was ? RF_SECRET : 0;
}

RFN_PART(RFN_ON_MEMORY, moves, .reset = reset);
