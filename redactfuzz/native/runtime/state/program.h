/* Where the program lies. */
#ifndef RFN_PROGRAM_H
#define RFN_PROGRAM_H

#include <stdint.h>

extern uintptr_t rfn_base; /* of the program: sites are offsets from here */
extern uintptr_t rfn_limit;
extern int rfn_loading;    /* constructors of the program run: there are no executions yet */

/* The name of a place that does not change between processes: its offset in the program; 0 outside of it. */
static inline uint64_t rfn_site(uintptr_t address)
{
    return address - rfn_base < rfn_limit - rfn_base ? address - rfn_base : 0;
}

#endif
