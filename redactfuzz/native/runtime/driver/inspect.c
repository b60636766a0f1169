#include "driver/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parts.h"
#include "driver/canary.h"
#include "driver/image.h"
#include "driver/novelty.h"
#include "mappings/filter.h"
#include "mappings/maps.h"
#include "mappings/pages.h"
#include "memory/alternate.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "models/family/fork.h"
#include "models/files/files.h"
#include "models/process/process.h"
#include "processor/aside.h"
#include "schedule/above.h"
#include "schedule/fiber.h"
#include "state/core_limit.h"
#include "state/matcher.h"
#include "state/run.h"

static RFN_STATE uint8_t looking; /* nothing is kept of it */

enum { AT_ONCE = 64, AROUND = 128 };

/* Where to keep one more: what is allowed makes room for what is not, and of what is not each canary keeps one at least. */
static rfn_sighting *room_for(uint32_t canary, int allowed)
{
    uint32_t times[64] = {0};
    if (rfn_found.count < RFN_HITS) {
        return &rfn_found.sighting[rfn_found.count++];
    }
    for (uint32_t i = 0; i < RFN_HITS; i++) {
        if (!allowed && rfn_found.sighting[i].allowed) {
            return &rfn_found.sighting[i];
        }
        times[rfn_found.sighting[i].canary % 64]++;
    }
    for (uint32_t i = 0; !allowed && times[canary % 64] == 0 && i < RFN_HITS; i++) {
        if (times[rfn_found.sighting[i].canary % 64] > 1) {
            return &rfn_found.sighting[i];
        }
    }
    return NULL;
}

static void keep(const rf_hit *hit, uint64_t address, rfn_where where, uint32_t thread, const char *file)
{
    uint32_t canary = rfn_canary_of(hit->source);
    uint64_t allowed = rfn.strikes > 0 ? rfn.allowed_at_strike : rfn.allowed;
    rfn_sighting *sighting;
    rfn_found.seen |= UINT64_C(1) << canary;
    for (uint32_t i = 0; i < rfn_found.count; i++) {
        rfn_sighting *known = &rfn_found.sighting[i];
        if (known->hit.offset == address && known->canary == canary && known->where == where
            && known->thread == thread) {
            /* Met from two lines, or as part of what follows from the secret as well: its own forms come first. */
            if (hit->length > known->hit.length
                || (hit->length == known->hit.length && hit->source < known->hit.source)) {
                known->hit = *hit;
                known->hit.offset = address;
            }
            return;
        }
    }
    rfn_found.leaks += !(allowed >> canary & 1);
    sighting = room_for(canary, (int)(allowed >> canary & 1));
    if (sighting == NULL) {
        return;
    }
    sighting->hit = *hit;
    sighting->hit.offset = address;
    sighting->canary = canary;
    sighting->thread = thread;
    sighting->where = (uint8_t)where;
    sighting->allowed = (uint8_t)(allowed >> canary & 1);
    if (file != NULL) {
        snprintf(sighting->file, sizeof sighting->file, "%s", file);
    } else {
        rfn_core_of_child(sighting->file, sizeof sighting->file);
    }
}

static void search(const rf_data *data, uint64_t base, rfn_where where, uint32_t thread, const char *file)
{
    rf_hit hits[AT_ONCE];
    rf_data rest = *data;
    uint32_t count;
    if (!looking) {
        rfn_image_keep(data->bytes + data->from, data->to - data->from, base + data->from, where, thread, file);
        rfn_novelty_look(data->bytes + data->from, data->to - data->from, base + data->from, where, thread, file);
    }
    do { /* once again from the last one on, where there are too many for once: `keep` knows those that it has seen */
        count = rfn_scan(&rest, hits, AT_ONCE);
        for (uint32_t i = 0; i < count && i < AT_ONCE; i++) {
            keep(&hits[i], base + hits[i].offset, where, thread, file);
            rest.from = hits[i].offset < rest.from ? rest.from + 1 : hits[i].offset + 1;
        }
    } while (count > AT_ONCE && rest.from < rest.to);
}

static void visit(const uint8_t *first, const uint8_t *last, const uint8_t *from, const uint8_t *to, void *context)
{
    uintptr_t at = (uintptr_t)first;
    uint32_t thread = 0;
    rfn_where where = rfn_is_program(first) == 2 ? RFN_IN_GLOBALS : RFN_ELSEWHERE;
    /* A fragment may begin in a window that lies across the end of the run before. */
    rf_data data = {from, (uint64_t)(to - from), (uint64_t)(first - from), (uint64_t)(last - from)};
    (void)context;
    if (at - RFN_HEAP < RFN_HEAP_SIZE) {
        where = RFN_IN_HEAP;
    } else if (at - RFN_MAPPINGS < RFN_MAPPINGS_SIZE) {
        where = RFN_IN_MAPPING;
    } else if (at - RFN_START < RFN_START_SIZE) {
        where = RFN_IN_START;
    } else if (at - RFN_LIBRARY < RFN_LIBRARY_SIZE) {
        where = RFN_IN_LIBRARY;
    } else if (rfn_fiber_at(at) != NULL) {
        where = RFN_IN_STACK;
        thread = rfn_fiber_at(at)->number;
    }
    search(&data, (uintptr_t)from, where, thread, NULL);
}

