/* Mappings of files: what is written to a shared one belongs to the file. */
#ifndef RFN_MAPS_H
#define RFN_MAPS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "memory/store.h"

/* Everything is forgotten. */
void rfn_maps_forget(void);
/* Writes what lies in shared mappings into their files: before files are visited, read, or the mapping vanishes. */
void rfn_maps_write_back(void);
/* A range is mapped anew or given back: what was shared in it goes into the file. */
void rfn_maps_cut(uintptr_t start, size_t size);
/* A range was copied elsewhere, and lies there from now on. */
void rfn_maps_move(uintptr_t from, size_t size, uintptr_t to);
/* A mapping has grown: it shows more of its file. */
void rfn_maps_grow(uintptr_t start, size_t before, size_t after);

/* -- of a process and its child of fork: each has its own copy of what they share, and one of them runs at a time */

/* Is it shared with children of fork? */
int rfn_maps_shares(uintptr_t address);
/* What lies in shared mappings of files is theirs again: another process may have written to them. */
void rfn_maps_reload(void);
/* Bytes of memory for all that is shared; 0: nothing is. */
size_t rfn_maps_shared(void);
/* Before the fork. `memory`: of that size, zeroed, seen by both. */
void rfn_maps_share(void *memory);
/* Who has run leaves what it sees there, and who runs next takes it. */
void rfn_maps_leave(void *memory);
void rfn_maps_take(void *memory);

/* Visits the name of each file that is mapped: a core lists them. */
void rfn_maps_names(void (*visit)(const char *name, void *context), void *context);

/* MADV_DONTNEED: it is what a new mapping would show; what is shared stays. MADV_REMOVE: what is shared is zero from now on,
 * in the file as well; 0: it is not shared, or cannot be written to. */
void rfn_maps_discard(uintptr_t start, size_t size);
int rfn_maps_remove(uintptr_t start, size_t size);

/* Is any of it shared, or of a file? */
int rfn_maps_any(uintptr_t start, size_t size);

/* mmap of a file that was `opened` with these flags of open(), and of nothing. MAP_FAILED: errno says why. `hint` counts with MAP_FIXED alone. */
void *rfn_map_file(uintptr_t hint, size_t size, int protection, int flags, rfn_file *file, int opened, off_t offset);
void *rfn_map_anonymous(uintptr_t hint, size_t size, int flags);

#endif
