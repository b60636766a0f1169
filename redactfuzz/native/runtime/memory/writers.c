#include "memory/writers.h"

#include <string.h>
#include <sys/mman.h>

#include "base/parts.h"
#include "memory/memory.h"
#include "memory/origins.h"
#include "state/run.h"

enum { SLOTS = 1 << 16, GRANULE = 8, LONGEST = 1 << 16 };

/* By granule of 8 bytes; what does not fit any more is not known. */
typedef struct slot {
    uintptr_t granule;
    rfn_writer writer, before;
} slot;

uint8_t rfn_tracing;
static slot *slots;
static RFN_STATE uint32_t taken[SLOTS / 2]; /* in use, by index: what a reset clears */
static RFN_STATE uint32_t used;

static void reset(void)
{
    for (uint32_t i = 0; i < used; i++) {
        memset(&slots[taken[i]], 0, sizeof *slots);
        taken[i] = 0;
    }
    used = 0;
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
        if (place->granule == 0) {
            taken[used++] = (uint32_t)(place - slots);
        }
        place->granule = granule;
        if (place->writer.site != rfn_current->site || place->writer.thread != rfn_current->number) {
            place->before = place->writer;
        }
        place->writer.site = rfn_current->site;
        place->writer.redactions = rfn.redactions;
        place->writer.step = rf_get_status(rfn.core)->steps;
        place->writer.thread = rfn_current->number;
    }
}

static const slot *written(uintptr_t address)
{
    const slot *place = slots == NULL || used == 0 ? NULL : find(address / GRANULE, 0);
    return place == NULL || place->granule == 0 ? NULL : place;
}

int rfn_writer_of(uintptr_t address, rfn_writer *writer)
{
    const slot *place = written(address);
    if (place != NULL) {
        *writer = place->writer;
    }
    return place != NULL;
}

int rfn_writer_is_parked(const rfn_writer *writer)
{
    const rfn_fiber *fiber = &rfn_fibers[writer->thread];
    int parked = fiber->parked && fiber->event.site == writer->site;
    for (uint8_t i = 0; i < fiber->in_handler; i++) {
        parked |= fiber->paused[i].parked && fiber->paused[i].event.site == writer->site;
    }
    return parked;
}

int rfn_writer_before(uintptr_t address, rfn_writer *writer)
{
    const slot *place = written(address);
    if (place != NULL) {
        *writer = place->before;
    }
    return place != NULL && place->before.site != 0;
}

uint32_t rfn_pointers_to(uintptr_t start, uintptr_t end, rfn_pointer *found, uint32_t most)
{
    uint32_t count = 0;
    for (size_t i = 0; i < SLOTS && used > 0; i++) {
        const uintptr_t at = slots[i].granule * GRANULE;
        const int kind = at >> 63 || at == 0 ? 0 : rfn_is_program((const void *)at);
        uint32_t k;
        if (kind == 0 || (kind == 1 && at >= RFN_START) || *(const uintptr_t *)at - start >= end - start) {
            continue;
        }
        for (k = count; k > 0 && found[k - 1].writer.step > slots[i].writer.step; k--) {
            if (k < most) {
                found[k] = found[k - 1];
            }
        }
        if (k < most) {
            found[k] = (rfn_pointer){at, slots[i].writer};
            count += count < most;
        }
    }
    return count;
}

RFN_PART(RFN_ON_MEMORY, writers, .reset = reset);
