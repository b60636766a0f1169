/* Locked memory (mlock and its like): it lies in a core like any other, and what would take its content away is refused. */
#ifndef RFN_LOCKED_H
#define RFN_LOCKED_H

#include <stddef.h>

int rfn_is_locked(const void *page);
/* A new mapping: `asked` for by MAP_LOCKED, or by mlockall. */
void rfn_lock_new(void *start, size_t size, int asked);
/* A child of fork has locked nothing. */
void rfn_locks_not_inherited(void);

#endif
