#include "profile.h"

static void count(rf_profile *profile, uint64_t key, uint32_t thread)
{
    uint32_t at = (uint32_t)rf_mix(key ^ ((uint64_t)thread + 1) << 40) & (RF_PROFILE_COUNTS - 1);
    rf_profile_count *place;
    for (;; at = (at + 1) & (RF_PROFILE_COUNTS - 1)) {
        place = &profile->counts[at];
        if (place->key == 0) {
            if (profile->used_counts >= RF_PROFILE_COUNTS / 4 * 3) {
                return;
            }
            profile->used_counts++;
            place->key = key;
            place->thread = thread;
            break;
        }
        if (place->key == key && place->thread == thread) {
            break;
        }
    }
    place->count++;
}

void rf_profile_add(rf_profile *profile, uint64_t key, uint32_t thread, int writes)
{
    uint32_t at = (uint32_t)rf_mix(key) & (RF_PROFILE_KEYS - 1);
    rf_profile_key *place;
    count(profile, RF_ANY_KEY, thread);
    if (key == 0) {
        return;
    }
    for (;; at = (at + 1) & (RF_PROFILE_KEYS - 1)) {
        place = &profile->keys[at];
        if (place->key == 0) {
            if (profile->used_keys >= RF_PROFILE_KEYS / 4 * 3) {
                return;
            }
            profile->used_keys++;
            place->key = key;
            place->thread = thread;
            break;
        }
        if (place->key == key) {
            break;
        }
    }
    place->total++;
    place->several |= place->thread != thread;
    place->written |= writes != 0;
    count(profile, key, thread);
}

uint64_t rf_profile_draw(const rf_profile *profile, uint64_t *rng)
{
    uint32_t total = 0;
    uint32_t drawn;
    for (uint32_t i = 0; i < RF_PROFILE_KEYS; i++) {
        const rf_profile_key *place = &profile->keys[i];
        total += place->several && place->written ? place->total : 0;
    }
    if (total == 0) {
        return RF_ANY_KEY;
    }
    drawn = rf_below(rng, total);
    for (uint32_t i = 0; i < RF_PROFILE_KEYS; i++) {
        const rf_profile_key *place = &profile->keys[i];
        if (place->several && place->written) {
            if (drawn < place->total) {
                return place->key;
            }
            drawn -= place->total;
        }
    }
    return RF_ANY_KEY;
}
