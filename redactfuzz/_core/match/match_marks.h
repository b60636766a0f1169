/* Where a text comes from of which something was taken out or back: a mark at each RF_MARKED bytes of it, so that a place is
 * found by bisection and a short walk, and a text with many finds is not walked through for each. */
#ifndef RF_MATCH_MARKS_H
#define RF_MATCH_MARKS_H

#include <stddef.h>
#include <stdint.h>

enum { RF_MARKED = 512 };

/* Before the byte `at` of the text so many bytes were written. */
typedef struct rf_mark {
    uint64_t at;
    uint64_t written;
} rf_mark;

/* Marks of rf_unescape and rf_densify. `marks` holds at least size / RF_MARKED + 1. Returns how many there are. */
size_t rf_unescape_marks(const uint8_t *text, size_t size, rf_mark *marks);
size_t rf_densify_marks(const uint8_t *text, size_t size, rf_mark *marks);
/* The offset in `text` of what was written at `position`; `size` when no more than that was written. */
size_t rf_unescape_origin(const uint8_t *text, size_t size, const rf_mark *marks, size_t count, size_t position);
size_t rf_densify_origin(const uint8_t *text, size_t size, const rf_mark *marks, size_t count, size_t position);

#endif
