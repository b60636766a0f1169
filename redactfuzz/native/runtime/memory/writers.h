/* Who wrote a byte last: kept when the plan asks for it, for the run that is explained. */
#ifndef RFN_WRITERS_H
#define RFN_WRITERS_H

#include <stddef.h>
#include <stdint.h>

typedef struct rfn_writer {
    uint64_t site;
    uint64_t redactions; /* calls of the redactor that had begun by then */
    uint32_t step;
    uint32_t thread;
} rfn_writer;

/* A word that was written in this execution and holds an address. */
typedef struct rfn_pointer {
    uintptr_t at;
    rfn_writer writer;
} rfn_pointer;

/* 1: the plan asks for it; see rfn_noting as well. */
extern uint8_t rfn_tracing;

void rfn_writer_note(uintptr_t address, size_t size);
/* 0: nobody that was seen. */
int rfn_writer_of(uintptr_t address, rfn_writer *writer);
/* It is parked there now: a store is noted when it is announced, and this one may not have been carried out. */
int rfn_writer_is_parked(const rfn_writer *writer);
/* Whose bytes the last writer replaced: another thread, or another place. */
int rfn_writer_before(uintptr_t address, rfn_writer *writer);
/* Words of static memory, the heap and mappings that lead into [start, end), those written first first; at most `most`. */
uint32_t rfn_pointers_to(uintptr_t start, uintptr_t end, rfn_pointer *found, uint32_t most);
/* Bytes of files have writers as well. */
static inline uintptr_t rfn_file_byte(uint32_t file, size_t offset)
{
    return (uintptr_t)1 << 63 | (uintptr_t)file << 40 | offset;
}

#endif
