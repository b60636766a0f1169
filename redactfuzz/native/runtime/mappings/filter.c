#include "mappings/filter.h"

#include <elf.h>
#include <sys/mman.h>

#include "mappings/pages.h"
#include "memory/memory.h"

/* The kernel knows of a private mapping whether anything was written to it at all: then a core holds all of it. Hooks report it, and
 * the content shows what has no hook, as a store of a library. */

enum { EXECUTABLE = 0111 /* a file with one of these is one for the filter */ };

static int is_followed(const rfn_area *area) { return area->charged && !area->written; }

/* What is closed to the program is closed to us until the execution has ended. */
static int can_read(const rfn_area *area) { return (area->protection & PROT_READ) || !rfn_pages_are_closed(); }

/* Never 0. */
static uint64_t sum_of(const rfn_area *area)
{
    const uint64_t *word = (const uint64_t *)area->start;
    uint64_t sum = 1;
    for (size_t i = 0; i < area->size / sizeof *word; i++) {
        sum = (sum ^ word[i]) * UINT64_C(0x9e3779b97f4a7c15);
        sum ^= sum >> 32;
    }
    return sum == 0 ? 1 : sum;
}

void rfn_filter_new(rfn_area *area)
{
    rfn_pages((const void *)area->start, area->size, RFN_FILTERED, 0);
    if (area->private && !area->written) {
        rfn_unwritten(area->start, area->size);
    }
    if (is_followed(area)) {
        area->sum = sum_of(area); /* it is open still, whatever its protection will be */
    }
}

void rfn_filter_settle(rfn_area *area)
{
    if (is_followed(area)) {
        area->written = rfn_is_written(area->start, area->size)
                        || (area->sum != 0 && can_read(area) && sum_of(area) != area->sum);
    }
}

void rfn_filter_renew(rfn_area *area)
{
    if (is_followed(area)) {
        area->sum = can_read(area) ? sum_of(area) : 0;
    }
}

static int is_program(const rfn_area *area)
{
    const char *first = (const char *)area->start;
    return (area->file->mode & EXECUTABLE)
           || (first[0] == ELFMAG[0] && first[1] == ELFMAG[1] && first[2] == ELFMAG[2] && first[3] == ELFMAG[3]);
}

/* How much of it a core holds, from its start. */
static size_t held(const rfn_area *area)
{
    if (area->file == NULL) {
        return area->size;
    }
    if (area->private ? area->written : !area->file->exists) {
        return area->size;
    }
    return area->private && area->offset == 0 && (area->protection & PROT_READ) && is_program(area) ? RFN_PAGE : 0;
}

void rfn_filter(void)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        rfn_area *area = &rfn_areas[i];
        size_t size;
        if (area->size > 0) {
            rfn_filter_settle(area);
            size = held(area);
            rfn_pages((const void *)area->start, size, 0, RFN_FILTERED);
            rfn_pages((const void *)(area->start + size), area->size - size, RFN_FILTERED, 0);
        }
    }
}
