#include "memory/touched.h"

#include <string.h>

#include "base/os.h"
#include "base/parts.h"
#include "memory/memory.h"
#include "state/program.h"

enum { MOST_WORDS = 2048 /* of one access; a larger one has touched everything, which costs schedules and loses none */ };

enum { WAITING = 64 };

typedef enum rfn_postponed { BYTES = 1, OBJECT, OWN, ALL } rfn_postponed;

static RFN_STATE struct {
    const rfn_fiber *fiber;
    uintptr_t at;
    size_t size;
    uint64_t site;
    uint32_t object;
    uint8_t kind, what; /* rfn_postponed */
} waiting[WAITING];
static RFN_STATE uint32_t count;
static RFN_STATE uint8_t waits;

enum { MAPPED = 4 };
static struct {
    uintptr_t start;
    size_t size;
} mapped[MAPPED];
static uint32_t mapped_count;

extern const char __executable_start[], _end[]; /* of the driver: the linker's names for where it begins and ends */

void rfn_object_mapped(const void *start, size_t size)
{
    if (mapped_count == MAPPED) {
        rfn_internal("there are more than %d pieces of memory that have numbers", MAPPED);
    }
    mapped[mapped_count].start = (uintptr_t)start;
    mapped[mapped_count++].size = size;
}

/* The same in every process: a certificate that is executed again has these numbers. */
uint32_t rfn_object_number(const void *object)
{
    uintptr_t at = (uintptr_t)object, program = rfn_limit - rfn_base, ours = (uintptr_t)(_end - __executable_start);
    uintptr_t offset = at - rfn_base;
    if (at - RFN_WINDOW < RFN_SPAN) {
        offset = at - RFN_WINDOW + program;
    } else if (at - (uintptr_t)__executable_start < ours) {
        /* State of ours: how far it lies from the program is another matter in each process. */
        offset = at - (uintptr_t)__executable_start + program + RFN_SPAN;
    } else {
        uintptr_t before = program + RFN_SPAN + ours;
        for (uint32_t i = 0; i < mapped_count; before += mapped[i++].size) {
            if (at - mapped[i].start < mapped[i].size) {
                offset = at - mapped[i].start + before;
            }
        }
    }
    return object == NULL ? RF_OBJECT_UNKNOWN : (uint32_t)((offset >> 3) % (RFN_TOUCHED_FILES - 1)) + 1;
}

/* 1: it waits. */
static int put_off(rfn_postponed what, const rfn_fiber *fiber, uint8_t kind, uint32_t object, uintptr_t at, size_t size, uint64_t site)
{
    uint32_t last = count;
    if (!waits) {
        return 0;
    }
    count = last + 1 < WAITING ? last + 1 : last; /* the last one of all is ALL */
    waiting[last].what = count > last ? (uint8_t)what : ALL;
    waiting[last].fiber = fiber;
    waiting[last].kind = kind;
    waiting[last].object = object;
    waiting[last].at = at;
    waiting[last].size = size;
    waiting[last].site = site;
    return 1;
}

void rfn_touches_wait(void) { waits = rfn.touches && rfn_current != NULL; }

int rfn_touches_waiting(void) { return waits; }

void rfn_touches_told(void)
{
    uint32_t all = waiting[WAITING - 1].what == ALL ? WAITING : count;
    waits = 0;
    for (uint32_t i = 0; i < all; i++) {
        switch (waiting[i].what) {
        case BYTES:
            rfn_touch_bytes_at(waiting[i].fiber, waiting[i].kind, waiting[i].at, waiting[i].size, waiting[i].site);
            break;
        case OBJECT:
            rfn_touch_object(waiting[i].kind, waiting[i].object);
            break;
        case OWN:
            rfn_touched_own();
            break;
        default:
            rfn_touch_all(waiting[i].fiber);
            break;
        }
    }
    memset(waiting, 0, all * sizeof waiting[0]);
    count = 0;
}

