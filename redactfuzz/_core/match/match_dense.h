/* Separators taken out of a text, so that a secret spelt out in pieces is seen as what it is. */
#ifndef RF_MATCH_DENSE_H
#define RF_MATCH_DENSE_H

#include <stddef.h>
#include <stdint.h>

/* Leaves out white space, ASCII punctuation other than + and /, the letters of the escapes \n \r \t \x \u \U and &#x, and 0x
 * before a digit. `out` holds at least `size` bytes. Returns the bytes written. */
size_t rf_densify(const uint8_t *text, size_t size, uint8_t *out);

#endif
