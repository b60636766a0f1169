/* Copying as the program's own code would: in general registers alone, so that vector registers keep what they held, and
 * without a copy on the stack. No scheduling points, nothing is marked as written.
 */
#ifndef RFN_BYTES_H
#define RFN_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* In ascending order; the ranges may overlap when `to` lies below `from`. */
void rfn_copy(void *to, const void *from, size_t size);
void rfn_fill(void *to, int value, size_t size);
size_t rfn_text_length(const char *text);
size_t rfn_text_within(const char *text, size_t limit);
int rfn_text_same(const char *one, const char *other);

/* An event: a range is read that others could change. None where nobody could: constants, and its own part of its stack. */
void rfn_at_read(const void *bytes, size_t size, uintptr_t site);

/* memcpy into the program, a range that does not overlap: an event for the source and one for the destination, then in
 * pieces with a place for the crash between them. */
void rfn_move(void *to, const void *from, size_t size, uintptr_t site);

#endif
