/* What a piece of memory is, beside what its address says. Mappings are kept when the plan asks for it (rfn_tracing). */
#ifndef RFN_ORIGINS_H
#define RFN_ORIGINS_H

#include <stddef.h>
#include <stdint.h>

typedef enum rfn_origin_kind { RFN_ORIGIN_MAPPING, RFN_ORIGIN_FRAME } rfn_origin_kind;

typedef struct rfn_origin {
    uintptr_t start;
    size_t size;
    uint64_t site;   /* of mmap; where the thread was struck */
    uint32_t step;
    uint32_t thread; /* who called mmap; who was struck */
    rfn_origin_kind kind;
} rfn_origin;

void rfn_origin_note(rfn_origin_kind kind, const void *start, size_t size, uint32_t thread, uint64_t site);
/* The latest of that kind that held the address. 0: none. */
int rfn_origin_of(uintptr_t address, rfn_origin_kind kind, rfn_origin *origin);

#endif
