/* The steps of a schedule that was run, at which its children part from it: which there are, and in which order they come. */
#ifndef RF_FRONTIER_STEPS_H
#define RF_FRONTIER_STEPS_H

#include "frontier/frontier.h"

enum { RF_FULL_CHECKS = 4096 /* up to so many steps each is checked */ };

/* -- the parts of a parent and of a group */

static inline uint64_t *rf_deviations_of(rf_parent *parent)
{
    return (uint64_t *)(parent + 1);
}

static inline uint32_t rf_words_of(const rf_parent *parent)
{
    return (parent->steps + 63) / 64;
}

static inline uint32_t rf_bitmap_words(const rf_parent *parent)
{
    return (parent->bitmap + (uint32_t)parent->origins) * rf_words_of(parent);
}

static inline uint64_t *rf_bitmap_of(rf_parent *parent)
{
    return rf_deviations_of(parent) + parent->deviations;
}

/* The bits of an origin but the first. */
static inline uint64_t *rf_origin_of(rf_parent *parent, uint32_t origin)
{
    return rf_bitmap_of(parent) + (parent->bitmap + origin - 1) * rf_words_of(parent);
}

static inline uint16_t *rf_checks_of(rf_parent *parent)
{
    return (uint16_t *)(void *)(rf_bitmap_of(parent) + rf_bitmap_words(parent));
}

static inline uint64_t rf_parent_bytes(const rf_parent *parent)
{
    uint64_t checks = ((uint64_t)parent->steps >> parent->shift) + 1;
    return sizeof(rf_parent) + 8 * ((uint64_t)parent->deviations + rf_bitmap_words(parent)) + 2 * checks;
}

static inline uint64_t *rf_items_of(rf_group *group)
{
    return (uint64_t *)(group + 1);
}

static inline uint64_t rf_group_bytes(const rf_group *group)
{
    return sizeof(rf_group) + 8 * (uint64_t)group->count;
}

static inline int rf_displaces(const rf_group *group)
{
    return group->key >> RF_OPTION_BITS != RF_NO_THREAD;
}

/* Fills the bitmaps and checks of a parent from the trace. */
void rf_record_steps(rf_core *core, rf_parent *parent);
/* How many bitmaps of origins its steps need: none where all are the program's own. */
uint8_t rf_origins_of(rf_core *core, const rf_parent *parent);
/* How many of the steps from lo to hi - 1 belong to a phase. */
uint32_t rf_between(rf_parent *parent, uint32_t phase, uint32_t lo, uint32_t hi);
/* The index-th step of the group's phase. */
uint32_t rf_step_at(rf_parent *parent, rf_group *group, uint32_t index);
/* Moves on to the next candidate; 0 when there is none left. `index` is its place among those of the phase. */
int rf_advance(rf_group *group, uint32_t *index);

#endif
