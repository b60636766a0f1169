#include "curves/sums.h"

#include <string.h>

#include "keys/key_dense.h"

enum {
    LOW_BITS = 7, /* of the lowest byte, which clamping clears */
};

size_t rf_sums_ring(const rf_curve *curve) { return (size_t)(curve->scalar_bytes + 1) * RF_SUMS_ROWS * 2 * curve->limbs; }

void rf_follow_points(const rf_curve *c, const uint64_t *points, uint32_t count, uint64_t *targets) {
    const size_t size = c->limbs * sizeof *targets;
    rf_point to[RF_SUMS_ROWS], by[RF_SUMS_ROWS];
    for (uint32_t first = 0; first < count; first += RF_SUMS_ROWS) {
        const uint32_t some = count - first < RF_SUMS_ROWS ? count - first : RF_SUMS_ROWS;
        memset(to, 0, sizeof to);
        for (uint32_t i = 0; i < some; i++) {
            const uint64_t *point = points + (size_t)(first + i) * 2 * c->limbs;
            rf_to_montgomery(c, to[i].x, point);
            rf_to_montgomery(c, to[i].y, point + c->limbs);
        }
        for (uint32_t place = 0; place < c->places; place++) {
            for (uint32_t i = 0; i < some; i++) memcpy(targets + ((size_t)place * count + first + i) * c->limbs, to[i].x, size);
            for (int doubling = 0; doubling < 8; doubling++) {
                memcpy(by, to, some * sizeof *to);
                rf_add_points(c, to, by, some);
            }
        }
    }
}

/* The next row, from where the search is. Returns 0 when there is none. */
static int next_row(const rf_curve *c, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, size_t phase, rf_cursor *from, rf_sums_row *row) {
    const size_t size = c->scalar_bytes;
    for (; from->stretch < stretch_count; from->stretch++, from->offset = 0) {
        const uint64_t start = stretches[from->stretch].offset, end = start + stretches[from->stretch].length;
        uint64_t at = start + from->offset;
        at += (step + phase - at % step) % step;
        while (at + size <= end && !rf_looks_random(data + at, (uint32_t)size)) at += step;
        if (at + size > end) continue;
        memset(row, 0, sizeof *row);
        row->offset = at;
        row->sum.infinite = 1;
        /* Where no window overlaps the last one, another row is cheaper. */
        for (uint64_t last = at; at + size <= end && at + size - row->offset <= c->places && at - last < size; at += step) {
            if (!rf_looks_random(data + at, (uint32_t)size)) continue;
            last = at;
            row->wanted[at - row->offset] = 1;
            row->windows++;
            row->length = (uint32_t)(at + size - row->offset);
        }
        from->offset = at - start;
        return 1;
    }
    return 0;
}

static uint8_t byte_at(const rf_sums *s, const uint8_t *data, const rf_sums_row *row, uint32_t place) {
    return data[row->offset + rf_form_byte(s->form, row->length, place)];
}

/* How far in its row the window lies whose lowest byte has this place. */
static uint32_t window_at(const rf_sums *s, const rf_sums_row *row, uint32_t place) {
    const int up = s->form == RF_LITTLE_ENDIAN || s->form == RF_SWAPPED_WORDS_32 || s->form == RF_SWAPPED_WORDS_64;
    return up ? place : row->length - s->curve->scalar_bytes - place;
}

/* The sums of the last places: a ring. The point at infinity is zeros, which is no point of any curve that is known here. */
static uint64_t *remembered(const rf_sums *s, uint32_t place, uint32_t row) {
    return s->ring + ((size_t)(place % (s->curve->scalar_bytes + 1)) * RF_SUMS_ROWS + row) * 2 * s->curve->limbs;
}

static void remember(const rf_sums *s, uint32_t place, uint32_t row, const rf_point *sum) {
    const size_t size = s->curve->limbs * sizeof *s->ring;
    uint64_t *at = remembered(s, place, row);
    memset(at, 0, 2 * size);
    if (sum->infinite) return;
    memcpy(at, sum->x, size);
    memcpy(at + s->curve->limbs, sum->y, size);
}

static void recall(const rf_sums *s, uint32_t place, uint32_t row, rf_point *sum) {
    const rf_element zero = {0};
    const size_t size = s->curve->limbs * sizeof *s->ring;
    const uint64_t *at = remembered(s, place, row);
    sum->infinite = memcmp(at, zero, size) == 0 && memcmp(at + s->curve->limbs, zero, size) == 0;
    memcpy(sum->x, at, size);
    memcpy(sum->y, at + s->curve->limbs, size);
}

