#include "match/match_index.h"

typedef struct reading {
    const uint8_t *data;
    uint64_t size;
    uint32_t stride;
    double threshold;
    rf_hit *hits;
    uint32_t capacity;
    uint32_t count;
} reading;

/* As far as data and form agree around data[at..] == form[offset..]. A fragment counts at the first of its windows that is
 * both indexed and read, and at no other: so nothing need be remembered, and several threads may read at once. */
static void extend(const rf_matcher *m, const form *f, uint32_t offset, reading *r, uint64_t at) {
    const uint8_t *bytes = m->arena + f->start, *data = r->data;
    uint32_t first = offset, last = offset + WINDOW, before = f->step > r->stride ? f->step : r->stride;
    uint64_t from = at, to = at + WINDOW;
    while (first > 0 && from > 0 && bytes[first - 1] == data[from - 1]) {
        first--, from--;
        if (at - from == before) return;
    }
    while (last < f->length && to < r->size && bytes[last] == data[to]) last++, to++;
    double bits = rf_recovered(m, f, first, last);
    if (bits < r->threshold) return;
    if (r->count < r->capacity) {
        r->hits[r->count] = (rf_hit){
            .offset = from,
            .length = last - first,
            .form_offset = first,
            .form_length = f->length,
            .source = f->source,
            .encoding = f->encoding,
            .bits = bits,
        };
    }
    r->count++;
}

static void look_up(const rf_matcher *m, reading *r, uint64_t at, uint64_t window) {
    for (uint32_t next = m->heads[slot(window, m->head_bits)]; next; next = m->entries[next - 1].next) {
        const entry *e = &m->entries[next - 1];
        if (e->window == window) extend(m, &m->forms[e->form], e->offset, r, at);
    }
}

/* `map` and `shift` are the matcher's, in registers. */
static inline unsigned may_be_indexed(const uint64_t *map, uint32_t shift, uint64_t window) {
    uint64_t bit = window * GOLDEN >> shift;
    return (unsigned)(map[bit >> 6] >> (bit & 63)) & 1u;
}

/* With the stride a constant in each of its three callers, offsets are, too. */
static inline void scan_words(const rf_matcher *m, reading *r, uint64_t at, uint64_t end, const uint32_t stride) {
    const uint8_t *bytes = r->data;
    const uint64_t *map = m->map;
    const uint32_t shift = 64u - m->map_bits;
    const int skip_zeros = !may_be_indexed(map, shift, 0);
    /* Four at a time: their loads and multiplications overlap, and one branch serves all. */
    for (; at + 3u * stride < end; at += 4u * stride) {
        uint64_t window[4];
        for (uint32_t i = 0; i < 4; i++) window[i] = load(bytes + at + (uint64_t)i * stride);
        /* An eighth of a core, and more, is memory that was never written. */
        if (skip_zeros && !(window[0] | window[1] | window[2] | window[3])) continue;
        unsigned any = 0;
        for (uint32_t i = 0; i < 4; i++) any |= may_be_indexed(map, shift, window[i]);
        if (!any) continue;
        for (uint32_t i = 0; i < 4; i++) {
            if (may_be_indexed(map, shift, window[i])) look_up(m, r, at + (uint64_t)i * stride, window[i]);
        }
    }
    for (; at < end; at += stride) {
        uint64_t window = load(bytes + at);
        if (may_be_indexed(map, shift, window)) look_up(m, r, at, window);
    }
}

/* Blocks of RF_SIEVED bytes. Where most words pass the sieve (text, code, random bytes under a canary that has any byte)
 * it is not asked again for so many blocks: twice as many each time, up to PATIENCE. */
enum { CROWDED = 24, PATIENCE = 32 };

/* As scan_words, but only words that pass the sieve are looked at. With a stride below 8 a block is sieved once for each
 * offset from a multiple of 8. */
static inline void scan_sieved(const rf_matcher *m, reading *r, uint64_t at, uint64_t end, const uint32_t stride) {
    const uint64_t *map = m->map;
    const uint32_t shift = 64u - m->map_bits;
    uint64_t patience = 1;
    while (at + RF_SIEVED <= end) {
        uint64_t passed[WINDOW], any = 0;
        uint32_t count = 0;
        for (uint32_t i = 0; i < WINDOW; i += stride) {
            count += rf_sieve_words(&m->sieve, r->data + at + i, &passed[i]);
            any |= passed[i];
        }
        if (count > CROWDED * WINDOW / stride) {
            uint64_t rest = (end - at) / RF_SIEVED, blocks = patience < rest ? patience : rest;
            scan_words(m, r, at, at + blocks * RF_SIEVED, stride);
            at += blocks * RF_SIEVED;
            patience = patience < PATIENCE ? patience * 2 : PATIENCE;
            continue;
        }
        patience = 1;
        for (; any; any &= any - 1) {
            uint32_t word = (uint32_t)__builtin_ctzll(any);
            for (uint32_t i = 0; i < WINDOW; i += stride) {
                if (!(passed[i] >> word & 1u)) continue;
                uint64_t where = at + (uint64_t)word * WINDOW + i, window = load(r->data + where);
                if (may_be_indexed(map, shift, window)) look_up(m, r, where, window);
            }
        }
        at += RF_SIEVED;
    }
    scan_words(m, r, at, end, stride);
}

static inline void scan_range(const rf_matcher *m, reading *r, uint64_t at, uint64_t end, const uint32_t stride) {
    /* The sieve leaves zeros out, so none may be looked for. */
    int zeros = (int)may_be_indexed(m->map, 64u - m->map_bits, 0);
    if (m->limits.dense && !m->limits.scalar && !zeros && rf_sieve_helps(&m->sieve))
        scan_sieved(m, r, at, end, stride);
    else
        scan_words(m, r, at, end, stride);
}

uint32_t rf_match_scan(const rf_matcher *m, const rf_data *data, uint32_t stride, double threshold, rf_hit *hits,
                       uint32_t capacity) {
    reading r = {.data = data->bytes, .size = data->size, .stride = stride, .threshold = threshold, .hits = hits,
                 .capacity = capacity};
    if (m->entry_count == 0 || data->size < WINDOW || stride == 0 || (stride > 1 && !m->limits.dense)) return 0;
    uint64_t end = data->to < data->size - WINDOW + 1 ? data->to : data->size - WINDOW + 1;
    uint64_t at = (data->from + stride - 1) / stride * stride;
    if (stride == 8) scan_range(m, &r, at, end, 8);
    else if (stride == 4) scan_range(m, &r, at, end, 4);
    else if (stride == 1) scan_range(m, &r, at, end, 1);
    else scan_words(m, &r, at, end, stride);
    return r.count;
}

