#include "policies/profile.h"

/* Where a key is, or would be. */
static uint32_t key_place(const rf_profile *profile, uint64_t key)
{
    const uint32_t last = 2 * RF_PROFILE_KEYS - 1;
    uint32_t at = (uint32_t)rf_mix(key) & last;
    while (profile->key_places[at] != 0 && profile->keys[profile->key_places[at] - 1].key != key) {
        at = (at + 1) & last;
    }
    return at;
}

static uint32_t count_place(const rf_profile *profile, uint32_t key, uint32_t thread)
{
    const uint32_t last = 2 * RF_PROFILE_COUNTS - 1;
    uint32_t at = (uint32_t)rf_mix((uint64_t)key << 32 | thread) & last;
    for (; profile->count_places[at] != 0; at = (at + 1) & last) {
        const rf_profile_count *known = &profile->counts[profile->count_places[at] - 1];
        if (known->key == key && known->thread == thread) {
            break;
        }
    }
    return at;
}

static void count(rf_profile *profile, uint64_t key, uint32_t thread, int writes)
{
    uint16_t *index = &profile->key_places[key_place(profile, key)];
    rf_profile_key *entry;
    if (*index == 0) {
        rf_profile_key fresh = {.key = key, .thread = thread};
        if (profile->used_keys == RF_PROFILE_KEYS) {
            return;
        }
        profile->keys[profile->used_keys++] = fresh;
        *index = (uint16_t)profile->used_keys;
    }
    entry = &profile->keys[*index - 1];
    entry->total++;
    entry->several |= entry->thread != thread;
    entry->written |= writes != 0;
    index = &profile->count_places[count_place(profile, (uint32_t)(entry - profile->keys), thread)];
    if (*index == 0) {
        rf_profile_count fresh = {.thread = thread, .key = (uint32_t)(entry - profile->keys), .next = entry->counts};
        if (profile->used_counts == RF_PROFILE_COUNTS) {
            return;
        }
        profile->counts[profile->used_counts++] = fresh;
        *index = (uint16_t)profile->used_counts;
        entry->counts = *index;
    }
    profile->counts[*index - 1].count++;
}

void rf_profile_add(rf_profile *profile, uint64_t key, uint32_t thread, int writes)
{
    count(profile, RF_ANY_KEY, thread, 0);
    if (key != 0) {
        count(profile, key, thread, writes);
    }
}

static uint32_t chance_of(const rf_profile_key *entry)
{
    return entry->several && entry->written ? entry->total : 0;
}

uint64_t rf_profile_draw(const rf_profile *profile, uint64_t *rng)
{
    uint32_t total = 0;
    uint32_t drawn;
    for (uint32_t i = 0; i < profile->used_keys; i++) {
        total += chance_of(&profile->keys[i]);
    }
    drawn = total > 0 ? rf_below(rng, total) : 0;
    for (uint32_t i = 0; i < profile->used_keys; i++) {
        uint32_t chance = chance_of(&profile->keys[i]);
        if (drawn < chance) {
            return profile->keys[i].key;
        }
        drawn -= chance;
    }
    return RF_ANY_KEY;
}

static const rf_profile_count *count_at(const rf_profile *profile, uint32_t link)
{
    return link == 0 ? NULL : &profile->counts[link - 1];
}

const rf_profile_count *rf_profile_counts(const rf_profile *profile, uint64_t key)
{
    uint16_t index = profile->key_places[key_place(profile, key)];
    return index == 0 ? NULL : count_at(profile, profile->keys[index - 1].counts);
}

const rf_profile_count *rf_profile_next(const rf_profile *profile, const rf_profile_count *count)
{
    return count_at(profile, count->next);
}