/* Bits that are set and cleared (RFC 7748 section 5) of the windows that are summed from `first` on, whose lowest byte has this place. */
static void clamp(const rf_sums *s, const uint8_t *data, uint32_t first, uint32_t end, uint32_t place) {
    const uint32_t top = s->curve->scalar_bytes - 1;
    rf_sums_room *room = s->room;
    for (uint32_t i = first; i < end; i++) {
        rf_load_multiple(s->curve, place, byte_at(s, data, &room->rows[room->row[i]], place) & LOW_BITS, &room->by[i]);
        if (!room->by[i].infinite) rf_negate_point(s->curve, &room->by[i]);
    }
    rf_add_points(s->curve, room->to + first, room->by + first, end - first);
    for (uint32_t i = first; i < end; i++) {
        const int byte = byte_at(s, data, &room->rows[room->row[i]], place + top), more = ((byte & 127) | 64) - byte;
        rf_load_multiple(s->curve, place + top, (uint32_t)(more < 0 ? -more : more), &room->by[i]);
        if (more < 0) rf_negate_point(s->curve, &room->by[i]);
    }
    rf_add_points(s->curve, room->to + first, room->by + first, end - first);
}

/* The index of the public point of which a window is the scalar; their number when it is of none. */
static uint32_t target_of(const rf_sums *s, uint32_t place, const rf_point *product) {
    const size_t size = s->curve->limbs * sizeof *s->targets;
    const uint64_t *target = s->targets + (size_t)place * s->count * s->curve->limbs;
    uint32_t i = product->infinite ? s->count : 0;
    while (i < s->count && memcmp(target + (size_t)i * s->curve->limbs, product->x, size) != 0) i++;
    return i;
}

/* Goes through the places of some rows: a byte of each is added, and the windows are looked at whose highest byte was the last one. */
static uint32_t go_through(const rf_sums *s, const uint8_t *data, uint32_t rows, rf_prime_hit *hits) {
    const uint32_t size = s->curve->scalar_bytes;
    rf_sums_room *room = s->room;
    uint32_t found = 0, longest = 0;
    for (uint32_t i = 0; i < rows; i++)
        if (room->rows[i].length > longest) longest = room->rows[i].length;
    for (uint32_t place = 0; place <= longest; place++) {
        uint32_t sums = 0, all = 0;
        for (uint32_t i = 0; i < rows; i++) {
            const rf_sums_row *row = &room->rows[i];
            if (place >= row->length) continue;
            remember(s, place, i, &row->sum);
            room->to[sums] = row->sum;
            rf_load_multiple(s->curve, place, byte_at(s, data, row, place), &room->by[sums]);
            room->row[sums++] = i;
        }
        all = sums;
        for (uint32_t i = 0; place >= size && i < rows; i++) {
            const rf_sums_row *row = &room->rows[i];
            if (place > row->length || !row->wanted[window_at(s, row, place - size)]) continue;
            room->to[all] = row->sum;
            recall(s, place - size, i, &room->by[all]);
            if (!room->by[all].infinite) rf_negate_point(s->curve, &room->by[all]);
            room->row[all++] = i;
        }
        rf_add_points(s->curve, room->to, room->by, all);
        for (uint32_t i = 0; i < sums; i++) room->rows[room->row[i]].sum = room->to[i];
        if (all == sums) continue;
        if (s->mode == RF_SCALAR_CLAMPED) clamp(s, data, sums, all, place - size);
        for (uint32_t i = sums; i < all; i++) {
            const rf_sums_row *row = &room->rows[room->row[i]];
            const uint32_t index = target_of(s, place - size, &room->to[i]);
            if (index < s->count) hits[found++] = (rf_prime_hit){.offset = row->offset + window_at(s, row, place - size), .index = index};
        }
    }
    return found;
}

uint32_t rf_find_in_sums(const rf_sums *s, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, size_t phase, rf_cursor *from, uint64_t *budget, rf_prime_hit *hits) {
    const uint32_t each = s->mode == RF_SCALAR_CLAMPED ? 3 : 1; /* sums for a window */
    uint32_t found = 0;
    while (!found && *budget) {
        uint32_t rows = 0;
        uint64_t cost = 0;
        for (; rows < RF_SUMS_ROWS && next_row(s->curve, data, stretches, stretch_count, step, phase, from, &s->room->rows[rows]); rows++)
            cost += s->room->rows[rows].length + (uint64_t)each * s->room->rows[rows].windows;
        if (!rows) break;
        found = go_through(s, data, rows, hits);
        *budget -= cost < *budget ? cost : *budget;
    }
    return found;
}
