/* Which values the bytes of what a dump shows have had at points, in all executions of this process. */
#ifndef RFN_SEEN_H
#define RFN_SEEN_H

#include <stdint.h>

#include "match/match_possible.h"

/* Registers lie in no memory: here they have addresses, far from all others. */
#define RFN_REGISTERS ((uintptr_t)1 << 62)
enum { RFN_REGISTERS_SIZE = 8192, RFN_REGISTERS_VECTORS = 512 /* where the vectors of a thread begin, behind what functions keep */ };

/* An execution is about to begin. */
void rfn_seen_begins(void);
/* Eight bytes at such an address are there now. Bit n of what it gives: that the n-th has this value is new. */
uint8_t rfn_seen(uintptr_t at, uint64_t word);
/* Those that a byte has ever had. */
void rfn_seen_values(void *unused, uint64_t address, rf_values *found);
/* There is no room for more. */
int rfn_seen_full(void);

#endif
