#include "keys/key_literals.h"

#include <string.h>

enum { BUCKETS = 8, BLOCK = 32, HASH_BITS = 12 };

static uint32_t hash(const uint8_t *at) {
    uint32_t three = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
    return three * 0x9E3779B1u >> (32 - HASH_BITS); /* the golden ratio: Knuth, The Art of Computer Programming 6.4 */
}

/* Their order in buckets: what lies in one should be alike. In UTF-16 every other byte is zero. */
static uint32_t rank(const uint8_t *bytes) {
    return (uint32_t)!bytes[1] << 24 | (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
}

static uint32_t before(const rf_literals *literals, uint32_t one) {
    uint32_t count = 0, mine = rank(literals->bytes[one]);
    for (uint32_t i = 0; i < literals->count; i++) {
        uint32_t its = rank(literals->bytes[i]);
        count += its < mine || (its == mine && i < one);
    }
    return count;
}

/* What begins with a byte below all that text begins with has a bucket of its own: else zeros, which memory is full of, fit where
   one literal has a small first byte and another one of the same bucket a letter that ends in the same four bits as zero. */
static uint32_t bucket_of(const rf_literals *literals, uint32_t one) {
    uint8_t first = literals->bytes[one][0];
    return first < ' ' ? BUCKETS - 1 : before(literals, one) * (BUCKETS - 1) / literals->count;
}

void rf_literals_prepare(rf_literals *literals) {
    memset(literals->heads, 0, sizeof literals->heads);
    memset(literals->low, 0, sizeof literals->low);
    memset(literals->high, 0, sizeof literals->high);
    for (uint32_t i = literals->count; i-- > 0;) {
        const uint8_t *bytes = literals->bytes[i];
        uint8_t bucket = (uint8_t)(1u << bucket_of(literals, i));
        for (uint32_t at = 0; at < RF_LITERAL_LEAST; at++) {
            literals->low[at][bytes[at] & 15u] |= bucket;
            literals->high[at][bytes[at] >> 4] |= bucket;
        }
        literals->next[i] = literals->heads[hash(bytes)];
        literals->heads[hash(bytes)] = (uint16_t)(i + 1);
    }
}

typedef struct finding {
    const rf_literals *literals;
    const uint8_t *data;
    size_t size;
    rf_place *places;
    uint64_t count;
} finding;

static void compare(finding *f, size_t at) {
    const rf_literals *literals = f->literals;
    for (uint32_t next = literals->heads[hash(f->data + at)]; next; next = literals->next[next - 1]) {
        size_t length = literals->sizes[next - 1];
        if (length <= f->size - at && memcmp(f->data + at, literals->bytes[next - 1], length) == 0)
            f->places[f->count++] = (rf_place){.offset = at, .length = next - 1};
    }
}

/* Each goes on from `at`, to `end` or until there are more than `most` places; gives where it stopped. */
static size_t find_plain(finding *f, size_t at, size_t end, uint64_t most) {
    for (; at < end && f->count <= most; at++) compare(f, at);
    return at;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

static __m256i twice(const uint8_t *row) __attribute__((target("avx2")));
static __m256i twice(const uint8_t *row) { return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)row)); }

static __m256i buckets(__m256i bytes, __m256i low, __m256i high) __attribute__((target("avx2"), always_inline));
static inline __m256i buckets(__m256i bytes, __m256i low, __m256i high) {
    const __m256i nibble = _mm256_set1_epi8(15);
    return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(bytes, nibble)),
                            _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble)));
}

__attribute__((target("avx2"))) static size_t find_avx2(finding *f, size_t at, size_t end, uint64_t most) {
    __m256i low[RF_LITERAL_LEAST], high[RF_LITERAL_LEAST];
    for (uint32_t i = 0; i < RF_LITERAL_LEAST; i++) low[i] = twice(f->literals->low[i]), high[i] = twice(f->literals->high[i]);
    for (; end - at >= BLOCK && f->count <= most; at += BLOCK) {
        __m256i fit = buckets(_mm256_loadu_si256((const __m256i *)(f->data + at)), low[0], high[0]);
        for (uint32_t i = 1; i < RF_LITERAL_LEAST; i++) /* the last bytes of the block are followed by RF_LITERAL_LEAST - 1 more */
            fit = _mm256_and_si256(fit, buckets(_mm256_loadu_si256((const __m256i *)(f->data + at + i)), low[i], high[i]));
        uint32_t fits = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(fit, _mm256_setzero_si256()));
        for (; fits; fits &= fits - 1) {
            size_t here = at + (uint32_t)__builtin_ctz(fits);
            compare(f, here);
            if (f->count > most) return here + 1;
        }
    }
    return find_plain(f, at, end, most);
}
#endif

uint64_t rf_find_literals(const rf_literals *literals, const uint8_t *data, size_t size, size_t *from, rf_place *places, uint64_t capacity) {
    finding f = {.literals = literals, .data = data, .size = size, .places = places};
    size_t at = *from, end = size < RF_LITERAL_LEAST ? 0 : size - (RF_LITERAL_LEAST - 1);
    if (literals->count == 0 || capacity < literals->count) end = 0;
    if (at < end) {
        uint64_t most = capacity - literals->count;
#if defined(__x86_64__) && defined(__GNUC__)
        at = __builtin_cpu_supports("avx2") ? find_avx2(&f, at, end, most) : find_plain(&f, at, end, most);
#else
        at = find_plain(&f, at, end, most);
#endif
    }
    *from = at < end ? at : size;
    return f.count;
}
