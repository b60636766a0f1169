#include "keys/key_dense.h"

enum {
    BLOCK = 16,      /* any 32 bytes hold one whole */
    MOST_COMMON = 4, /* of 16 random bytes 5 or more are among the eight commonest once in 8,000 times */
    LEAST_HIGH = 2,  /* text has none; of 16 random bytes 0 or 1 are above 127 once in 4,000 times */
    GAP = 2,         /* blocks that do not look random between those that do */
};

/* Zero, -1, and the commonest bytes of x86-64 code. */
static inline uint8_t is_common(uint8_t byte) {
    return (uint8_t)((byte == 0x00) | (byte == 0xff) | (byte == 0x48) | (byte == 0x8b) | (byte == 0x89) | (byte == 0x0f) | (byte == 0x24) | (byte == 0x44));
}

static inline int looks_random(const uint8_t *block) {
    uint8_t common = 0, high = 0;
    for (int i = 0; i < BLOCK; i++) {
        common = (uint8_t)(common + is_common(block[i]));
        high = (uint8_t)(high + (block[i] >> 7));
    }
    return common <= MOST_COMMON && high >= LEAST_HIGH && high <= BLOCK - LEAST_HIGH;
}

/* The first block from `at` on that looks random; `size` where there is none. */
static size_t next_random(const uint8_t *data, size_t size, size_t at) {
    while (at + BLOCK <= size && !looks_random(data + at)) at += BLOCK;
    return at + BLOCK <= size ? at : size;
}

uint64_t rf_find_dense(const uint8_t *data, size_t size, size_t shortest, size_t *from, rf_place *stretches, uint64_t capacity) {
    const size_t margin = (size_t)GAP * BLOCK;
    uint64_t count = 0;
    size_t at = *from;
    while (at < size && count < capacity) {
        size_t first = next_random(data, size, at);
        size_t last = first; /* the last block that looks random */
        if (first >= size) {
            at = size;
            break;
        }
        for (at = first + BLOCK; at + BLOCK <= size && at <= last + margin + BLOCK; at += BLOCK)
            if (looks_random(data + at)) last = at;
        size_t start = first > margin ? first - margin : 0, end = last + BLOCK + margin < size ? last + BLOCK + margin : size;
        /* The margins of two may meet. */
        if (count && stretches[count - 1].offset + stretches[count - 1].length > start) start = stretches[count - 1].offset + stretches[count - 1].length;
        if (end - start >= shortest && last + BLOCK - first + 2 * (BLOCK - 1) >= shortest - shortest / 8) stretches[count++] = (rf_place){.offset = start, .length = end - start};
        if (at + BLOCK > size) at = size;
    }
    *from = at;
    return count;
}
