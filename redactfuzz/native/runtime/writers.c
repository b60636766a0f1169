#include "writers.h"

#include <string.h>
#include <sys/mman.h>

#include "run.h"

enum { SLOTS = 1 << 16, GRANULE = 8, LONGEST = 1 << 16 };

/* By granule of 8 bytes; what does not fit any more is not known. */
typedef struct slot {
    uintptr_t granule;
    rfn_writer writer;
} slot;

uint8_t rfn_tracing;
static slot *slots;
static uint32_t used;

void rfn_writers_reset(void)
{
    if (used > 0) {
        memset(slots, 0, SLOTS * sizeof *slots);
        used = 0;
    }
}

static slot *find(uintptr_t granule, int add)
{
    size_t at = (size_t)(granule * UINT64_C(0x9e3779b97f4a7c15) >> 48);
    for (size_t tries = 0; tries < SLOTS; tries++, at = (at + 1) % SLOTS) {
        if (slots[at].granule == granule) {
            return &slots[at];
        }
        if (slots[at].granule == 0) {
            return add && used < SLOTS / 2 ? &slots[at] : NULL;
        }
    }
    return NULL;
}

void rfn_writer_note(uintptr_t address, size_t size)
{
    if (rfn_current == NULL || size == 0) {
        return;
    }
    if (slots == NULL) {
        void *memory = mmap(NULL, SLOTS * sizeof *slots, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            return;
        }
        slots = memory;
    }
    size = size < LONGEST ? size : LONGEST;
    for (uintptr_t granule = address / GRANULE; granule <= (address + size - 1) / GRANULE; granule++) {
        slot *place = find(granule, 1);
        if (place == NULL) {
            return;
        }
        used += place->granule == 0;
        place->granule = granule;
        place->writer.site = rfn_current->site;
        place->writer.step = rf_get_status(rfn.core)->steps;
        place->writer.thread = rfn_current->number;
    }
}

int rfn_writer_of(uintptr_t address, rfn_writer *writer)
{
    const slot *place = slots == NULL || used == 0 ? NULL : find(address / GRANULE, 0);
    if (place == NULL || place->granule == 0) {
        return 0;
    }
    *writer = place->writer;
    return 1;
}
