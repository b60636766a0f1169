/* Copying as the program's own code would: in general registers alone, so that vector registers keep what they held, and
 * without a copy on the stack. No scheduling points, nothing is marked as written.
 */
#ifndef RFN_COPY_H
#define RFN_COPY_H

#include <stddef.h>
#include <stdint.h>

/* In ascending order; the ranges may overlap when `to` lies below `from`. */
void rfn_copy(void *to, const void *from, size_t size);
void rfn_fill(void *to, int value, size_t size);
size_t rfn_text_length(const char *text);
size_t rfn_text_within(const char *text, size_t limit);
int rfn_text_same(const char *one, const char *other);

#endif
