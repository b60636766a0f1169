#include "match/match_sieve.h"

void rf_sieve_add(rf_sieve *sieve, const uint8_t *bytes, uint32_t size) {
    for (uint32_t i = 0; i < size; i++) {
        uint8_t *row = &sieve->rows[bytes[i] >> 7][bytes[i] & 15u];
        *row = (uint8_t)(*row | 1u << (bytes[i] >> 4 & 7u));
    }
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

enum { MANY = 192 }; /* bytes in the set: with more, hardly a word that is not zero is left out */

int rf_sieve_helps(const rf_sieve *sieve) {
    int members = 0;
    for (uint32_t i = 0; i < 32; i++) members += __builtin_popcount(sieve->rows[i >> 4][i & 15u]);
    return members <= MANY && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}

static __m256i twice(const uint8_t *row) __attribute__((target("avx2")));
static __m256i twice(const uint8_t *row) { return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)row)); }

/* Set membership of 32 bytes at once by three shuffles (Mula and Lemire look up base64 in the same way): the row of the
 * lower four bits, from the table of bytes below 128 and from that of the others (PSHUFB gives zero where the top bit of
 * an index is set), and in it the bit of the upper four. */
__attribute__((target("avx2,popcnt"))) uint32_t rf_sieve_words(const rf_sieve *sieve, const uint8_t *at, uint64_t *passed) {
    const __m256i low = twice(sieve->rows[0]), high = twice(sieve->rows[1]), none = _mm256_setzero_si256();
    const __m256i top = _mm256_set1_epi8(-128), nibble = _mm256_set1_epi8(15);
    const __m256i bits = _mm256_set1_epi64x((long long)0x8040201008040201u); /* 1 << (i & 7) at index i */
    uint64_t found = 0;
    /* Four blocks ahead: the processor's own prefetching ends with each page. What lies past the data is not read. */
    uintptr_t ahead = (uintptr_t)at + 4u * RF_SIEVED;
    for (uint32_t i = 0; i < RF_SIEVED; i += 64) _mm_prefetch((const char *)(ahead + i), _MM_HINT_T0);
    for (uint32_t i = 0; i < RF_SIEVED / 32; i++) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(at + 32u * i));
        __m256i row = _mm256_or_si256(_mm256_shuffle_epi8(low, bytes),
                                      _mm256_shuffle_epi8(high, _mm256_xor_si256(bytes, top)));
        __m256i bit = _mm256_shuffle_epi8(bits, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble));
        __m256i foreign = _mm256_cmpeq_epi8(_mm256_and_si256(row, bit), none);
        __m256i out = _mm256_or_si256(foreign, _mm256_cmpeq_epi64(bytes, none));
        int words = _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(out, none)));
        found |= (uint64_t)(uint32_t)words << (4u * i);
    }
    *passed = found;
    return (uint32_t)__builtin_popcountll(found);
}

#else

int rf_sieve_helps(const rf_sieve *sieve) {
    (void)sieve;
    return 0;
}

/* Never called: everything passes a sieve that cannot sieve. */
uint32_t rf_sieve_words(const rf_sieve *sieve, const uint8_t *at, uint64_t *passed) {
    (void)sieve, (void)at;
    *passed = UINT64_MAX;
    return 64;
}
#endif
