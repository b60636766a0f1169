/* Where text lies among other bytes, in one byte a character or in more, and the texts put together. */
#ifndef RF_TEXTS_H
#define RF_TEXTS_H

#include <stddef.h>
#include <stdint.h>

enum { RF_TEXT_BYTES = 32 }; /* of the shortest text */

typedef struct rf_text {
    uint64_t offset;
    uint64_t length;   /* bytes, from the first character to behind the last one's byte */
    uint32_t width;    /* bytes of a character: 1 (ASCII, utf-8, and what has some letters in other encodings), 2 (ASCII in utf-16), 4 (in ucs4), in either order */
    uint32_t order;    /* of the bytes of a character in utf-16, where it is known by letters that are none of ASCII: 1 little-endian, 2 big-endian */
} rf_text;

/* Each maximal text of at least RF_TEXT_BYTES; two that overlap, where it is not known in which order the bytes of its letters are. Looks from `*from` on, writes up to `capacity`, which is two at least, returns how many, and
 * leaves in `*from` where to go on: `size` when all was looked at. */
uint64_t rf_find_texts(const uint8_t *data, size_t size, size_t *from, rf_text *texts, uint64_t capacity);

enum { RF_TEXTS_APART = 8 }; /* zeros between texts that are put together: no spelling goes on over them */

/* The characters of those texts of one width that begin before `stop`, one text after the other: of wide ones a byte of each, and a `?` of
 * those that are none of ASCII. Writes to `out`,
 * unless that is NULL, and returns how many bytes they are, RF_TEXTS_APART between any two; 0: there is none. */
size_t rf_join_texts(const uint8_t *data, size_t stop, const rf_text *texts, uint64_t count, uint32_t width, uint8_t *out);

#endif
