/* Bytes that base64 gives where somebody read words as if they were base64: names of symbols, paths. They look random, and are no key. */
#ifndef RF_KEY_WORDS_H
#define RF_KEY_WORDS_H

#include <stddef.h>
#include <stdint.h>

enum {
    RF_WORDS_SUMS = 1 << 10,             /* that are remembered: a window has one for each byte */
    RF_WORDS_LONGEST = RF_WORDS_SUMS - 8 /* bytes of a window for which they are enough: beside it some are asked for as well */
};

/* What is known of the windows before one, so that of windows one behind the other each byte is looked at once. */
typedef struct rf_words {
    size_t begin, end; /* the places of which sums are known since the last gap between windows; 0 at first */
    uint32_t sums[RF_WORDS_SUMS];
} rf_words;

/* Whether the window of so many bytes at an offset of data, which is not before that of the last call, written in base64 from its first, second or third byte on, has the letters of names. Of random windows of
 * 32 bytes one in 30,000 has, of longer ones fewer; of names 19 of 20. */
int rf_next_reads_as_words(rf_words *words, const uint8_t *data, size_t at, size_t size);
/* The same of a window by itself. */
int rf_reads_as_words(const uint8_t *at, size_t size);

#endif
