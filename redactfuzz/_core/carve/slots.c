#include "carve/slots.h"

#include <string.h>

enum {
    STEP = 4,
    READ = 32,   /* bytes that are looked at at once: two slots of the widest kind */
    REPEATED = 3 /* slots that are like the one before, behind which a run ends */
};

/* Bytes of a slot, and slots of a run: 12 bytes of a secret, and of what is met more often 16. */
static const uint32_t widths[RF_SLOT_KINDS] = {8, 8, 16, 4, 8, 4, 16}, least[RF_SLOT_KINDS] = {12, 12, 12, 16, 12, 12, 3};

static const uint64_t BYTE = 0xff, TWICE = 0x1ff, LAST = (uint64_t)0xff << 56, TAG = 0xffffffff;

/* Whether the number is one of 0 to 255, of so many bits of mantissa, by its upper 20 bits of 64, or 16 of 32. */
static int is_small_f64(uint64_t bits) { return !bits || (!(bits << 20) && (bits >> 52) >= 0x3ff && (bits >> 52) <= 0x406); }
static int is_small_f32(uint32_t bits) { return !bits || (!(bits << 16) && (bits >> 23) >= 0x7f && (bits >> 23) <= 0x86); }

/* Whether the slot at `a` and the one behind it are of a kind. `differs`: the bits in which their values do. */
static int joins(uint32_t kind, const uint64_t a[4], uint64_t *differs) {
    const uint32_t low = (uint32_t)a[0], next = (uint32_t)(a[0] >> 32);
    switch (kind) {
    case RF_SLOT_8: *differs = a[0] ^ a[1]; return !(*differs & ~TWICE);
    case RF_SLOT_8_BIG: *differs = a[0] ^ a[1]; return !(*differs & ~LAST);
    case RF_SLOT_16: *differs = a[0] ^ a[2]; return !(*differs & ~BYTE) && !((a[1] ^ a[3]) & TAG);
    case RF_SLOT_4: *differs = low ^ next; return !((low | next) & ~(uint32_t)0x1fe);
    case RF_SLOT_F64: *differs = a[0] ^ a[1]; return is_small_f64(a[0]) && is_small_f64(a[1]);
    case RF_SLOT_F32: *differs = low ^ next; return is_small_f32(low) && is_small_f32(next);
    default: *differs = a[0] ^ a[2]; return !(a[0] >> 32 | a[1] | a[2] >> 32 | a[3]);
    }
}

static uint64_t load(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* What is the same in each slot of a run: mostly zeros. */
static uint64_t dressing(const rf_slot_open *open, uint32_t kind, const uint8_t *data) {
    uint64_t word = load(data + open->start);
    if (kind == RF_SLOT_8_BIG) return word & ~LAST;
    return kind == RF_SLOT_16 ? (word & ~BYTE) : kind == RF_SLOT_8 ? (word & ~TWICE) : 0;
}

/* Ends a run. Gives whether it is one. Pointers to what lies close together are not: they are multiples of 8, all of them. */
static size_t ends(rf_slot_open *open, uint32_t kind, const uint8_t *data, rf_slot_run *run) {
    uint64_t differs = kind == RF_SLOT_8_BIG ? open->differs >> 56 : open->differs;
    uint32_t slots = open->slots;
    open->slots = 0;
    if (slots < least[kind] || 4 * open->changes < 3 * (slots - 1)) return 0;
    if (!(differs & 7u) && dressing(open, kind, data)) return 0;
    *run = (rf_slot_run){open->start, open->start + (uint64_t)slots * widths[kind], kind, 0};
    return 1;
}

/* The slot at `at` and the next one. Gives how many runs ended: none or one. */
static size_t take(rf_slot_open *open, uint32_t kind, const uint64_t a[4], const uint8_t *data, size_t at, rf_slot_run *run) {
    uint64_t differs;
    if (!joins(kind, a, &differs)) return open->slots ? ends(open, kind, data, run) : 0;
    if (!differs) {
        if (!open->slots) return 0;
        open->slots++;
        return ++open->same == REPEATED ? ends(open, kind, data, run) : 0;
    }
    if (!open->slots) *open = (rf_slot_open){.start = at, .slots = 1};
    open->slots++, open->changes++, open->differs |= differs, open->same = 0;
    return 0;
}

static size_t end_all(rf_slots *slots, const uint8_t *data, rf_slot_run *runs) {
    size_t count = 0;
    for (uint32_t kind = 0; kind < RF_SLOT_KINDS; kind++)
        for (uint32_t phase = 0; phase < RF_SLOT_PHASES; phase++)
            if (slots->open[kind][phase].slots) count += ends(&slots->open[kind][phase], kind, data, runs + count);
    return count;
}

static int none_open(const rf_slots *slots) {
    uint32_t any = 0;
    for (uint32_t kind = 0; kind < RF_SLOT_KINDS; kind++)
        for (uint32_t phase = 0; phase < RF_SLOT_PHASES; phase++) any |= slots->open[kind][phase].slots;
    return !any;
}

/* Bytes of zeros from `at` on, behind which a run may begin: half of memory is zeros. */
static size_t quiet(const rf_slots *slots, const uint8_t *data, size_t size, size_t at) {
    static const uint8_t zeros[2 * READ];
    size_t passed = 0;
    if (size - at < sizeof zeros || memcmp(data + at, zeros, sizeof zeros) || !none_open(slots)) return 0;
    while (size - at - passed >= sizeof zeros && !memcmp(data + at + passed, zeros, sizeof zeros)) passed += READ;
    return passed;
}

/* Four words from `at` on; zeros behind the end. */
static void words_at(const uint8_t *data, size_t size, size_t at, uint64_t a[4]) {
    uint8_t rest[READ] = {0};
    const uint8_t *from = data + at;
    if (size - at < READ) from = memcpy(rest, from, size - at);
    for (uint32_t i = 0; i < 4; i++) a[i] = load(from + 8 * i);
}

size_t rf_slots_find(rf_slots *slots, const uint8_t *data, size_t size, size_t from, size_t stop, rf_slot_run *runs, size_t capacity) {
    enum { MOST = RF_SLOT_KINDS * RF_SLOT_PHASES };
    size_t count = 0;
    if (from > slots->at) {
        count = end_all(slots, data, runs);
        slots->at = from;
    }
    while (slots->at < stop && count + MOST <= capacity) {
        size_t at = slots->at, zeros = data[at] ? 0 : quiet(slots, data, size, at);
        uint64_t a[4];
        if (zeros) {
            slots->at += zeros;
            continue;
        }
        words_at(data, size, at, a);
        for (uint32_t kind = 0; kind < RF_SLOT_KINDS; kind++)
            count += take(&slots->open[kind][at / STEP % (widths[kind] / STEP)], kind, a, data, at, runs + count);
        slots->at += STEP;
    }
    if (slots->at >= size && count + MOST <= capacity) count += end_all(slots, data, runs + count);
    return count;
}
