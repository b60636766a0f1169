/* Secrets that come as an argument or in the environment: they lie in memory before the program has done anything. They are
 * allowed there until it has read them. */
#ifndef RFN_GIVEN_H
#define RFN_GIVEN_H

#include <stddef.h>
#include <stdint.h>

#include "memory/memory.h"

/* The start area was laid out. */
void rfn_given_init(void);
/* The program reads there: the text, or the pointer to it. */
void rfn_given_read(uintptr_t address, size_t size);
/* redactfuzz_allow, redactfuzz_forbid: from here on the program says itself. */
void rfn_given_spoken_of(uint64_t bits);
/* It looks at all its arguments. */
void rfn_arguments_read(void);

static inline void rfn_reads(uintptr_t address, size_t size)
{
    if (__builtin_expect(address - RFN_START < RFN_START_SIZE, 0)) {
        rfn_given_read(address, size);
    }
}

#endif
