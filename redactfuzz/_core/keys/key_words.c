#include "keys/key_words.h"

enum {
    GROUP = 3,       /* bytes that four letters stand for */
    LEAST_SCORE = 50,
};

/* How much more often each letter of base64 stands in names than among random letters: four times the binary logarithm, 12 at most. Counted in
 * all runs of 24 letters and more of LLVM 19, libstdc++ and cc1plus of GCC 12, rustc and its driver, CPython 3.13 and Node 20, each of which weighs the
 * same. The letters are in the order of RFC 4648 section 4; the last one is `_` as well. */
static const int8_t scores[64] = {
    -5, -5, -2, -5, 3, -6, -8, -11, 0, -12, -7, -5, -5, 3, -6, -1, -12, -3, 2, -5, -9, -6, -11, -9, -12, -3, /* A to Z */
    6, -2, 4, 2, 8, -1, -1, -3, 5, -10, -7, 3, 1, 5, 4, 1, -12, 6, 5, 8, 0, -1, -5, -3, -2, -12,             /* a to z */
    -3, 3, 0, -3, 4, -4, -3, -4, -3, -6, -12, 9,                                                            /* 0 to 9, + and / */
};

static int score_of(const uint8_t *at) {
    const uint32_t group = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
    return scores[group >> 18] + scores[group >> 12 & 63] + scores[group >> 6 & 63] + scores[group & 63];
}

int rf_reads_as_words(const uint8_t *at, size_t size) {
    for (uint32_t first = 0; first < GROUP; first++) {
        int score = 0;
        for (size_t i = first; i + GROUP <= size; i += GROUP) score += score_of(at + i);
        if (score >= LEAST_SCORE) return 1;
    }
    return 0;
}

/* Sums of every third score up to a place, as far as they are known; differences of them are right whatever was carried over. */
static uint32_t sum_before(const rf_words *words, size_t at) { return at < words->begin + GROUP ? 0 : words->sums[(at - GROUP) % RF_WORDS_SUMS]; }

int rf_next_reads_as_words(rf_words *words, const uint8_t *data, size_t at, size_t size) {
    if (size > RF_WORDS_LONGEST) return rf_reads_as_words(data + at, size);
    if (at > words->end || words->end == 0) words->begin = words->end = at;
    for (; words->end + GROUP <= at + size; words->end++)
        words->sums[words->end % RF_WORDS_SUMS] = sum_before(words, words->end) + (uint32_t)score_of(data + words->end);
    for (size_t first = at; first < at + GROUP; first++) {
        const size_t behind = first + (at + size - first) / GROUP * GROUP; /* of the last whole group */
        if ((int32_t)(sum_before(words, behind) - sum_before(words, first)) >= LEAST_SCORE) return 1;
    }
    return 0;
}