/* Registers are notes of a core, one thread after the other. */
static void search_registers(void)
{
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        const uint8_t *bytes = (const uint8_t *)rfn_kept_outside(fiber);
        size_t size = fiber->outside != 0 ? RFN_KEPT_ASIDE * sizeof *fiber->at.kept : sizeof fiber->at.kept;
        rf_data kept = {bytes, size, 0, size};
        if (fiber->life != RFN_ALIVE) {
            continue;
        }
        search(&kept, 0, RFN_IN_REGISTERS, i, NULL);
        if (rfn_keep_vectors) {
            const uint8_t *vectors = (const uint8_t *)fiber->at.vectors;
            rf_data data = {vectors, RFN_VECTORS_SIZE, 0, RFN_VECTORS_SIZE};
            search(&data, sizeof fiber->at.kept, RFN_IN_REGISTERS, i, NULL);
        }
    }
}

static void search_name(const char *name, void *context)
{
    rf_data data = {(const uint8_t *)name, rfn_text_length(name), 0, 0};
    uint64_t *number = context;
    data.to = data.size;
    search(&data, (*number)++ << 16, RFN_IN_NOTES, 0, NULL);
}

/* Whichever thread dies, a core holds the name of the process. */
static void search_notes(void)
{
    uint64_t number = 0;
    search_name(rfn_fibers[rfn.leader].name, &number);
    rfn_maps_names(search_name, &number);
}

/* A name stays on the disk as the bytes do. */
static void search_path(const char *name)
{
    rf_data data = {(const uint8_t *)name, rfn_text_length(name), 0, 0};
    char label[sizeof rfn_found.sighting[0].file];
    data.to = data.size;
    snprintf(label, sizeof label, "the name of %s", name);
    search(&data, 0, RFN_IN_FILE, 0, label);
}

static void search_file(const char *name, const uint8_t *bytes, size_t size, void *context)
{
    rf_data data = {bytes, size, 0, size};
    (void)context;
    if (rfn_is_path(name)) {
        search_path(name);
    }
    if (size == 0) {
        return;
    }
    rfn_found.dumps++;
    search(&data, 0, RFN_IN_FILE, 0, name);
}

static void begin(void)
{
    rfn_found.dumps = 0;
    rfn_found.leaks = 0;
    rfn_found.count = 0;
    rfn_found.seen = 0;
}

static void search_memory(void)
{
    rfn_describe_fibers();
    rfn_alternates_left();
    rfn_filter();
    if (rfn.control_block->plan.isolation == RFN_FORKED) {
        rfn_visible_image(visit, NULL);
    } else {
        rfn_visible(visit, NULL);
    }
    search_registers();
    search_notes();
}

/* Whether memory, as it is now, shows what is not allowed. Changes nothing but rfn_found. */
static int shows(void)
{
    begin();
    looking = 1;
    search_memory();
    looking = 0;
    return rfn_found.leaks > 0;
}

static uint32_t mixed(uint32_t hash, uint64_t value)
{
    uint64_t product = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(product >> 32) ^ (uint32_t)product;
}

static int dumps_memory(void) { return rfn.control_block->plan.crash == RFN_CRASH_KILL || rfn_leaves_core(); }

static void count_file(const char *name, const uint8_t *bytes, size_t size, void *context)
{
    uint32_t *files = context;
    (void)name;
    (void)bytes;
    (void)size;
    ++*files;
}

/* As rfn_inspect would see it. That there is no dump at all may be a bug. */
static uint32_t exposed(uint32_t before, int changed)
{
    uint32_t hash = 1;
    uint32_t files = 0;
    rfn_files_visit(count_file, &files);
    if (files == 0 && !changed) {
        return before;
    }
    begin();
    looking = 1;
    if (dumps_memory()) {
        rfn_found.dumps++;
        search_memory();
    }
    rfn_files_visit(search_file, NULL);
    looking = 0;
    for (uint32_t i = 0; i < rfn_found.count; i++) {
        const rfn_sighting *one = &rfn_found.sighting[i];
        if (!one->allowed) {
            hash = mixed(mixed(hash, one->hit.offset), (uint64_t)one->where << 48 | (uint64_t)one->thread << 32 | one->hit.source);
            hash = mixed(hash, (uint64_t)one->hit.encoding << 32 | one->hit.length);
        }
    }
    if (rfn_found.leaks > 0) {
        return mixed(hash, rfn_found.leaks) | 1;
    }
    return rfn.control_block->plan.no_dump_is_bug && rfn_found.dumps == 0 ? 2 : 0;
}

/* The same of the bytes around `address`, which the program may write to. */
static int shows_at(uintptr_t address)
{
    uintptr_t page = address & ~(uintptr_t)(RFN_PAGE - 1), from = address - AROUND, to = address + AROUND;
    rf_data data;
    from = from < page ? page : from;
    to = to > page + RFN_PAGE ? page + RFN_PAGE : to;
    data = (rf_data){(const uint8_t *)from, to - from, 0, to - from};
    begin();
    looking = 1;
    search(&data, from, RFN_ELSEWHERE, 0, NULL);
    looking = 0;
    return rfn_found.leaks > 0;
}

void rfn_inspect(void)
{
    begin();
    rfn_novelty_begin();
    rfn_pages_open();
    /* An outside dumper reads what the kernel would not write. */
    if (rfn.killed && dumps_memory()) {
        rfn_found.dumps++;
        search_memory();
    }
    rfn_files_visit(search_file, NULL);
}

static void begins(void)
{
    rfn_above.inspect = rfn_inspect;
    rfn_above.shows = shows;
    rfn_above.exposed = exposed;
    rfn_above.shows_at = shows_at;
}

RFN_PART(RFN_ON_DRIVER, inspect, .begins = begins);
