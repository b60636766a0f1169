/* The thread of the highest rank: a winner tree over thread numbers, so that one change costs log2(threads). */
#include "choices/core.h"

static uint64_t rank_of(rf_core *core, uint32_t thread)
{
    return thread == RF_NONE ? 0 : rf_slot_of(core, thread)->rank;
}

/* rank 0 takes the thread out. Of equal ranks the lower thread wins. */
void rf_rank_set(rf_core *core, uint32_t thread, uint64_t rank)
{
    uint32_t *tree = RF_AT(core, core->tree, uint32_t);
    uint32_t node = core->leaves + thread;
    rf_slot_of(core, thread)->rank = rank;
    tree[node] = rank == 0 ? 0 : thread + 1; /* + 1: the block starts as zeros */
    for (node /= 2; node > 0; node /= 2) {
        uint32_t left = tree[2 * node];
        uint32_t right = tree[2 * node + 1];
        uint32_t winner = rank_of(core, right - 1) > rank_of(core, left - 1) ? right : left;
        if (tree[node] == winner && winner != thread + 1) {
            break; /* it neither won nor wins here, so nothing changes above */
        }
        tree[node] = winner;
    }
}

uint32_t rf_rank_best(rf_core *core)
{
    const uint32_t *tree = RF_AT(core, core->tree, uint32_t);
    while (tree[1] != 0 && rf_slot_of(core, tree[1] - 1)->state == RF_SLOT_NONE) {
        rf_rank_set(core, tree[1] - 1, 0); /* it ended: taken out when it is met */
    }
    return tree[1] - 1;
}

void rf_rank_clear(rf_core *core)
{
    uint32_t *tree = RF_AT(core, core->tree, uint32_t);
    uint32_t low = core->leaves;
    uint32_t high = core->leaves + core->used;
    while (low > 0) {
        for (uint32_t node = low; node <= high && node < 2 * core->leaves; node++) {
            tree[node] = 0;
        }
        low /= 2;
        high /= 2;
    }
}
