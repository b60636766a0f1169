#include "driver/novelty.h"

#include <string.h>

#include "state/run.h"

enum {
    BLOCK = 64,        /* bytes: a line of the cache, which a key or its encoding fills in part */
    TABLE = 1 << 16,   /* entries; a program of the size that people explore leaves some thousands of blocks */
    FULL = TABLE / 2,  /* from there on nothing is new any more: finding a free entry would take long */
    VALUES = 8,        /* of one block: what has more of them counts, or holds what is never the same */
};

rfn_novelty_blocks rfn_novelty;
static uint64_t met[TABLE]; /* 0: free */
static uint8_t values[TABLE];
static uint32_t used;

/* The multiplier of Steele and Vigna's 64-bit linear congruential generators (2021); the shift brings high bits down. */
static uint64_t mixed(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0xd1342543de82ef95);
    return hash ^ hash >> 32;
}

static int is_new(uint64_t key)
{
    uint32_t at = (uint32_t)key % TABLE;
    for (; met[at] != 0; at = (at + 1) % TABLE) {
        if (met[at] == key) {
            return 0;
        }
    }
    if (used >= FULL) {
        return 0;
    }
    met[at] = key;
    used++;
    return 1;
}

static void look(uint64_t place, const uint8_t *bytes, size_t size, int on_stack)
{
    uint64_t words[BLOCK / sizeof(uint64_t)] = {0};
    uint64_t key = place;
    uint8_t *known = &values[place % TABLE];
    memcpy(words, bytes, size);
    for (size_t i = 0; i < BLOCK / sizeof(uint64_t); i++) {
        key = mixed(key, words[i]);
    }
    key += key == 0;
    if (*known >= VALUES || !is_new(key)) {
        return;
    }
    ++*known;
    if (on_stack && rfn_novelty.on_stacks < RFN_UNLIKE) {
        rfn_novelty.on_stack[rfn_novelty.on_stacks++] = key;
    } else if (!on_stack && rfn_novelty.count < RFN_UNLIKE) {
        rfn_novelty.block[rfn_novelty.count++] = key;
    }
}

void rfn_novelty_begin(void)
{
    rfn_novelty.count = 0;
    rfn_novelty.on_stacks = 0;
}

void rfn_novelty_look(const uint8_t *bytes, size_t size, uint64_t address, rfn_where where, uint32_t thread, const char *file)
{
    int on_stack = where == RFN_IN_STACK || where == RFN_IN_REGISTERS;
    uint32_t canaries = rfn.control_block->plan.canaries;
    uint64_t all = canaries >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << canaries) - 1;
    uint64_t allowed = (rfn.strikes > 0 ? rfn.allowed_at_strike : rfn.allowed) & all;
    uint64_t part = mixed(where + 1, where == RFN_IN_REGISTERS ? thread : 0);
    if (!rfn.control_block->plan.unlike || rfn.control_block->plan.isolation == RFN_FORKED || where == RFN_ELSEWHERE || allowed == all) {
        return; /* a child's table dies with it; and what is in use may be there in any form */
    }
    part = mixed(part, allowed);
    for (; file != NULL && *file != 0; file++) {
        part = mixed(part, (uint8_t)*file);
    }
    for (size_t at = 0; at < size;) {
        size_t rest = BLOCK - (address + at) % BLOCK;
        size_t length = size - at < rest ? size - at : rest;
        look(mixed(part, (address + at) / BLOCK), bytes + at, length, on_stack);
        at += length;
    }
}
