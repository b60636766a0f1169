/* Mappings: which addresses of the window the program has, and how it may touch them. No events. */
#ifndef RFN_MAPPING_PAGES_H
#define RFN_MAPPING_PAGES_H

#include <stddef.h>
#include <stdint.h>

/* Lifts what was really closed to the program (mprotect, munmap), so that the runtime can read and restore. The driver
 * calls it when an execution has ended, before memory is searched. What rfn_page says stays as it is. */
void rfn_pages_open(void);
/* Whether some are closed. */
int rfn_pages_are_closed(void);
/* For a moment, of pages that mprotect closed. 0: they are open. Then they are as `protection` says again. */
int rfn_pages_lift(uintptr_t start, size_t size);
void rfn_pages_lower(uintptr_t start, size_t size, int protection);

/* Anonymous memory of zeros, `size` in whole pages. NULL: none left. */
void *rfn_map(size_t size);
/* At an address that the program names, over whatever is there. NULL: it lies outside of the window's mappings. */
void *rfn_map_at(uintptr_t start, size_t size);
void rfn_unmap(void *start, size_t size);
/* mremap: where it lies now; its content is in one place alone. NULL: no room, there or (when it may move) elsewhere. */
void *rfn_remap(void *start, size_t before, size_t after, int may_move);
/* The same, to an address that the program names, over whatever is there. NULL: as rfn_map_at. */
void *rfn_remap_at(void *start, size_t before, size_t after, uintptr_t to);
/* mprotect. */
void rfn_pages_protect(void *start, size_t size, int protection);
/* They are zero from now on. */
void rfn_pages_clear(void *start, size_t size);

#endif
