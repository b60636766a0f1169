/* What comes out of a program: a set of hashes. */
#ifndef SOUNDNESS_OUTCOMES_H
#define SOUNDNESS_OUTCOMES_H

#include "model.h"

enum { OUTCOMES = 1 << 14 /* of a program; a power of two */ };

typedef struct outcomes {
    uint64_t entry[OUTCOMES];
    uint32_t count;
} outcomes;

static uint64_t hash_of(const void *bytes, size_t size, uint64_t hash)
{
    for (size_t i = 0; i < size; i++) {
        hash = (hash + ((const uint8_t *)bytes)[i] + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
        hash ^= hash >> 29;
    }
    return hash == 0 ? 1 : hash;
}

static int add(uint64_t *table, uint32_t size, uint64_t hash)
{
    uint32_t at = (uint32_t)(hash * 0x9e3779b97f4a7c15u >> 40) & (size - 1);
    while (table[at] != 0 && table[at] != hash) {
        at = (at + 1) & (size - 1);
    }
    if (table[at] == hash) {
        return 0;
    }
    table[at] = hash;
    return 1;
}

/* Are those of one set the same as those of the other? */
static int alike(const outcomes *one, const outcomes *other)
{
    static outcomes copy;
    copy = *one;
    for (uint32_t i = 0; i < OUTCOMES; i++) {
        if (other->entry[i] != 0 && add(copy.entry, OUTCOMES, other->entry[i])) {
            return 0;
        }
    }
    return one->count == other->count;
}

static void see_groups(const program *p, const state *s, outcomes *out)
{
    for (uint32_t group = 0; p->groups && group < GROUPS; group++) {
        out->count += (uint32_t)add(out->entry, OUTCOMES, hash_of(s->var + 2 * group, 2, 77 + group));
    }
}

/* All that a process leaves that has ended by EXIT: what its thread has read, and whom crashes have struck before. */
static void see_death(const state *s, outcomes *out)
{
    uint32_t thread = s->over - DIED;
    uint8_t left[4 + 4 + ALL] = {s->over, s->reg[thread], s->in_handler[thread], s->handler[thread]};
    memcpy(left + 4, s->seen[s->handler[thread]], s->in_handler[thread] ? 4 : 0);
    memcpy(left + 8, s->fired, ALL);
    out->count += (uint32_t)add(out->entry, OUTCOMES, hash_of(left, sizeof left, 5));
}

static void see_end(const program *p, const state *s, outcomes *out)
{
    if (s->over >= DIED) {
        see_death(s, out);
        return;
    }
    state last = *s;
    forget_unseen(p, &last);
    out->count += (uint32_t)add(out->entry, OUTCOMES, hash_of(&last, sizeof last, 1));
}

#endif
