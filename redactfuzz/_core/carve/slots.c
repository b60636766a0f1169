#include "carve/slots.h"

#include <string.h>

/* A kind is known where these are called: of each kind there is code of its own, which is four times as fast. */
#define INLINE static inline __attribute__((always_inline))

enum {
    STEP = 4,
    UNIT = 352,      /* bytes that all kinds are looked for in, one after the other: a multiple of how far apart their places are */
    BEYOND = 64,     /* bytes that are looked at behind it: four slots of the widest kind */
    READ = 32,       /* bytes that are looked at at once: two slots of the widest kind */
    FEWEST = 3,      /* pairs that say something, at least: of vectors, zeros are on both sides of one */
    REPEATED = 3,    /* slots that are like the one before, behind which a run ends */
    TWICE_A_BYTE = 0x1fe
};

/* Bytes of a slot, and slots of a run: 12 bytes of a secret, and of what is met more often 16. */
static const uint32_t widths[RF_SLOT_KINDS] = {8, 8, 16, 4, 8, 4, 16, 16},
                      least[RF_SLOT_KINDS] = {12, 12, 12, 16, 12, 12, 3, 12};

static const uint64_t BYTE = 0xff, TWICE = 0x1ff, LAST = (uint64_t)0xff << 56, TAG = 0xffffffff;

/* Whether the number is one of 0 to 255, of so many bits of mantissa, by its upper 20 bits of 64, or 16 of 32. */
static int is_small_f64(uint64_t bits) { return !bits || (!(bits << 20) && (bits >> 52) >= 0x3ff && (bits >> 52) <= 0x406); }
static int is_small_f32(uint32_t bits) { return !bits || (!(bits << 16) && (bits >> 23) >= 0x7f && (bits >> 23) <= 0x86); }

/* Whether both are characters of Erlang: the tail of the last one is no pointer, so that of the first alone is asked for. */
static int are_characters(uint64_t a, uint64_t b) { return !((a | b) >> 12) && (a & b & 15u) == 15u; }

