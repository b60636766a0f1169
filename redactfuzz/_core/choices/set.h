/* A set of thread numbers: a bitset in three levels of 64, so that every operation takes a handful of instructions
 * whether there are 3 threads or 65,000.
 */
#ifndef RF_SET_H
#define RF_SET_H

#include <stddef.h>
#include <stdint.h>

enum { RF_NONE = 0xffffffffu, RF_SET_NODES = 16 };

typedef struct rf_set {
    uint64_t top;                    /* which nodes hold anything */
    uint64_t node[RF_SET_NODES];     /* which words of the node hold anything */
    uint32_t inside[RF_SET_NODES];   /* members below the node */
    uint32_t count;
    uint32_t words;                  /* number of words */
    uint64_t offset;                 /* of the words, from the start of the block */
} rf_set;

static inline uint64_t *rf_set_words(const void *block, const rf_set *set)
{
    return (uint64_t *)((char *)(uintptr_t)block + set->offset);
}

static inline int rf_set_has(const void *block, const rf_set *set, uint32_t member)
{
    return (int)((rf_set_words(block, set)[member >> 6] >> (member & 63u)) & 1u);
}

static inline void rf_set_add(const void *block, rf_set *set, uint32_t member)
{
    uint64_t *word = rf_set_words(block, set) + (member >> 6);
    uint64_t bit = (uint64_t)1 << (member & 63u);
    uint32_t node = member >> 12;
    if (*word & bit) {
        return;
    }
    *word |= bit;
    set->node[node] |= (uint64_t)1 << ((member >> 6) & 63u);
    set->top |= (uint64_t)1 << node;
    set->inside[node]++;
    set->count++;
}

static inline void rf_set_remove(const void *block, rf_set *set, uint32_t member)
{
    uint64_t *word = rf_set_words(block, set) + (member >> 6);
    uint64_t bit = (uint64_t)1 << (member & 63u);
    uint32_t node = member >> 12;
    if (!(*word & bit)) {
        return;
    }
    *word &= ~bit;
    if (*word == 0) {
        set->node[node] &= ~((uint64_t)1 << ((member >> 6) & 63u));
        if (set->node[node] == 0) {
            set->top &= ~((uint64_t)1 << node);
        }
    }
    set->inside[node]--;
    set->count--;
}

void rf_set_clear(const void *block, rf_set *set);
uint32_t rf_set_next_of_many(const void *block, const rf_set *set, uint32_t from);
/* The smallest member >= from, or RF_NONE. Nearly all sets have members below 64 alone, and are asked at each point. */
static inline uint32_t rf_set_next(const void *block, const rf_set *set, uint32_t from)
{
    uint64_t bits = from < 64 ? rf_set_words(block, set)[0] & (~(uint64_t)0 << from) : 0;
    if (bits != 0) {
        return (uint32_t)__builtin_ctzll(bits);
    }
    return set->top <= 1 && set->node[0] <= 1 ? RF_NONE : rf_set_next_of_many(block, set, from);
}
/* The same, going round: RF_NONE only when the set is empty. */
uint32_t rf_set_cyclic(const void *block, const rf_set *set, uint32_t from);
/* The member with k smaller ones, k <= count, as if `added`, which is none, were one. */
uint32_t rf_set_kth_with(const void *block, rf_set *set, uint32_t k, uint32_t added);
/* The member with k smaller ones; k < count. */
uint32_t rf_set_kth(const void *block, const rf_set *set, uint32_t k);

#endif
