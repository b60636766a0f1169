/* SplitMix64 (Steele, Lea, Flood: OOPSLA 2014): one word of state, seeded anew for each execution from (seed, stage,
 * number of the stage's execution), so that a stage's choices do not depend on how often the others ran.
 */
#ifndef RF_RNG_H
#define RF_RNG_H

#include <stdint.h>

static inline uint64_t rf_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline uint64_t rf_random(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return rf_mix(*state);
}

/* Uniform in [0, n); n > 0. The bias is below n / 2^32. */
static inline uint32_t rf_below(uint64_t *state, uint32_t n)
{
    return (uint32_t)(((rf_random(state) >> 32) * n) >> 32);
}

#endif
