/* A mapped file that somebody else cuts short: reading what is gone raises SIGBUS, and the process would die.
 *
 * While a mapping is guarded, the missing pages are replaced by zeros and the place is noted, so that a scan goes on to its end and
 * says what it did not read. Linux only.
 */
#ifndef RF_GUARD_H
#define RF_GUARD_H

#include <stdint.h>

typedef struct rf_guard {
    uint64_t start; /* address of the mapping, which begins a page */
    uint64_t size;  /* bytes that are mapped */
    uint64_t lost;  /* offset of the first page that was not there; `size` while all was */
} rf_guard;

/* Guards a mapping until rf_guard_off; the struct must stay where it is. 0, or -1 when too many are guarded or the kernel refuses. */
int rf_guard_on(rf_guard *guard);
/* Before the mapping is taken away. */
void rf_guard_off(rf_guard *guard);

#endif
