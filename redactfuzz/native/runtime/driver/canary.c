#include "driver/canary.h"

#include <string.h>
#include <sys/mman.h>

#include "base/parts.h"
#include "driver/events.h"
#include "memory/copy.h"
#include "memory/given.h"
#include "memory/touched.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "state/matcher.h"
#include "state/objects.h"
#include "state/program.h"
#include "state/run.h"

enum { UNKNOWN_ROOM = 1 << 16, FIRST_BYTES = 1 << 16, REPORTED = 64, MOST = 64, LARGEST = 1 << 14 /* as runtime.py has it */ };

static uint8_t *room; /* texts, and what canaries that are not known yet get */
static RFN_STATE size_t room_used;
static size_t room_kept;
static uint8_t *shown; /* what the program gets of each canary: the vault itself stays as it is, whatever it does to that */

static void *hidden(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        rfn_internal("no memory for canaries");
    }
    madvise(memory, size, MADV_DONTDUMP);
    return memory;
}

static const rfn_vault_source *sources(void)
{
    return (const rfn_vault_source *)(const void *)(rfn_canaries() + rfn.control_block->plan.canaries);
}

uint32_t rfn_canary_of(uint32_t source) { return sources()[source].canary; }

static int plant(void)
{
    for (uint32_t i = 0; i < rfn.control_block->plan.sources; i++) {
        const rfn_vault_source *from = &sources()[i];
        rf_source source = {
            .masked = rfn.vault + from->offset,
            .size = from->size,
            .id = (uint16_t)i,
            .group = from->group,
            .mask = from->mask,
            .shape = from->shape,
            .plain = from->plain,
            .letters = from->letters,
            .bits = from->bits,
        };
        if (rf_match_plant(rfn_matcher, &source) != 0) {
            return -1;
        }
    }
    return 0;
}

int rfn_canaries_init(void)
{
    rf_match_limits limits = {.secret = 512, .bytes = FIRST_BYTES, .forms = 512, .windows = 1 << 14, .dense = 1};
    size_t size = 0;
    if (room == NULL) {
        room = hidden(UNKNOWN_ROOM);
        shown = hidden((size_t)MOST * LARGEST);
        rfn_object_mapped(room, UNKNOWN_ROOM);
        rfn_object_mapped(shown, (size_t)MOST * LARGEST);
    }
    for (uint32_t i = 0; i < rfn.control_block->plan.sources; i++) {
        limits.secret = sources()[i].size > limits.secret ? sources()[i].size : limits.secret;
    }
    /* How much room the forms need is known when they fit. */
    for (int tries = 0; tries < 16; tries++) {
        void *block;
        size = rf_match_size(&limits);
        block = hidden(size);
        rfn_matcher = rf_match_init(block, &limits);
        if (plant() == 0) {
            return 0;
        }
        munmap(block, size);
        limits.bytes *= 2;
        limits.forms *= 2;
        limits.windows *= 2;
    }
    return -1;
}

static void reset(void)
{
    room_used = room_kept;
}

void rfn_canary_texts_reset(void)
{
    room_used = 0;
    room_kept = 0;
}

char *rfn_canary_text(const char *prefix, uint32_t index)
{
    const rfn_vault_canary *canary = rfn_canary(index);
    size_t before = strlen(prefix);
    char *text = (char *)room + room_used;
    if (room_used + before + canary->size + 1 > UNKNOWN_ROOM) {
        rfn_internal("no room for the text of canary %u", index);
    }
    memcpy(text, prefix, before);
    memcpy(text + before, rfn.vault + canary->offset, canary->size);
    text[before + canary->size] = 0;
    room_used += before + canary->size + 1;
    room_kept = room_used;
    return text;
}

/* -- what the program calls; see include/redactfuzz.h */

static int find(const char *name)
{
    for (uint32_t i = 0; i < rfn.control_block->plan.canaries; i++) {
        if (rfn_text_same(rfn_canaries()[i].name, name)) { /* libc compares in vector and mask registers, which are the program's */
            return (int)i;
        }
    }
    return -1;
}

static void report_once(const char *name, size_t size)
{
    static char reported[REPORTED][sizeof rfn_canaries()[0].name];
    for (int i = 0; i < REPORTED; i++) {
        if (reported[i][0] == 0) {
            strncpy(reported[i], name, sizeof reported[i] - 1);
            rfn_event_asked(name, size);
            return;
        }
        if (strncmp(reported[i], name, sizeof reported[i] - 1) == 0) {
            return;
        }
    }
}

const unsigned char *model_redactfuzz_canary(const char *name, size_t size);
void model_redactfuzz_allow(const char *name);
void model_redactfuzz_forbid(const char *name);

/* Bytes that no dump shows, anew with each call; zeros for a name that is not planted (yet), which is reported. */
const unsigned char *model_redactfuzz_canary(const char *name, size_t size)
{
    int index;
    unsigned char *zeros;
    if (rfn_loading) {
        rfn_internal("canary \"%s\" is asked for before main(), by a constructor: ask for it from main() on", name);
    }
    index = find(name);
    if (index >= 0 && rfn_canaries()[index].size >= size) {
        const rfn_vault_canary *canary = &rfn_canaries()[index];
        volatile uint8_t *bytes = shown + (size_t)index * LARGEST;
        rfn_canaries()[index].asked = 1;
        for (size_t at = 0; at < size; at++) { /* memcpy would leave the secret in vector registers */
            bytes[at] = rfn.vault[canary->offset + at];
        }
        return (const uint8_t *)bytes;
    }
    report_once(name, size);
    if (room_used + size > UNKNOWN_ROOM) {
        rfn_bug(RFN_BUG_MISUSE, SITE(), "redactfuzz_canary: %zu bytes are too many", size);
    }
    zeros = room + room_used;
    memset(zeros, 0, size);
    room_used += size;
    return zeros;
}

static uint64_t named(const char *name, uintptr_t site)
{
    int index = find(name);
    if (index < 0) {
        rfn_problem(RFN_PROBLEM_INCOMPLETE, site, "no canary has the name \"%s\"", name);
        return 0;
    }
    return UINT64_C(1) << index;
}

void model_redactfuzz_allow(const char *name)
{
    uint64_t bits = named(name, SITE());
    rfn_at_piece(RFN_OBJECT_HEAP, 1, SITE()); /* a crash may strike before it is allowed, or still is: no thread notices */
    rfn_given_spoken_of(bits);
    rfn_touched_phase();
    rfn.allowed |= bits;
}

void model_redactfuzz_forbid(const char *name)
{
    uint64_t bits = named(name, SITE());
    rfn_at_piece(RFN_OBJECT_HEAP, 1, SITE()); /* a crash may strike before it is allowed, or still is: no thread notices */
    rfn_given_spoken_of(bits);
    rfn_touched_phase();
    rfn.allowed &= ~bits;
}

RFN_PART(RFN_ON_DRIVER, canary, .reset = reset);
