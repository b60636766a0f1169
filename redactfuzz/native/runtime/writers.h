/* Who wrote a byte last: kept when the plan asks for it, for the run that is explained. */
#ifndef RFN_WRITERS_H
#define RFN_WRITERS_H

#include <stddef.h>
#include <stdint.h>

typedef struct rfn_writer {
    uint64_t site;
    uint32_t step;
    uint32_t thread;
} rfn_writer;

/* 1: the plan asks for it. */
extern uint8_t rfn_tracing;

void rfn_writers_reset(void);
void rfn_writer_note(uintptr_t address, size_t size);
/* 0: nobody that was seen. */
int rfn_writer_of(uintptr_t address, rfn_writer *writer);

#endif
