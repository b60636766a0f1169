/* Which executions leave in their dumps what none before has left: those are worth a comparison under other secrets. */
#ifndef RFN_NOVELTY_H
#define RFN_NOVELTY_H

#include <stddef.h>
#include <stdint.h>

#include "state/found.h"

enum { RFN_UNLIKE = 16 };

/* Blocks of the execution's dumps that hold what they never held, as numbers that stay the same in every process of the
 * program: of memory and files, and of stacks and registers, which hold much that nobody means to keep. */
typedef struct rfn_novelty_blocks {
    uint32_t count, on_stacks;
    uint64_t block[RFN_UNLIKE], on_stack[RFN_UNLIKE];
} rfn_novelty_blocks;

extern rfn_novelty_blocks rfn_novelty;

/* Nothing happens where the plan does not ask for it. */
void rfn_novelty_begin(void);
void rfn_novelty_look(const uint8_t *bytes, size_t size, uint64_t address, rfn_where where, uint32_t thread, const char *file);

#endif
