/* Bytes that base64 gives where somebody read words as if they were base64: names of symbols, paths. They look random, and are no key. */
#ifndef RF_KEY_WORDS_H
#define RF_KEY_WORDS_H

#include <stdint.h>

/* Whether a window of so many bytes, written in base64 from its first, second or third byte on, has the letters of names. Of random windows of
 * 32 bytes one in 30,000 has, of longer ones fewer; of names 19 of 20. */
int rf_reads_as_words(const uint8_t *at, uint32_t size);

#endif
