#include "exposure/seen.h"

#include <stddef.h>

#include "base/hidden.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "schedule/fiber.h"

enum {
    WORDS = 1 << 20,   /* of eight bytes, of which three quarters may be used */
    VARIED = 1 << 17,  /* of these, those that had more than one value */
};

/* All that it was: `first`, and what is in varied[number - 1], a set for each byte. */
typedef struct seen_word {
    uintptr_t at;  /* 0: nobody's */
    uint64_t first;
    uint64_t last; /* as it was found the last time */
    uint32_t varied;
    uint32_t reserved;
} seen_word;

static seen_word *words;
static rf_values (*varied)[8];
static const uint8_t *globals_start, *globals_end;
static uint8_t *globals; /* as an execution begins */
static uint32_t word_count;
static uint32_t varied_count;
static uint8_t full;

void rfn_seen_begins(void)
{
    if (words == NULL) {
        words = rfn_hidden(WORDS * sizeof *words);
        varied = rfn_hidden(VARIED * sizeof *varied);
        rfn_globals_of(&globals_start, &globals_end);
        globals = rfn_hidden((size_t)(globals_end - globals_start));
        rfn_copy(globals, globals_start, (size_t)(globals_end - globals_start));
    }
}

/* What it was before anything was written there. Where constructors have left something it is not zero, but seen at once. */
static uint8_t initial(uintptr_t at)
{
    const uint8_t *byte = (const uint8_t *)at;
    return byte >= globals_start && byte < globals_end ? globals[byte - globals_start] : 0;
}

/* Words side by side have places side by side. */
static seen_word *place_of(uintptr_t at)
{
    uint64_t key = at >> 3;
    uint32_t slot = (uint32_t)(key + (key >> 17) * 0x9e3779b1u) & (WORDS - 1);
    while (words[slot].at != 0 && words[slot].at != at) {
        slot = (slot + 1) & (WORDS - 1);
    }
    return &words[slot];
}

static uint8_t byte_of(uint64_t word, uint32_t n) { return (uint8_t)(word >> 8 * n); }

static void add(rf_values *values, uint8_t value) { values->set[value >> 6] |= UINT64_C(1) << (value & 63); }

static int has(const rf_values *values, uint8_t value) { return (int)(values->set[value >> 6] >> (value & 63) & 1); }

/* It is `word` now, and was not when it was looked at before. */
static uint8_t differs(seen_word *w, uint64_t word)
{
    uint8_t fresh = 0;
    w->last = word;
    for (uint32_t n = 0; n < 8; n++) {
        uint8_t value = byte_of(word, n);
        if (value == byte_of(w->first, n) || (w->varied != 0 && has(&varied[w->varied - 1][n], value))) {
            continue;
        }
        if (w->varied == 0) {
            if (varied_count == VARIED) {
                full = 1;
                return 0;
            }
            w->varied = ++varied_count;
        }
        add(&varied[w->varied - 1][n], value);
        fresh |= (uint8_t)(1u << n);
    }
    return fresh;
}

uint8_t rfn_seen(uintptr_t at, uint64_t word)
{
    seen_word *w = place_of(at);
    if (w->at != 0) {
        return w->last == word ? 0 : differs(w, word);
    }
    if (word_count == WORDS / 4 * 3) {
        full = 1;
        return 0;
    }
    word_count++;
    *w = (seen_word){.at = at, .first = word, .last = word};
    return 0xff;
}

/* Memory in which nothing was seen yet is as an execution begins. */
static int can_read(uintptr_t at)
{
    const rfn_fiber *fiber = at >= RFN_STACKS ? rfn_fiber_at(at) : NULL;
    if (at - RFN_STACKS < RFN_SPAN - (RFN_STACKS - RFN_WINDOW)) {
        return fiber != NULL && fiber->life != RFN_UNUSED && at - fiber->base >= RFN_PAGE; /* the first page is closed */
    }
    return rfn_is_program((const void *)at) && (rfn_page((const void *)at) & (RFN_MAPPED | RFN_PROTECTED)) == RFN_MAPPED;
}

void rfn_seen_values(void *unused, uint64_t address, rf_values *found)
{
    const seen_word *w = place_of(address & ~UINT64_C(7));
    uint32_t n = address & 7;
    (void)unused;
    if (w->at == 0) {
        if (can_read(address)) {
            add(found, *(const uint8_t *)address);
        }
        return;
    }
    add(found, byte_of(w->first, n));
    add(found, initial(address));
    for (uint32_t i = 0; w->varied != 0 && i < 4; i++) {
        found->set[i] |= varied[w->varied - 1][n].set[i];
    }
}

int rfn_seen_full(void) { return full; }
