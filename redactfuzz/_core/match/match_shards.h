/* Words with slashes or pluses between them, put together: a key in the names of nested folders (ab12/cd34/ef56). */
#ifndef RF_MATCH_SHARDS_H
#define RF_MATCH_SHARDS_H

#include <stddef.h>
#include <stdint.h>

#include "match/match_marks.h"

/* `room` and `words`: the bytes and marks for which there is room. Where `written` or `count` is more than that afterwards, so
 * much is needed, and not all was written. */
typedef struct rf_shards {
    uint8_t *out;
    rf_mark *marks; /* one for each word: where it begins in the text, and in what is written */
    size_t room;
    size_t words;
    size_t written;
    size_t count;
} rf_shards;

/* Writes the letters and digits of each row of words between which the same separator stands, a / or a + and at most three
 * further ones, backslashes and blanks; and a break of a line behind each row. 0x before a word is left out. A row counts where
 * it has eight letters, and two neighbours of at most 16 are equally long, as shards are and the folders of a path seldom. */
void rf_find_shards(const uint8_t *text, size_t size, rf_shards *to);

#endif
