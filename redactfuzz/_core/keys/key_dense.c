#include "keys/key_dense.h"

#include <string.h>

#include "keys/key_words.h"

enum {
    BLOCK = 16,      /* any 32 bytes hold one whole */
    MOST_COMMON = 4, /* of 16 random bytes 5 or more are among the eight commonest once in 8,000 times */
    LEAST_HIGH = 2,  /* text has none; of 16 random bytes 0 or 1 are above 127 once in 4,000 times */
    GAP = 2,         /* blocks that do not look random between those that do */
    MARGIN = GAP * BLOCK, /* bytes beside a run that a number in it may have */
    ZEROS = 4,            /* in a row, which a random number of 32 bytes has once in 10^8 times: they stand between what lies apart */
    OWN_ZEROS = 8,        /* with which a number in digits may end: its highest one */
    VALUES = 256,
};

static const double CHANCE = 1e-4; /* that a random number is not varied enough, or has too many common bytes: a tenth of what is_random() loses */

/* Zero, -1, and the commonest bytes of x86-64 code. */
#define COMMON_BYTES(each) each(0x00) each(0xff) each(0x48) each(0x8b) each(0x89) each(0x0f) each(0x24) each(0x44)
#define LISTED(byte) byte,
#define FLAGGED(byte) [byte] = 1,
static const uint8_t common_bytes[] = {COMMON_BYTES(LISTED)}, is_common[VALUES] = {COMMON_BYTES(FLAGGED)};
enum { COMMON = sizeof common_bytes };

typedef uint8_t lanes __attribute__((vector_size(BLOCK)));

/* How many of the lanes are not zero, each of which is 0 or all ones. */
static inline uint32_t count_lanes(lanes set) {
    const uint64_t ones = 0x0101010101010101;
    uint64_t halves[2];
    memcpy(halves, &set, sizeof halves);
    return (uint32_t)(((halves[0] & ones) + (halves[1] & ones)) * ones >> 56);
}

static inline int is_random(const uint8_t *block) {
    lanes bytes;
    memcpy(&bytes, block, sizeof bytes);
    lanes common = {0};
    for (int i = 0; i < COMMON; i++) common |= (lanes)(bytes == common_bytes[i]);
    uint32_t high = count_lanes((lanes)(bytes > 127));
    return count_lanes(common) <= MOST_COMMON && high >= LEAST_HIGH && high <= BLOCK - LEAST_HIGH;
}

/* The first block from `at` on that looks random; `size` where there is none. */
static size_t next_random(const uint8_t *data, size_t size, size_t grain, size_t at) {
    while (at + BLOCK <= size && !is_random(data + at)) at += grain;
    return at + BLOCK <= size ? at : size;
}

uint64_t rf_find_random(const uint8_t *data, size_t size, size_t grain, size_t *from, rf_place *runs, uint64_t capacity) {
    uint64_t count = 0;
    size_t at = *from;
    while (at < size && count < capacity) {
        size_t first = next_random(data, size, grain, at), last = first; /* the last block that looks random */
        at = size;
        if (first >= size) break;
        for (at = first + BLOCK; at + BLOCK <= size && at <= last + MARGIN + BLOCK; at += grain)
            if (is_random(data + at)) last = at;
        runs[count++] = (rf_place){.offset = first, .length = last + BLOCK - first};
        if (at + BLOCK > size) at = size;
    }
    *from = at;
    return count;
}

/* Of n random bytes n^2 / 512 are expected to repeat an earlier one; so many more, or few or many above 127, are met once in a
 * thousand times, so many common ones once in ten thousand. Text, code and pointers repeat more. */