/* Whether the slot at `a` and the one behind it are of a kind. `differs`: the bits in which their values do. */
INLINE int joins(uint32_t kind, const uint64_t a[4], uint64_t *differs) {
    const uint32_t low = (uint32_t)a[0], next = (uint32_t)(a[0] >> 32);
    switch (kind) {
    case RF_SLOT_8: *differs = a[0] ^ a[1]; return !(*differs & ~TWICE);
    case RF_SLOT_8_BIG: *differs = a[0] ^ a[1]; return !(*differs & ~LAST);
    case RF_SLOT_16: *differs = a[0] ^ a[2]; return !(*differs & ~BYTE) && !((a[1] ^ a[3]) & TAG);
    case RF_SLOT_4: *differs = low ^ next; return !((low | next) & ~(uint32_t)TWICE_A_BYTE);
    case RF_SLOT_F64: *differs = a[0] ^ a[1]; return is_small_f64(a[0]) && is_small_f64(a[1]);
    case RF_SLOT_F32: *differs = low ^ next; return is_small_f32(low) && is_small_f32(next);
    case RF_SLOT_CONS:
        *differs = a[0] ^ a[2];
        return are_characters(a[0], a[2]) && (a[1] & 3u) == 1u;
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
INLINE int joins_at(uint32_t kind, const uint8_t *data, size_t size, size_t at, uint64_t *differs) {
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

/* Where slots begin that join up to the one at `at`, not before `floor`: not with those that repeat in front of them, as zeros do. */
INLINE size_t beginning(uint32_t kind, const uint8_t *data, size_t size, size_t at, size_t floor) {
    const size_t width = widths[kind];
    uint64_t differs;
    uint32_t same = 0;
    for (; same < REPEATED && at >= floor + width; at -= width) {
        if (!joins_at(kind, data, size, at - width, &differs)) break;
        same = differs ? 0 : same + 1;
    }
    return same < REPEATED ? at : at + REPEATED * width;
}

/* The slots from the one at `run->start` on. Gives whether they are a run, and in it where they end, without those that repeat. What is the
 * same before the first that differs, or behind the last, is beside it: mostly zeros. Three in four must differ, of all or of as many as a
 * secret has at least: beside it there may be others, as the pixels of an image. Pointers to what lies close together are none: they are
 * multiples of 8, all of them. */
INLINE int follow(const uint8_t *data, size_t size, rf_slot_run *run) {
    const uint32_t kind = run->kind, width = widths[kind], few = least[kind] > FEWEST ? least[kind] - 1 : FEWEST;
    uint64_t differs, all = 0, last_ones = 0; /* a bit for each pair: whether they differ */
    int varies = 0;
    size_t at = run->start, pairs = 0, first = 0, last = 0, changes = 0; /* pairs of slots; the first and the last that differ, from 1 */
    uint32_t same = 0;
    for (; same < REPEATED && at + 2 * width <= size && joins_at(kind, data, size, at, &differs); at += width) {
        pairs++, same++, last_ones = last_ones << 1 | (differs != 0);
        if (!differs) continue;
        varies |= 4 * (uint32_t)__builtin_popcountll(last_ones & (((uint64_t)1 << few) - 1)) >= 3 * few;
        first = changes ? first : pairs, last = pairs, same = 0;
        changes++, all |= differs;
    }
    run->end = at + width - (same < REPEATED ? 0 : REPEATED * width);
    if (kind == RF_SLOT_8_BIG) all >>= 56;
    const size_t slots = last - first + (first == 1) + (last == pairs);
    varies |= slots >= least[kind] && 4 * changes >= 3 * (last - first + 1);
    return varies && ((all & 7u) || !dressing(kind, data + run->start));
}

/* A pass over data, and where the runs go that it finds. */
typedef struct pass {
    rf_slots *slots;
    const uint8_t *data;
    size_t size, count;
    rf_slot_run *runs;
} pass;

/* The slot at `at` and the one behind it are of the kind: what run are they of? What was followed is passed over. */
INLINE void found(pass *p, uint32_t kind, size_t at) {
    const size_t width = widths[kind];
    uint64_t *behind = &p->slots->behind[kind][at / STEP % (width / STEP)];
    if (at + 2 * width <= *behind || at + 2 * width > p->size) return;
    if (at + 4 * width <= p->size && !memcmp(p->data + at, p->data + at + width, REPEATED * width)) return; /* one ends here, if any */
    rf_slot_run *run = p->runs + p->count;
    *run = (rf_slot_run){.start = beginning(kind, p->data, p->size, at, *behind), .kind = kind};
    p->count += (size_t)follow(p->data, p->size, run);
    if (run->end > *behind) *behind = run->end;
}

/* One slot in each so many is looked at, with the one behind it, so that no run of the fewest slots lies between two of them. What has the
 * same width has the same places. `here` are the bytes at `at`, and READ beyond the last of `length`. */
static void find_4(pass *p, const uint8_t *here, size_t at, size_t length) {
    for (size_t i = 0; i < length; i += 4 * 11) {
        const uint64_t both = load(here + i);
        const uint32_t low = (uint32_t)both, next = (uint32_t)(both >> 32);
        if (!((low | next) & ~(uint32_t)TWICE_A_BYTE)) found(p, RF_SLOT_4, at + i);
        if (is_small_f32(low) && is_small_f32(next)) found(p, RF_SLOT_F32, at + i);
    }
}

static void find_8(pass *p, const uint8_t *here, size_t at, size_t length) {
    for (size_t phase = 0; phase < 8; phase += STEP)
        for (size_t i = phase; i < length; i += 8 * 11) {
            const uint64_t a = load(here + i), b = load(here + i + 8);
            if (!((a ^ b) & ~TWICE)) found(p, RF_SLOT_8, at + i);
            if (!((a ^ b) & ~LAST)) found(p, RF_SLOT_8_BIG, at + i);
            if (is_small_f64(a) && is_small_f64(b)) found(p, RF_SLOT_F64, at + i);
        }
}

static void find_16(pass *p, const uint8_t *here, size_t at, size_t length) {
    for (size_t phase = 0; phase < 16; phase += STEP)
        for (size_t i = phase; i < length; i += 16 * 11) {
            const uint64_t a = load(here + i), b = load(here + i + 16);
            if (!((a ^ b) & ~BYTE) && !((load(here + i + 8) ^ load(here + i + 24)) & TAG))
                found(p, RF_SLOT_16, at + i);
            if (are_characters(a, b) && (load(here + i + 8) & 3u) == 1u)
                found(p, RF_SLOT_CONS, at + i);
        }
}

/* Of two slots one behind the other three words of each four are zeros, whatever multiple of 4 they begin at. */
static void find_vectors(pass *p, const uint8_t *here, size_t at, size_t length) {
    for (size_t i = 0; i < length; i += 16 * 2) {
        const uint8_t *w = here + i;
        if (!(load(w + 8) | load(w + 24))) {
            if (!((load(w) | load(w + 16)) >> 32)) found(p, RF_SLOT_VECTOR, at + i);
            if (!((load(w + 16) | load(w + 32)) & TAG)) found(p, RF_SLOT_VECTOR, at + i + 4);
        }
        if (!(load(w + 16) | load(w + 32))) {
            if (!((load(w + 8) | load(w + 24)) >> 32)) found(p, RF_SLOT_VECTOR, at + i + 8);
            if (!((load(w + 24) | load(w + 40)) & TAG)) found(p, RF_SLOT_VECTOR, at + i + 12);
        }
    }
}

/* Zeros up to REPEATED slots and more behind the unit: a run that reaches into them ends there. */
static int is_quiet(const uint8_t *data, size_t size) {
    uint64_t some = 0;
    for (size_t i = 0; i < size; i += sizeof some) some |= load(data + i);
    return !some;
}

size_t rf_slots_find(rf_slots *slots, const uint8_t *data, size_t size, size_t from, size_t stop, rf_slot_run *runs, size_t capacity) {
    pass p = {.slots = slots, .data = data, .size = size, .runs = runs};
    uint8_t rest[UNIT + BEYOND];
    size_t length;
    for (size_t at = slots->at > from ? slots->at : from; at < stop && capacity - p.count >= RF_SLOT_RUNS; at += length, slots->at = at) {
        length = stop - at < UNIT ? stop - at : UNIT;
        const uint8_t *here = data + at;
        if (size - at < UNIT + BEYOND) {
            memset(rest, 0, sizeof rest);
            here = memcpy(rest, here, size - at);
        }
        if (is_quiet(here, UNIT + BEYOND)) continue;
        find_4(&p, here, at, length);
        find_8(&p, here, at, length);
        find_16(&p, here, at, length);
        find_vectors(&p, here, at, length);
    }
    return p.count;
}
