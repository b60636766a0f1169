#include "driver/provenance.h"

#include <string.h>

#include "memory/memory.h"
#include "memory/origins.h"
#include "memory/store.h"
#include "memory/writers.h"
#include "state/program.h"

enum { POINTERS = 3 /* reported of each sighting */ };

void rfn_report_block(rfn_output *out, const rfn_block *block)
{
    rfn_print(out, ",\"block\":{\"start\":%llu,\"size\":%zu,\"allocated_at\":%llu,\"freed_at\":%llu,\"allocated_by\":%u,"
            "\"freed_by\":%u}",
            (unsigned long long)block->start, block->size, (unsigned long long)block->allocated_at,
            (unsigned long long)block->freed_at, block->allocated_by, block->freed_by);
}

static void written(rfn_output *out, const rfn_writer *writer)
{
    rfn_print(out, "\"thread\":%u,\"site\":%llu,\"step\":%u,\"redactions\":%llu,\"stands\":%s", writer->thread,
            (unsigned long long)writer->site, writer->step, (unsigned long long)writer->redactions,
            rfn_writer_is_parked(writer) ? "true" : "false");
}

static void writers(rfn_output *out, uintptr_t address)
{
    rfn_writer writer;
    if (rfn_writer_of(address, &writer)) {
        rfn_put(out, ",\"writer\":{");
        written(out, &writer);
        rfn_put_byte(out, '}');
    }
    if (rfn_writer_before(address, &writer)) {
        rfn_put(out, ",\"overwrote\":{");
        written(out, &writer);
        rfn_put_byte(out, '}');
    }
}

/* Static memory by its offset, the heap by its block. */
void rfn_report_place(rfn_output *out, uintptr_t address)
{
    rfn_block block;
    if (rfn_is_program((const void *)address) == 2) {
        rfn_print(out, ",\"object\":%llu", (unsigned long long)(address - rfn_base));
    } else if (address - RFN_HEAP < RFN_HEAP_SIZE && rfn_block_of((const void *)address, &block)) {
        rfn_report_block(out, &block);
    }
}

/* Words that lead to it: in a list of what is to be wiped, say. */
static void pointers(rfn_output *out, uintptr_t start, uintptr_t end)
{
    rfn_pointer found[POINTERS];
    uint32_t count = rfn_pointers_to(start, end, found, POINTERS);
    rfn_put(out, ",\"pointers\":[");
    for (uint32_t i = 0; i < count; i++) {
        rfn_put(out, i ? ",{" : "{");
        written(out, &found[i].writer);
        rfn_report_place(out, found[i].at);
        rfn_put_byte(out, '}');
    }
    rfn_put_byte(out, ']');
}

/* What is known of a leaked byte's past: who wrote it, mapped it, was struck there, and what leads to it. */
void rfn_report_history(rfn_output *out, const rfn_sighting *s)
{
    uintptr_t address = (uintptr_t)s->hit.offset;
    rfn_origin origin;
    rfn_writer writer = {0};
    rfn_block block;
    if (s->where == RFN_IN_FILE) {
        for (uint32_t i = 0; i < rfn_file_count(); i++) {
            const rfn_file *file = rfn_file_number(i);
            if (file->name != NULL && strcmp(file->name, s->file) == 0) {
                writers(out, rfn_file_byte(i, address));
                return;
            }
        }
        return;
    }
    writers(out, address);
    rfn_writer_of(address, &writer);
    if (rfn_origin_of(address, RFN_ORIGIN_FRAME, &origin) && origin.step == writer.step) {
        rfn_print(out, ",\"struck\":{\"thread\":%u,\"site\":%llu}", origin.thread, (unsigned long long)origin.site);
        return; /* nobody wrote it but the kernel */
    }
    if (s->where == RFN_IN_MAPPING && rfn_origin_of(address, RFN_ORIGIN_MAPPING, &origin)) {
        rfn_print(out, ",\"mapped\":{\"thread\":%u,\"site\":%llu}", origin.thread, (unsigned long long)origin.site);
    }
    if (s->where == RFN_IN_HEAP && rfn_block_of((const void *)address, &block)) {
        pointers(out, block.start, block.start + block.size);
    } else if (s->where == RFN_IN_GLOBALS || s->where == RFN_IN_MAPPING || s->where == RFN_IN_STACK) {
        uintptr_t start = address - s->hit.form_offset;
        pointers(out, start, start + s->hit.form_length);
    }
}

int rfn_is_residue(const rfn_sighting *s)
{
    rfn_origin frame;
    rfn_writer writer = {0};
    if (s->where == RFN_IN_REGISTERS) {
        return 1;
    }
    if (s->where == RFN_IN_FILE || !rfn_origin_of((uintptr_t)s->hit.offset, RFN_ORIGIN_FRAME, &frame)) {
        return 0;
    }
    /* The kernel wrote it; who wrote there later is known where writers are. */
    return !rfn_tracing || !rfn_writer_of((uintptr_t)s->hit.offset, &writer) || writer.step == frame.step;
}
