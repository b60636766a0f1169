#include "match/match.h"

#include <string.h>

#include "match/match_forms.h"
#include "match/match_index.h"

static const double DIGIT = 3.3219280948873623; /* bits: the binary logarithm of 10 */
static const double THRESHOLD = 44.0; /* forms are indexed so that every fragment of as many bits is found */

static size_t align(size_t size) { return (size + 63u) & ~(size_t)63u; }

static uint32_t log2_ceil(uint64_t n) {
    uint32_t bits = 0;
    while (((uint64_t)1 << bits) < n) bits++;
    return bits;
}

static uint32_t map_bits(const rf_match_limits *limits) {
    uint32_t bits = log2_ceil((uint64_t)limits->windows * 64u);
    return bits < 12 ? 12 : bits;
}

static uint32_t head_bits(const rf_match_limits *limits) {
    uint32_t bits = log2_ceil((uint64_t)limits->windows * 2u);
    return bits < 8 ? 8 : bits;
}

/* The parts of the block, one after the other; with `m` NULL only the size is worked out. */
static size_t lay_out(const rf_match_limits *limits, rf_matcher *m) {
    uint8_t *block = (uint8_t *)m;
    size_t at = align(sizeof(rf_matcher));
#define PART(field, type, count)                    \
    do {                                            \
        if (m) m->field = (type *)(block + at);     \
        at += align(sizeof(type) * (size_t)(count)); \
    } while (0)
    PART(map, uint64_t, (size_t)1 << (map_bits(limits) - 6));
    PART(heads, uint32_t, (size_t)1 << head_bits(limits));
    PART(entries, entry, limits->windows);
    PART(forms, form, limits->forms);
    PART(arena, uint8_t, limits->bytes);
    PART(weights, uint16_t, limits->bytes);
    PART(units, uint32_t, (size_t)limits->secret * RF_EXPANSION);
    PART(clear, uint8_t, limits->secret);
    PART(points, uint32_t, limits->secret);
    PART(wide, uint8_t, (size_t)limits->secret * 4u);
    PART(limbs, uint32_t, limits->secret / 4u + 2u);
#undef PART
    return at;
}

size_t rf_match_size(const rf_match_limits *limits) { return lay_out(limits, NULL); }

rf_matcher *rf_match_init(void *block, const rf_match_limits *limits) {
    rf_matcher *m = block;
    m->limits = *limits;
    m->map_bits = map_bits(limits);
    m->head_bits = head_bits(limits);
    m->form_count = m->entry_count = m->used = m->longest = 0;
    lay_out(limits, m);
    return m;
}

void rf_match_clear(rf_matcher *m) {
    memset(m->map, 0, (size_t)1 << (m->map_bits - 3));
    memset(m->heads, 0, sizeof(uint32_t) << m->head_bits);
    memset(m->entries, 0, sizeof(entry) * m->entry_count);
    memset(m->forms, 0, sizeof(form) * m->form_count);
    memset(m->arena, 0, m->used);
    memset(&m->sieve, 0, sizeof m->sieve);
    m->form_count = m->entry_count = m->used = m->longest = 0;
}

static int index_window(rf_matcher *m, uint32_t number, uint32_t offset) {
    if (m->entry_count >= m->limits.windows) return -1;
    uint64_t window = load(m->arena + m->forms[number].start + offset);
    uint64_t bit = slot(window, m->map_bits);
    uint32_t *head = &m->heads[slot(window, m->head_bits)];
    m->map[bit >> 6] |= (uint64_t)1 << (bit & 63);
    m->entries[m->entry_count] = (entry){.window = window, .form = number, .offset = offset, .next = *head};
    *head = ++m->entry_count;
    return 0;
}

/* Where data are read at every offset, few windows need be indexed: a fragment that gives away THRESHOLD bits of a form is
 * `least` bytes long, so it holds a window that starts at a multiple of `least - WINDOW + 1`. Where only every 8th offset is
 * read (`dense`), every window is. */
static int index_form(rf_matcher *m, uint32_t number) {
    form *f = &m->forms[number];
    double least = THRESHOLD / f->bits_per_byte;
    if (!(least < f->length)) least = f->length; /* infinite, where every byte is the same in all secrets */
    if (m->limits.dense) rf_sieve_add(&m->sieve, m->arena + f->start, f->length);
    f->step = m->limits.dense || least < WINDOW + 1 ? 1u : (uint32_t)least - WINDOW + 1u;
    for (uint32_t offset = 0; offset + WINDOW <= f->length; offset += f->step) {
        if (index_window(m, number, offset) < 0) return -1;
    }
    return 0;
}

static int is_known(const rf_matcher *m, uint32_t group, const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < m->form_count; i++) {
        const form *f = &m->forms[i];
        if (f->length == length && f->group == group && memcmp(m->arena + f->start, bytes, length) == 0) return 1;
    }
    return 0;
}

/* Whether every unit of the secret gives away as much as any other and becomes as many bytes. The default token does, and
 * needs no weights. */
static int is_uniform(const rf_source *source, const rf_clear *clear) {
    if (source->fixed_count) return 0;
    if (source->shape == RF_NUMBER) return 1;
    if (source->shape == RF_BYTES) return 0;
    for (uint32_t i = 0; i < clear->count; i++) {
        if (!rf_is_alnum(clear->points[i])) return 0;
    }
    return 1;
}

static uint32_t unit_at(const rf_clear *clear, uint32_t kind, uint32_t unit) {
    return kind == RF_UNIT_POINT ? clear->points[unit] : clear->bytes[unit];
}

