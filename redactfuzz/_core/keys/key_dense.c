#include "keys/key_dense.h"

enum {
    BLOCK = 16,      /* any 32 bytes hold one whole */
    MOST_COMMON = 4, /* of 16 random bytes 5 or more are among the eight commonest once in 8,000 times */
    LEAST_HIGH = 2,  /* text has none; of 16 random bytes 0 or 1 are above 127 once in 4,000 times */
    GAP = 2,         /* blocks that do not look random between those that do */
    VALUES = 256,
};

static const double CHANCE = 1e-9; /* that a random number is not varied enough */

/* Zero, -1, and the commonest bytes of x86-64 code. */
static inline uint8_t is_common(uint8_t byte) {
    return (uint8_t)((byte == 0x00) | (byte == 0xff) | (byte == 0x48) | (byte == 0x8b) | (byte == 0x89) | (byte == 0x0f) | (byte == 0x24) | (byte == 0x44));
}

static inline int is_random(const uint8_t *block) {
    uint8_t common = 0, high = 0;
    for (int i = 0; i < BLOCK; i++) {
        common = (uint8_t)(common + is_common(block[i]));
        high = (uint8_t)(high + (block[i] >> 7));
    }
    return common <= MOST_COMMON && high >= LEAST_HIGH && high <= BLOCK - LEAST_HIGH;
}

/* The first block from `at` on that looks random; `size` where there is none. */
static size_t next_random(const uint8_t *data, size_t size, size_t grain, size_t at) {
    while (at + BLOCK <= size && !is_random(data + at)) at += grain;
    return at + BLOCK <= size ? at : size;
}

uint64_t rf_find_dense(const uint8_t *data, size_t size, size_t shortest, size_t grain, size_t *from, rf_place *stretches, uint64_t capacity) {
    const size_t margin = (size_t)GAP * BLOCK;
    uint64_t count = 0;
    size_t at = *from;
    while (at < size && count < capacity) {
        size_t first = next_random(data, size, grain, at);
        size_t last = first; /* the last block that looks random */
        if (first >= size) {
            at = size;
            break;
        }
        for (at = first + BLOCK; at + BLOCK <= size && at <= last + margin + BLOCK; at += grain)
            if (is_random(data + at)) last = at;
        size_t start = first > margin ? first - margin : 0, end = last + BLOCK + margin < size ? last + BLOCK + margin : size;
        /* The margins of two may meet. */
        if (count && stretches[count - 1].offset + stretches[count - 1].length > start) start = stretches[count - 1].offset + stretches[count - 1].length;
        if (end - start >= shortest && last + BLOCK - first + 2 * (BLOCK - 1) >= shortest - shortest / 8) stretches[count++] = (rf_place){.offset = start, .length = end - start};
        if (at + BLOCK > size) at = size;
    }
    *from = at;
    return count;
}

/* Of n random bytes n^2 / 512 are expected to repeat an earlier one; so many more, or few or many above 127, are met once in a
 * thousand times. Text, code and pointers repeat more. */
int rf_looks_random(const uint8_t *at, uint32_t size) {
    uint64_t seen[4] = {0};
    uint32_t distinct = 0, high = 0;
    for (uint32_t i = 0; i < size; i++) {
        uint64_t bit = (uint64_t)1 << at[i] % 64;
        distinct += (seen[at[i] / 64] & bit) == 0;
        seen[at[i] / 64] |= bit;
        high += at[i] >> 7;
    }
    return size - distinct <= 3 + size * size / 256 && high >= size / 8 && high <= size - size / 8;
}

/* The least number of different values that so many random bytes have, but with CHANCE: by the number of values after each draw. */
static uint32_t least_values(size_t draws) {
    double after[VALUES + 1] = {1.0}, below = 0.0;
    for (size_t draw = 0; draw < draws; draw++) {
        for (uint32_t values = VALUES; values > 0; values--)
            after[values] = after[values] * values / VALUES + after[values - 1] * (VALUES + 1 - values) / VALUES;
        after[0] = 0.0;
    }
    uint32_t least = 0;
    while (least < VALUES && (below += after[least]) <= CHANCE) least++;
    return least;
}

/* Windows that begin so near to one another belong together, whatever is between them. */
static size_t nearby(size_t shortest) { return shortest / 4 + 1; }

uint64_t rf_varied_most(const rf_place *stretches, uint64_t count, size_t shortest) {
    uint64_t most = count;
    for (uint64_t i = 0; i < count; i++) most += stretches[i].length / nearby(shortest);
    return most;
}

/* The parts of one stretch. */
static uint64_t keep(const uint8_t *data, rf_place stretch, size_t shortest, uint32_t least, rf_place *kept) {
    uint32_t times[VALUES] = {0}, values = 0;
    uint64_t count = 0;
    for (uint64_t end = 0; end < stretch.length; end++) {
        const uint8_t *at = data + stretch.offset + end;
        values += times[*at]++ == 0;
        if (end >= shortest) values -= --times[at[-(ptrdiff_t)shortest]] == 0;
        if (end + 1 < shortest || values < least) continue;
        uint64_t first = stretch.offset + end + 1 - shortest;
        rf_place *last = count ? &kept[count - 1] : NULL;
        if (last == NULL || first > last->offset + last->length - shortest + nearby(shortest)) {
            kept[count++] = (rf_place){.offset = first, .length = shortest};
        } else {
            last->length = first + shortest - last->offset;
        }
    }
    return count;
}

uint64_t rf_keep_varied(const uint8_t *data, const rf_place *stretches, uint64_t count, size_t shortest, rf_place *kept) {
    uint64_t all = 0;
    uint32_t least = least_values(shortest - shortest / 4);
    if (shortest == 0) return 0;
    for (uint64_t i = 0; i < count; i++) all += keep(data, stretches[i], shortest, least, kept + all);
    return all;
}

uint64_t rf_keep_sized(const rf_place *stretches, uint64_t count, uint64_t least, uint64_t most, rf_place *kept) {
    uint64_t all = 0;
    for (uint64_t i = 0; i < count; i++)
        if (stretches[i].length >= least && stretches[i].length <= most) kept[all++] = stretches[i];
    return all;
}
