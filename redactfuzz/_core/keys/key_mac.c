#include "keys/key_mac.h"

#include <string.h>

#include "keys/key_dense.h"

enum {
    ALIGNED = 4, /* bytes: the words of both states lie alike in memory, wherever that lies in the data */
    APART = 8,   /* bytes between two that are side by side, at most */
    LOOKS = 256, /* windows are looked at in the time of a compression */
};

/* Whether the digest under the inner state gives the MAC under the outer one. */
static int is_outer(const rf_mac *m, const uint64_t *outer, const uint8_t *digest)
{
    uint8_t mac[RF_HASH_STATE];
    rf_hash_go_on(m->hash, outer, rf_hash_block(m->hash), digest, rf_hash_digest(m->hash), mac);
    return memcmp(mac, m->mac, m->mac_bytes) == 0;
}

static void digest_under(const rf_mac *m, const uint64_t *inner, uint8_t *digest)
{
    rf_hash_go_on(m->hash, inner, rf_hash_block(m->hash), m->message, m->message_bytes, digest);
}

static uint64_t message_cost(const rf_mac *m) { return m->message_bytes / rf_hash_block(m->hash) + 1; }

uint64_t rf_mac_cost(const rf_mac *m, uint32_t key_bytes)
{
    const uint32_t block = rf_hash_block(m->hash);
    return 3 + message_cost(m) + (key_bytes > block ? key_bytes / block + 1 : 0);
}

int rf_mac_of_key(const rf_mac *m, const uint8_t *key, uint32_t key_bytes)
{
    uint64_t inner[RF_HASH_WORDS], outer[RF_HASH_WORDS];
    uint8_t digest[RF_HASH_STATE];
    rf_hmac_key(m->hash, key, key_bytes, inner, outer);
    digest_under(m, inner, digest);
    return is_outer(m, outer, digest);
}

int rf_mac_of_states(const rf_mac *m, uint32_t order, const uint8_t *inner, const uint8_t *outer)
{
    uint64_t words[RF_HASH_WORDS];
    uint8_t digest[RF_HASH_STATE];
    rf_hash_read(m->hash, order, inner, words);
    digest_under(m, words, digest);
    rf_hash_read(m->hash, order, outer, words);
    return is_outer(m, words, digest);
}

static void spend(uint64_t *budget, uint64_t cost) { *budget -= cost < *budget ? cost : *budget; }

/* A pointer and a small number have two zeros side by side; of 32 random bytes one in 2,000 has. */
static int has_zeros(const uint8_t *at, uint32_t bytes)
{
    for (uint32_t i = 0; i + 1 < bytes; i++)
        if ((at[i] | at[i + 1]) == 0)
            return 1;
    return 0;
}

/* The next window of so many bytes that looks random, and 0 when there is none; the cursor is left behind it. */
static const uint8_t *next_window(const uint8_t *data, const rf_place *stretches, uint64_t stretch_count,
                                  uint32_t bytes, size_t step, rf_cursor *from)
{
    for (; from->stretch < stretch_count; from->stretch++, from->offset = 0) {
        const rf_place *stretch = &stretches[from->stretch];
        from->offset += (step - (stretch->offset + from->offset) % step) % step;
        while (from->offset + bytes <= stretch->length) {
            const uint8_t *at = data + stretch->offset + from->offset;
            from->offset += step;
            if (!has_zeros(at, bytes) && rf_looks_random(at, bytes))
                return at;
        }
    }
    return NULL;
}

uint32_t rf_find_mac_keys(const rf_mac *m, uint32_t key_bytes, const uint8_t *data, const rf_place *stretches,
                          uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *budget, uint64_t *offsets,
                          uint32_t capacity)
{
    uint32_t found = 0;
    while (*budget && found < capacity) {
        const uint8_t *at = next_window(data, stretches, stretch_count, key_bytes, step, from);
        if (at == NULL)
            return found;
        spend(budget, rf_mac_cost(m, key_bytes));
        if (rf_mac_of_key(m, at, key_bytes))
            offsets[found++] = (uint64_t)(at - data);
    }
    return found;
}

static void forget(rf_mac_near *near, uint64_t offset)
{
    while (near->count && (near->count == near->room || offset - near->windows[near->first].offset > near->reach)) {
        near->first = (near->first + 1) % near->room;
        near->count--;
    }
}

