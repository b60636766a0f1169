#include "carve/slots.h"

#include <string.h>

enum {
    STEP = 4,
    BLOCK = 1 << 16, /* bytes that all kinds are looked for in, one after the other */
    READ = 32,       /* bytes that are looked at at once: two slots of the widest kind */
    FEWEST = 2,      /* pairs that say nothing: of vectors, zeros are on both sides of one */
    REPEATED = 3     /* slots that are like the one before, behind which a run ends */
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

/* The same of the slots at `at`; behind the end are zeros. */
static int joins_at(uint32_t kind, const uint8_t *data, size_t size, size_t at, uint64_t *differs) {
    uint8_t rest[READ] = {0};
    const uint8_t *from = data + at;
    if (size - at < READ) from = memcpy(rest, from, size - at);
    const uint64_t a[4] = {load(from), load(from + 8), load(from + 16), load(from + 24)};
    return joins(kind, a, differs);
}

/* What is the same in each slot of a run that begins so: mostly zeros. */
static uint64_t dressing(uint32_t kind, const uint8_t *start) {
    uint64_t word = load(start);
    return kind == RF_SLOT_8_BIG ? word & ~LAST : kind == RF_SLOT_16 ? word & ~BYTE : kind == RF_SLOT_8 ? word & ~TWICE : 0;
}

/* Where slots begin that join up to the one at `at`, not before `floor`. */
static size_t beginning(uint32_t kind, const uint8_t *data, size_t size, size_t at, size_t floor) {
    const size_t width = widths[kind];
    uint64_t differs;
    for (uint32_t same = 0; same < REPEATED && at >= floor + width; at -= width) {
        if (!joins_at(kind, data, size, at - width, &differs)) break;
        same = differs ? 0 : same + 1;
    }
    return at;
}

/* The slots from the one at `run->start` on. Gives whether they are a run, and where they end in it. What is the same before the first that
 * differs, or behind the last, is beside it: mostly zeros. Three in four must differ, of all or of as many as a secret has at least: beside
 * it there may be others, as the pixels of an image. Pointers to what lies close together are none: they are multiples of 8, all of them. */
static int follow(const uint8_t *data, size_t size, rf_slot_run *run) {
    const uint32_t kind = run->kind, width = widths[kind], few = least[kind] - 1;
    uint64_t differs, all = 0, last_ones = 0; /* a bit for each pair: whether they differ */
    int varies = 0;
    size_t at = run->start, pairs = 0, first = 0, last = 0, changes = 0; /* pairs of slots; the first and the last that differ, from 1 */
    for (uint32_t same = 0; same < REPEATED && at + 2 * width <= size && joins_at(kind, data, size, at, &differs); at += width) {
        pairs++, same++, last_ones = last_ones << 1 | (differs != 0);
        varies |= few > FEWEST && 4 * (uint32_t)__builtin_popcountll(last_ones & (((uint64_t)1 << few) - 1)) >= 3 * few;
        if (!differs) continue;
        first = changes ? first : pairs, last = pairs, same = 0;
        changes++, all |= differs;
    }
    run->end = at + width;
    if (kind == RF_SLOT_8_BIG) all >>= 56;
    const size_t slots = last - first + (first == 1) + (last == pairs);
    varies |= slots >= least[kind] && 4 * changes >= 3 * (last - first + 1);
    return varies && ((all & 7u) || !dressing(kind, data + run->start));
}

/* Where a kind is looked for. */
typedef struct place {
    uint64_t *next, *behind;
    uint32_t kind;
} place;

/* Runs of a kind that begin before `stop`. Of each, one of the slots that are looked at is part, and has one behind it. */
static size_t find(place of, const uint8_t *data, size_t size, size_t stop, rf_slot_run *runs, size_t capacity) {
    const size_t width = widths[of.kind], sample = width * (least[of.kind] - 1);
    size_t count = 0, at = *of.next;
    for (; at < stop && count < capacity && at + 2 * width <= size; at += sample) {
        uint64_t differs;
        if (!joins_at(of.kind, data, size, at, &differs)) continue;
        rf_slot_run *run = runs + count;
        *run = (rf_slot_run){.start = beginning(of.kind, data, size, at, *of.behind), .kind = of.kind};
        count += (size_t)follow(data, size, run);
        /* What was followed is passed over. */
        if (run->end > *of.behind) *of.behind = run->end;
        if (run->end > at + sample) at = run->end - sample;
    }
    *of.next = at;
    return count;
}

static int is_quiet(const uint8_t *data, size_t size) { return !data[0] && !memcmp(data, data + 1, size - 1); }

size_t rf_slots_find(rf_slots *slots, const uint8_t *data, size_t size, size_t from, size_t stop, rf_slot_run *runs, size_t capacity) {
    size_t count = 0;
    for (size_t block = from, end; block < stop; block = end) {
        end = stop - block < BLOCK ? stop : block + BLOCK;
        if (is_quiet(data + block, end - block)) continue;
        for (uint32_t kind = 0; kind < RF_SLOT_KINDS; kind++)
            for (uint32_t phase = 0; phase < widths[kind] / STEP; phase++) {
                place of = {&slots->next[kind][phase], &slots->behind[kind][phase], kind};
                const size_t start = block + phase * STEP;
                if (*of.next < start) {
                    *of.next = start;
                    /* A slot whose head is zeros may begin in a block that was passed over as all zeros. */
                    *of.behind = start < widths[kind] ? start : start - widths[kind];
                }
                count += find(of, data, size, end, runs + count, capacity - count);
                if (count == capacity) return count;
            }
    }
    return count;
}
