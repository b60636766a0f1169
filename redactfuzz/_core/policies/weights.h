/* Threads drawn by weight: sums over thread numbers as a tree, so that one change and one draw cost log2(threads seen). */
#ifndef RF_WEIGHTS_H
#define RF_WEIGHTS_H

#include "choices/core.h"

/* Each thread has two weights, and is drawn by one of them. */
typedef enum rf_column { RF_ALIVE = 0, RF_STANDING, RF_COLUMNS } rf_column;

typedef struct rf_weight {
    uint32_t of[RF_COLUMNS];
} rf_weight;

/* Node n has the children 2n and 2n + 1, the leaves are threads. `root` is that of the leftmost subtree which holds
 * every thread with a weight so far: the few threads of a small program do not pay for those that there could be. */
typedef struct rf_weights {
    uint64_t tree;   /* offset of rf_weight[2 * leaves] */
    uint32_t leaves; /* a power of two */
    uint32_t root;
} rf_weights;

static inline size_t rf_weights_size(uint32_t leaves)
{
    return 2 * sizeof(rf_weight) * (size_t)leaves;
}

void rf_weights_init(rf_weights *weights, uint64_t offset, uint32_t leaves);
void rf_weights_clear(rf_core *core, rf_weights *weights);
void rf_weights_set(rf_core *core, rf_weights *weights, uint32_t thread, rf_weight weight);
uint32_t rf_weights_total(rf_core *core, const rf_weights *weights, rf_column column);
/* The thread that `drawn` falls on, in ascending order of threads; drawn < total. */
uint32_t rf_weights_find(rf_core *core, const rf_weights *weights, rf_column column, uint32_t drawn);

#endif
