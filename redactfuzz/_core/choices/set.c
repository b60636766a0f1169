#include "choices/set.h"

static inline uint32_t lowest(uint64_t word)
{
    return (uint32_t)__builtin_ctzll(word);
}

static inline uint64_t above(uint32_t bit)
{
    return bit == 63 ? 0 : ~(uint64_t)0 << (bit + 1);
}

void rf_set_clear(const void *block, rf_set *set)
{
    uint64_t *words = rf_set_words(block, set);
    while (set->top != 0) {
        uint32_t node = lowest(set->top);
        while (set->node[node] != 0) {
            words[(node << 6) | lowest(set->node[node])] = 0;
            set->node[node] &= set->node[node] - 1;
        }
        set->inside[node] = 0;
        set->top &= set->top - 1;
    }
    set->count = 0;
}

uint32_t rf_set_next_of_many(const void *block, const rf_set *set, uint32_t from)
{
    const uint64_t *words = rf_set_words(block, set);
    uint32_t word = from >> 6;
    uint32_t node = word >> 6;
    uint64_t bits;
    if (word >= set->words) {
        return RF_NONE;
    }
    bits = words[word] & (~(uint64_t)0 << (from & 63u));
    if (bits != 0) {
        return (word << 6) | lowest(bits);
    }
    bits = set->node[node] & above(word & 63u);
    if (bits == 0) {
        uint64_t nodes = set->top & above(node);
        if (nodes == 0) {
            return RF_NONE;
        }
        node = lowest(nodes);
        bits = set->node[node];
    }
    word = (node << 6) | lowest(bits);
    return (word << 6) | lowest(words[word]);
}

uint32_t rf_set_cyclic(const void *block, const rf_set *set, uint32_t from)
{
    uint32_t found = rf_set_next(block, set, from);
    return found == RF_NONE ? rf_set_next(block, set, 0) : found;
}

uint32_t rf_set_kth(const void *block, const rf_set *set, uint32_t k)
{
    const uint64_t *words = rf_set_words(block, set);
    uint32_t node = 0;
    uint64_t left;
    uint64_t bits;
    uint32_t word;
    while (k >= set->inside[node]) {
        k -= set->inside[node++];
    }
    left = set->node[node];
    for (;;) {
        uint32_t here;
        word = (node << 6) | lowest(left);
        left &= left - 1;
        if (left == 0) {
            break; /* the last word: it must be there, and counting is a call where the processor is not known */
        }
        here = (uint32_t)__builtin_popcountll(words[word]);
        if (k < here) {
            break;
        }
        k -= here;
    }
    for (bits = words[word]; k > 0; k--) {
        bits &= bits - 1;
    }
    return (word << 6) | lowest(bits);
}

uint32_t rf_set_kth_with(const void *block, rf_set *set, uint32_t k, uint32_t added)
{
    uint32_t kth;
    if (added < 64 && (set->top | 1) == 1 && (set->node[0] | 1) == 1) {
        uint64_t bits = rf_set_words(block, set)[0] | (uint64_t)1 << added;
        for (; k > 0; k--) {
            bits &= bits - 1;
        }
        return lowest(bits);
    }
    rf_set_add(block, set, added);
    kth = rf_set_kth(block, set, k);
    rf_set_remove(block, set, added);
    return kth;
}