/* Whether a unit says something: it is not the same in every secret. */
static int says_something(const rf_source *source, const rf_clear *clear, uint32_t kind, uint32_t unit) {
    for (uint32_t i = 0; i < source->fixed_count; i++)
        if (unit >= source->fixed[2 * i] && unit < source->fixed[2 * i + 1]) return 0;
    return !source->letters || rf_is_alnum(unit_at(clear, kind, unit));
}

/* Where nothing is known of the units of a form, as in base64: its bytes are those of the secret in their order, and all as long. */
static void weigh_evenly(const rf_source *source, const rf_clear *clear, uint16_t *weights, uint32_t length) {
    const uint32_t each = (uint32_t)(source->bits / length * SCALE);
    for (uint32_t i = 0; i < length; i++)
        weights[i] = (uint16_t)(says_something(source, clear, RF_UNIT_BYTE, (uint32_t)((uint64_t)i * clear->size / length)) ? each : 0);
}

/* Spreads the bits of each unit over the bytes that it became; the zeros beside what says something, as in utf-16, say nothing. Returns the
 * bits of the densest unit a byte: a fragment has no fewer bytes for them than that. */
static double weigh(const rf_matcher *m, const rf_source *source, const rf_clear *clear, uint32_t kind, uint16_t *weights,
                    uint32_t length) {
    const uint8_t *bytes = m->arena + m->used;
    uint32_t units = kind == RF_UNIT_POINT ? clear->count : clear->size, counted = 0, densest = 0;
    for (uint32_t i = 0; i < units; i++) counted += (uint32_t)says_something(source, clear, kind, i);
    double share = counted ? source->bits / counted * SCALE : 0.0;
    uint32_t each = share < UINT16_MAX ? (uint32_t)share : UINT16_MAX, most = kind == RF_UNIT_DIGITS ? (uint32_t)(DIGIT * SCALE) : each;
    for (uint32_t start = 0, end; start < length; start = end) {
        uint32_t unit = m->units[start], says = bytes[start] != 0;
        for (end = start + 1; end < length && m->units[end] == unit; end++) says += bytes[end] != 0;
        int counts = says_something(source, clear, kind, unit), some = says && says < end - start;
        uint32_t even = each / (end - start), weight = some ? each / says : even;
        if (!counts) weight = even = 0;
        if (weight > most) weight = most;
        if (even > most) even = most;
        if (even > densest) densest = even;
        for (uint32_t i = start; i < end; i++) weights[i] = (uint16_t)(some && !bytes[i] ? 0 : weight);
    }
    return (double)densest / SCALE;
}

static int add_form(rf_matcher *m, const rf_source *source, const rf_clear *clear, uint32_t encoding, int uniform) {
    uint8_t *start = m->arena + m->used;
    uint32_t kind = uniform ? (uint32_t)RF_UNIT_NONE : rf_encodings[encoding].unit;
    rf_out out = {.at = start, .end = m->arena + m->limits.bytes, .start = start};
    if (kind != RF_UNIT_NONE) out.units = m->units;
    rf_encodings[encoding].encode(&out, clear);
    uint32_t length = (uint32_t)(out.at - start);
    if (out.full) {
        memset(start, 0, length);
        return -1;
    }
    if (length < WINDOW || source->bits < THRESHOLD || is_known(m, source->group, start, length)) {
        memset(start, 0, length);
        return 0;
    }
    if (m->form_count >= m->limits.forms) return -1;
    double densest = source->bits / length;
    const int evenly = kind == RF_UNIT_NONE && source->fixed_count;
    if (kind != RF_UNIT_NONE) densest = weigh(m, source, clear, kind, m->weights + m->used, length);
    if (evenly) weigh_evenly(source, clear, m->weights + m->used, length);
    m->forms[m->form_count] = (form){
        .bits_per_byte = densest,
        .bits = source->bits,
        .start = m->used,
        .length = length,
        .source = source->id,
        .group = source->group,
        .encoding = (uint16_t)encoding,
        .weighted = kind != RF_UNIT_NONE || evenly,
    };
    m->used += length;
    if (length > m->longest) m->longest = length;
    return index_form(m, m->form_count++);
}

int rf_match_plant(rf_matcher *m, const rf_source *source) {
    if (source->size > m->limits.secret) return -1;
    for (uint32_t i = 0; i < source->size; i++) m->clear[i] = source->masked[i] ^ source->mask;
    rf_clear clear = {.bytes = m->clear, .points = m->points, .wide = m->wide, .limbs = m->limbs, .size = source->size};
    if (source->shape == RF_TEXT) {
        clear.count = rf_decode_utf8(m->clear, source->size, m->points);
    } else {
        clear.count = source->size;
        for (uint32_t i = 0; i < source->size; i++) m->points[i] = m->clear[i];
    }
    int result = 0, uniform = is_uniform(source, &clear);
    for (uint32_t i = 0; result == 0 && rf_encodings[i].name; i++) {
        if (!(rf_encodings[i].shapes >> source->shape & 1u)) continue;
        if (source->plain && rf_encodings[i].plain != 1) continue;
        if (source->common && rf_encodings[i].plain >= 2)
            continue;
        if (m->limits.dense && rf_encodings[i].plain == 3)
            continue; /* or every word would pass the sieve */
        result = add_form(m, source, &clear, i, uniform);
    }
    memset(m->clear, 0, source->size);
    memset(m->points, 0, sizeof(uint32_t) * source->size);
    memset(m->wide, 0, (size_t)source->size * 4u);
    memset(m->limbs, 0, sizeof(uint32_t) * (source->size / 4u + 2u));
    return result;
}

uint32_t rf_match_longest(const rf_matcher *m) { return m->longest; }

const char *rf_encoding_name(uint32_t encoding) {
    for (uint32_t i = 0; rf_encodings[i].name; i++) {
        if (i == encoding) return rf_encodings[i].name;
    }
    return NULL;
}
