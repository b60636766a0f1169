#include "policies/weights.h"

static rf_weight *tree_of(rf_core *core, const rf_weights *weights)
{
    return RF_AT(core, weights->tree, rf_weight);
}

void rf_weights_init(rf_weights *weights, uint64_t offset, uint32_t leaves)
{
    weights->tree = offset;
    weights->leaves = leaves;
    weights->root = leaves; /* the subtree of thread 0 alone */
}

void rf_weights_clear(rf_core *core, rf_weights *weights)
{
    const rf_weight nothing = {{0, 0}};
    uint32_t width = weights->leaves / weights->root;
    for (uint32_t first = weights->leaves; width > 0; first /= 2, width /= 2) {
        for (uint32_t node = first; node < first + width; node++) {
            tree_of(core, weights)[node] = nothing;
        }
    }
    weights->root = weights->leaves;
}

void rf_weights_set(rf_core *core, rf_weights *weights, uint32_t thread, rf_weight weight)
{
    rf_weight *tree = tree_of(core, weights);
    uint32_t node = weights->leaves + thread;
    rf_weight more;
    while (weights->leaves / weights->root <= thread) { /* all that has weight so far is the new root's left half */
        tree[weights->root / 2] = tree[weights->root];
        weights->root /= 2;
    }
    for (int i = 0; i < RF_COLUMNS; i++) {
        more.of[i] = weight.of[i] - tree[node].of[i]; /* modulo 2^32: less is more */
    }
    if ((more.of[RF_ALIVE] | more.of[RF_STANDING]) == 0) {
        return;
    }
    for (; node >= weights->root; node /= 2) {
        for (int i = 0; i < RF_COLUMNS; i++) {
            tree[node].of[i] += more.of[i];
        }
    }
}

uint32_t rf_weights_total(rf_core *core, const rf_weights *weights, rf_column column)
{
    return tree_of(core, weights)[weights->root].of[column];
}

uint32_t rf_weights_find(rf_core *core, const rf_weights *weights, rf_column column, uint32_t drawn)
{
    const rf_weight *tree = tree_of(core, weights);
    uint32_t node = weights->root;
    while (node < weights->leaves) {
        uint32_t left = tree[2 * node].of[column];
        node *= 2;
        if (drawn >= left) {
            drawn -= left;
            node++;
        }
    }
    return node - weights->leaves;
}