void rfn_touch_object(uint8_t kind, uint32_t object)
{
    if (put_off(OBJECT, NULL, kind, object, 0, 0, 0)) {
        return;
    }
    rf_event event = {.kind = kind, .object = object};
    rf_touch(rfn.core, rfn_current != NULL ? rfn_current->number : 0, &event);
}

void rfn_touch_all(const rfn_fiber *fiber)
{
    if (put_off(ALL, fiber, 0, 0, 0, 0, 0)) {
        return;
    }
    rf_event event = {.kind = RF_OPAQUE, .object = RF_OBJECT_UNKNOWN, .site = fiber != NULL ? fiber->site : 0};
    rf_touch(rfn.core, fiber != NULL ? fiber->number : 0, &event);
}

void rfn_touched_crash(void)
{
    rf_event event = {.kind = RF_CRASH, .flags = RF_LOCAL | RF_VISIBLE};
    if (rfn.reduces) {
        rf_touch(rfn.core, rfn_current != NULL ? rfn_current->number : 0, &event);
    }
}

void rfn_touched_own(void)
{
    rf_event event = {.kind = RF_WRITE, .flags = RF_LOCAL | RF_VISIBLE};
    if (rfn.reduces && !put_off(OWN, NULL, 0, 0, 0, 0, 0)) {
        rf_touch(rfn.core, rfn_current != NULL ? rfn_current->number : 0, &event);
    }
}

/* Each eight bytes are an object. Their numbers follow one another, but where these begin anew. */
static void touch_words(uint32_t thread, uint8_t kind, uintptr_t at, size_t size, uint64_t site)
{
    uintptr_t first = at / RF_WORD, last = (at + size - 1) / RF_WORD;
    uint32_t number = rfn_object_number((const void *)(first * RF_WORD)), words = (uint32_t)(last - first) + 1;
    rf_event event = {.kind = kind, .object = number, .offset = (uint32_t)(at % RF_WORD), .size = (uint32_t)size, .site = site};
    if (words == 1 || rfn_object_number((const void *)(last * RF_WORD)) == number + words - 1) {
        rf_touch_words(rfn.core, thread, &event, words);
        return;
    }
    for (uintptr_t word = first; word <= last; word++) {
        uintptr_t from = word == first ? at : word * RF_WORD, to = word == last ? at + size : (word + 1) * RF_WORD;
        touch_words(thread, kind, from, to - from, site);
    }
}

void rfn_touch_bytes(const rfn_fiber *fiber, uint8_t kind, uintptr_t at, size_t size)
{
    rfn_touch_bytes_at(fiber, kind, at, size, 0);
}

void rfn_touch_bytes_at(const rfn_fiber *fiber, uint8_t kind, uintptr_t at, size_t size, uint64_t site)
{
    if (put_off(BYTES, fiber, kind, 0, at, size, site)) {
        return;
    }
    if (kind == RF_OPAQUE || size > 8 * (size_t)MOST_WORDS) {
        rfn_touch_all(fiber);
        return;
    }
    if (size > 0) {
        touch_words(fiber != NULL ? fiber->number : 0, kind, at, size, site);
    }
}

void rfn_wrote(const void *address, size_t size)
{
    rfn_come_to_end(address, size);
    rfn_has_come_to((uintptr_t)address);
    rfn_kernel_wrote(address, size);
}

void rfn_kernel_wrote(const void *address, size_t size)
{
    if (rfn.touches) {
        rfn_touch_bytes(rfn_current, RF_WRITE, (uintptr_t)address, size);
    }
    rfn_will_write(address, size);
    if (rfn_current != NULL && !rfn_is_private(rfn_current, (uintptr_t)address)) {
        rfn_may_publish(rfn_current, (uintptr_t)address, size);
    }
}

static void reset(void)
{
    memset(waiting, 0, sizeof waiting);
    count = 0;
    waits = 0;
}

RFN_PART(RFN_ON_MEMORY, touched, .reset = reset);
