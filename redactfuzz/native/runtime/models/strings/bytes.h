/* Reading and copying of what the program can see, with events. */
#ifndef RFN_BYTES_H
#define RFN_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* An event: a range is read that others could change. None where nobody could: constants, and its own part of its stack. */
void rfn_at_read(const void *bytes, size_t size, uintptr_t site);

/* memcpy into the program, a range that does not overlap: an event for the source and one for the destination, then in
 * pieces with a place for the crash between them. */
void rfn_move(void *to, const void *from, size_t size, uintptr_t site);

#endif