/* Two windows, each as the inner state and as the outer one. */
static uint32_t compare(const rf_mac *m, const rf_mac_window *before, const rf_mac_window *window, uint64_t *budget,
                        rf_mac_pair *pairs, uint32_t room)
{
    uint32_t found = 0;
    if ((window->offset - before->offset) % ALIGNED)
        return 0;
    spend(budget, 2);
    if (is_outer(m, window->words, before->digest) && found < room)
        pairs[found++] = (rf_mac_pair){.inner = before->offset, .outer = window->offset};
    if (is_outer(m, before->words, window->digest) && found < room)
        pairs[found++] = (rf_mac_pair){.inner = window->offset, .outer = before->offset};
    return found;
}

/* Whether what is behind a state is a count of one block: of blocks, bytes or bits, in words of either size and order. */
static int is_count(const rf_mac *m, uint64_t behind)
{
    const uint64_t block = rf_hash_block(m->hash), count = behind >> 32 ? behind >> 32 : behind;
    return (behind == count || behind == count << 32) && (count == 1 || count == block || count == 8 * block);
}

/* 8 bytes of the data; zero where it has not as many. */
static uint64_t beside(const uint8_t *data, size_t size, uint64_t at)
{
    uint64_t value = 0;
    if (at <= size && size - at >= sizeof value)
        memcpy(&value, data + at, sizeof value);
    return value;
}

static int may_be_pair(const rf_mac *m, const rf_mac_window *before, const rf_mac_window *window)
{
    const uint64_t distance = window->offset - before->offset, state = rf_hash_state(m->hash);
    return distance >= state
        && (distance <= state + APART || before->behind == window->behind || before->before == window->before);
}

static uint32_t compare_near(const rf_mac *m, rf_mac_near *near, const rf_mac_window *window, uint64_t *budget,
                             rf_mac_pair *pairs, uint32_t room)
{
    uint32_t found = 0;
    forget(near, window->offset);
    spend(budget, near->count / LOOKS);
    for (uint64_t i = 0; i < near->count && *budget; i++) {
        const rf_mac_window *before = &near->windows[(near->first + i) % near->room];
        if (may_be_pair(m, before, window))
            found += compare(m, before, window, budget, pairs + found, room - found);
    }
    near->windows[(near->first + near->count++) % near->room] = *window;
    return found;
}

static uint32_t compare_counted(const rf_mac *m, rf_mac_near *near, const rf_mac_window *window, uint64_t *budget,
                                rf_mac_pair *pairs, uint32_t room)
{
    uint32_t found = 0;
    if (!is_count(m, window->behind))
        return 0;
    for (uint64_t i = 0; i < near->counted_count && *budget; i++)
        if (near->counted[i].behind == window->behind && window->offset - near->counted[i].offset > near->reach)
            found += compare(m, &near->counted[i], window, budget, pairs + found, room - found);
    if (near->counted_count == near->counted_room)
        *budget = 0;
    else
        near->counted[near->counted_count++] = *window;
    return found;
}

uint32_t rf_find_mac_states(const rf_mac *m, uint32_t order, const uint8_t *data, size_t size,
                            const rf_place *stretches, uint64_t stretch_count, size_t step, rf_mac_near *near,
                            rf_cursor *from, uint64_t *budget, rf_mac_pair *pairs, uint32_t capacity)
{
    const uint32_t bytes = rf_hash_state(m->hash);
    uint32_t found = 0;
    while (*budget && found < capacity) {
        const uint8_t *at = next_window(data, stretches, stretch_count, bytes, step, from);
        if (at == NULL)
            return found;
        rf_mac_window window = {.offset = (uint64_t)(at - data),
                                .behind = beside(data, size, (uint64_t)(at - data) + bytes)};
        if (window.offset >= sizeof window.before)
            window.before = beside(data, size, window.offset - sizeof window.before);
        if (window.offset < near->next)
            continue;
        near->next = window.offset + 1;
        rf_hash_read(m->hash, order, at, window.words);
        digest_under(m, window.words, window.digest);
        spend(budget, message_cost(m));
        found += compare_near(m, near, &window, budget, pairs + found, capacity - found);
        found += compare_counted(m, near, &window, budget, pairs + found, capacity - found);
    }
    return found;
}