int rf_looks_random(const uint8_t *at, uint32_t size) {
    uint64_t seen[4] = {0};
    uint32_t distinct = 0, high = 0, common = 0;
    for (uint32_t i = 0; i < size; i++) {
        uint64_t bit = (uint64_t)1 << at[i] % 64;
        distinct += (seen[at[i] / 64] & bit) == 0;
        seen[at[i] / 64] |= bit;
        high += at[i] >> 7;
        common += is_common[at[i]];
    }
    return size - distinct <= 3 + size * size / 256 && high >= size / 8 && high <= size - size / 8 && common <= 2 + size / COMMON;
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

/* How many of so many random bytes are common ones at most, but with CHANCE. */
static uint32_t most_common(size_t draws) {
    const double share = (double)COMMON / VALUES;
    double probability = 1.0, above = 1.0; /* of none, then of one more each time; and of more than that */
    for (size_t draw = 0; draw < draws; draw++) probability *= 1.0 - share;
    uint32_t most = 0;
    while (most < draws && (above -= probability) > CHANCE) {
        probability *= share / (1.0 - share) * (double)(draws - most) / (most + 1);
        most++;
    }
    return most;
}

/* What windows are kept by. */
typedef struct rf_varied {
    size_t shortest; /* bytes of a window: less than 2^16 */
    uint32_t least;  /* different values in it */
    uint32_t most;   /* common bytes in it */
} rf_varied;

/* Windows that begin so near to one another belong together, whatever is between them. */
static size_t nearby(size_t shortest) { return shortest / 4 + 1; }

/* A number that has a whole block in a run may reach out of it on either side by less than a block, but for an eighth of its bytes. */
static int may_hold(const rf_place *run, size_t shortest) { return run->length + 2 * (BLOCK - 1) >= shortest - shortest / 8; }

static size_t end_of(const rf_place *run, size_t size) { return run->offset + run->length + MARGIN < size ? run->offset + run->length + MARGIN : size; }

/* A run with its margins. Those of two may meet: they are the former one's. */
static rf_place stretch_of(const rf_place *runs, uint64_t index, size_t shortest, size_t size) {
    const rf_place *run = &runs[index];
    size_t start = run->offset > MARGIN ? run->offset - MARGIN : 0;
    if (index && may_hold(run - 1, shortest) && end_of(run - 1, size) > start) start = end_of(run - 1, size);
    return (rf_place){.offset = start, .length = end_of(run, size) - start};
}

/* Where ZEROS zeros in a row begin, from `at` on; `end` where there are none. */
static size_t next_zeros(const uint8_t *data, size_t at, size_t end) {
    for (; end - at >= BLOCK + ZEROS; at += BLOCK) {
        lanes any = {0}, bytes;
        for (size_t i = 0; i < ZEROS; i++) {
            memcpy(&bytes, data + at + i, sizeof bytes);
            any |= bytes;
        }
        if (count_lanes((lanes)(any == 0))) break;
    }
    for (size_t in_row = 0; at < end; at++) {
        in_row = data[at] ? 0 : in_row + 1;
        if (in_row == ZEROS) return at + 1 - ZEROS;
    }
    return end;
}

/* What was kept so far, and where there is room for how much more. */
typedef struct rf_kept {
    rf_place *places;
    uint64_t capacity, count;
} rf_kept;

/* The windows from `start` to `end` that are varied: those that begin nearby are one part. Returns where the next one begins that has no room;
 * `end` where there is none. */
static size_t keep_windows(const uint8_t *data, size_t start, size_t end, const rf_varied *is, rf_kept *kept) {
    const size_t shortest = is->shortest;
    uint16_t times[VALUES] = {0};
    uint32_t values = 0, common = 0;
    rf_place *last = NULL;
    rf_words words; /* its sums are written before they are read: most stretches are short */
    words.begin = words.end = 0;
    for (size_t at = start; at < end; at++) {
        values += times[data[at]]++ == 0;
        common += is_common[data[at]];
        if (at - start >= shortest) {
            const uint8_t left = data[at - shortest];
            values -= --times[left] == 0;
            common -= is_common[left];
        }
        if (values < is->least || common > is->most || at + 1 - start < shortest) continue;
        const size_t first = at + 1 - shortest;
        if (rf_next_reads_as_words(&words, data, first, shortest)) continue;
        if (last == NULL || first > last->offset + last->length - shortest + nearby(shortest)) {
            if (kept->count == kept->capacity) return first;
            last = &kept->places[kept->count++];
            last->offset = first;
        }
        last->length = first + shortest - last->offset;
    }
    return end;
}

/* The parts of a stretch from an offset on, of which each window is varied, and has no ZEROS but at its end. Returns where the next one begins
 * that has no room; its length when there is none. */
static uint64_t keep(const uint8_t *data, rf_place stretch, uint64_t from, const rf_varied *is, rf_kept *kept) {
    const size_t end = stretch.offset + stretch.length;
    size_t start = stretch.offset + from;
    while (start + is->shortest <= end) {
        const size_t zeros = next_zeros(data, start, end), border = zeros < end ? zeros + ZEROS - 1 : end;
        size_t behind = zeros, full = border;
        if (border - start >= is->shortest) full = keep_windows(data, start, border, is, kept);
        if (full < border) return full - stretch.offset;
        while (behind < end && data[behind] == 0) behind++;
        rf_place *last = kept->count ? &kept->places[kept->count - 1] : NULL;
        if (zeros < end && last && last->offset + last->length == border)
            last->length += (behind - zeros < OWN_ZEROS ? behind - zeros : OWN_ZEROS) - (ZEROS - 1);
        if (behind == end) break;
        start = behind - (ZEROS - 1);
    }
    return stretch.length;
}

uint64_t rf_keep_varied(const uint8_t *data, size_t size, const rf_place *runs, uint64_t count, size_t shortest, size_t drawn, rf_cursor *from, rf_place *kept, uint64_t capacity) {
    rf_kept all = {kept, capacity, 0};
    const rf_varied is = {shortest, least_values(drawn), most_common(drawn) + (uint32_t)(shortest - drawn)};
    for (; shortest && from->stretch < count; from->stretch++, from->offset = 0) {
        if (!may_hold(&runs[from->stretch], shortest)) continue;
        rf_place stretch = stretch_of(runs, from->stretch, shortest, size);
        from->offset = keep(data, stretch, from->offset, &is, &all);
        if (from->offset < stretch.length) return all.count;
    }
    from->stretch = count;
    return all.count;
}

uint64_t rf_keep_sized(const rf_place *stretches, uint64_t count, uint64_t least, uint64_t most, rf_place *kept) {
    uint64_t all = 0;
    for (uint64_t i = 0; i < count; i++)
        if (stretches[i].length >= least && stretches[i].length <= most) kept[all++] = stretches[i];
    return all;
}
