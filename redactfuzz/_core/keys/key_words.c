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

int rf_reads_as_words(const uint8_t *at, uint32_t size) {
    for (uint32_t first = 0; first < GROUP; first++) {
        int score = 0;
        for (uint32_t i = first; i + GROUP <= size; i += GROUP) score += score_of(at + i);
        if (score >= LEAST_SCORE) return 1;
    }
    return 0;
}
