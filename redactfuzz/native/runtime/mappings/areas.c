#include "mappings/areas.h"

#include <string.h>

#include <sys/mman.h>

#include "base/parts.h"
#include "mappings/filter.h"
#include "mappings/maps.h"
#include "memory/memory.h"
#include "state/outcome.h"
#include "state/run.h"

RFN_STATE rfn_area rfn_areas[RFN_AREAS];
RFN_STATE uint32_t rfn_area_count;

void rfn_areas_forget(void)
{
    while (rfn_area_count > 0) {
        rfn_areas[--rfn_area_count] = (rfn_area){0};
    }
}

rfn_area *rfn_area_new(void)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        if (rfn_areas[i].size == 0) {
            return &rfn_areas[i];
        }
    }
    if (rfn_area_count == RFN_AREAS) {
        return NULL;
    }
    rfn_areas[rfn_area_count].size = 0;
    return &rfn_areas[rfn_area_count++];
}

int rfn_areas_of_files(void)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        if (rfn_areas[i].size > 0 && rfn_areas[i].file != NULL) {
            return 1;
        }
    }
    return 0;
}

rfn_area *rfn_area_at(uintptr_t address)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        if (address - rfn_areas[i].start < rfn_areas[i].size) {
            return &rfn_areas[i];
        }
    }
    return NULL;
}

static int overlaps(const rfn_area *area, uintptr_t start, size_t size)
{
    return area->size > 0 && area->start < start + size && start < area->start + area->size;
}

void rfn_area_is_seen(const rfn_area *area)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        const rfn_area *other = &rfn_areas[i];
        if (other != area && other->size > 0 && other->file == area->file && area->is_view && other->is_view
            && (area->shared || other->shared) && other->offset < area->offset + area->size
            && area->offset < other->offset + other->size) {
            rfn_problem(RFN_PROBLEM_OUTSIDE, 0, "a file is mapped twice at the same time, and what is written to one of these mappings"
                        " is not seen in the other before it is given back");
            return;
        }
    }
}

static void divide_at(uintptr_t at)
{
    rfn_area *area = rfn_area_at(at), *behind;
    size_t before;
    if (area == NULL || area->start == at) {
        return;
    }
    behind = rfn_area_new();
    if (behind == NULL) {
        rfn_problem(RFN_PROBLEM_OUTSIDE, 0, "more than %d parts of mappings that are shared, or of files, which are treated differently:"
                    " they are not told apart", (int)RFN_AREAS);
        return;
    }
    before = at - area->start;
    rfn_filter_settle(area);
    *behind = *area;
    behind->start = at;
    behind->size -= before;
    behind->offset += before;
    area->size = before;
    rfn_filter_renew(area);
    rfn_filter_renew(behind);
}

void rfn_areas_divide(uintptr_t start, size_t size)
{
    divide_at(start);
    divide_at(start + size);
}

static uint16_t treated(const rfn_area *area)
{
    return rfn_page((const void *)area->start) & (RFN_DONTDUMP | RFN_DONTFORK | RFN_LOCKED);
}

static int are_one(const rfn_area *one, const rfn_area *next)
{
    return next->size > 0 && one->start + one->size == next->start && one->made == next->made && one->file == next->file
           && one->offset + one->size == next->offset && one->shared == next->shared && one->private == next->private
           && one->protection == next->protection && one->advice == next->advice && one->charged == next->charged && treated(one) == treated(next);
}

/* 1: it has taken in what lies behind it. */
static int takes_next(rfn_area *area)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        rfn_area *next = &rfn_areas[i];
        if (are_one(area, next)) {
            rfn_filter_settle(area);
            rfn_filter_settle(next);
            area->size += next->size;
            area->written |= next->written;
            next->size = 0;
            rfn_filter_renew(area);
            return 1;
        }
    }
    return 0;
}

void rfn_areas_join(uintptr_t start, size_t size)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        rfn_area *area = &rfn_areas[i];
        while (area->size > 0 && area->start <= start + size && start <= area->start + area->size && takes_next(area)) {
        }
    }
}

/* A shared mapping that could only be read may be written to. */
static void becomes_writable(rfn_area *area)
{
    rfn_maps_write_back();
    area->shared = 1;
    rfn_area_is_seen(area);
    rfn_maps_reload();
}

void rfn_areas_protected(uintptr_t start, size_t size, int protection)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        rfn_area *area = &rfn_areas[i];
        if (overlaps(area, start, size)) {
            int opens = (protection & ~area->protection & PROT_WRITE) && (treated(area) & RFN_LOCKED);
            int is_first = area->private && !area->charged && (protection & PROT_WRITE);
            area->protection = (uint8_t)protection;
            area->written |= area->private && opens;
            if (is_first) {
                area->charged = 1;
                rfn_filter_renew(area); /* nobody could write to it before */
            }
            if (area->is_view && !area->private && !area->shared && (protection & PROT_WRITE)) {
                becomes_writable(area);
            }
        }
    }
}

void rfn_areas_advised(uintptr_t start, size_t size, int advice)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        if (overlaps(&rfn_areas[i], start, size)) {
            rfn_areas[i].advice = (uint8_t)advice;
        }
    }
}

void rfn_areas_populated(uintptr_t start, size_t size)
{
    for (uint32_t i = 0; i < rfn_area_count; i++) {
        rfn_area *area = &rfn_areas[i];
        if (overlaps(area, start, size)) {
            area->written |= area->private && (area->protection & PROT_WRITE);
        }
    }
}
