#include "keys/key_curve.h"

#include <string.h>

#include "keys/key_dense.h"
#include "keys/key_hmac.h"
#include "keys/key_wide.h"

enum {
    BATCH = 256,
    LONGEST = 66,  /* bytes of a scalar */
    DIGITS = RF_CURVE_DIGITS,
};

typedef uint64_t element[RF_CURVE_LIMBS];

typedef struct point {
    element x, y;
    uint32_t infinite;
} point;

static inline int is_zero(const uint64_t *a, uint32_t k) {
    uint64_t all = 0;
    for (uint32_t i = 0; i < k; i++) all |= a[i];
    return all == 0;
}

static inline int equal(const uint64_t *a, const uint64_t *b, uint32_t k) { return memcmp(a, b, k * sizeof *a) == 0; }

static inline void reduce(uint64_t *r, uint64_t carry, const uint64_t *p, uint32_t k) {
    element less;
    uint64_t borrow = rf_subtract(less, r, p, k);
    if (carry || !borrow) memcpy(r, less, k * sizeof *r);
}

static inline void add(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b) { reduce(r, rf_add(r, a, b, c->limbs), c->p, c->limbs); }

static inline void sub(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b) {
    if (rf_subtract(r, a, b, c->limbs)) rf_add(r, r, c->p, c->limbs);
}

/* Montgomery's multiplication, with a number of limbs that the compiler knows. */
static inline __attribute__((always_inline)) void multiply(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b, const uint32_t k) {
    uint64_t t[RF_CURVE_LIMBS + 2] = {0};
    for (uint32_t i = 0; i < k; i++) {
        uint64_t carry = 0;
        for (uint32_t j = 0; j < k; j++) {
            rf_wide product = (rf_wide)a[j] * b[i] + t[j] + carry;
            t[j] = (uint64_t)product;
            carry = (uint64_t)(product >> 64);
        }
        rf_wide top = (rf_wide)t[k] + carry;
        t[k] = (uint64_t)top;
        t[k + 1] = (uint64_t)(top >> 64);
        const uint64_t m = t[0] * c->n0;
        carry = (uint64_t)(((rf_wide)m * c->p[0] + t[0]) >> 64);
        for (uint32_t j = 1; j < k; j++) {
            rf_wide product = (rf_wide)m * c->p[j] + t[j] + carry;
            t[j - 1] = (uint64_t)product;
            carry = (uint64_t)(product >> 64);
        }
        top = (rf_wide)t[k] + carry;
        t[k - 1] = (uint64_t)top;
        t[k] = t[k + 1] + (uint64_t)(top >> 64);
    }
    uint64_t carry = t[k];
    memcpy(r, t, k * sizeof *r);
    reduce(r, carry, c->p, k);
}

static void mul(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b) {
    switch (c->limbs) {
    case 4: multiply(c, r, a, b, 4); break;
    case 6: multiply(c, r, a, b, 6); break;
    default: multiply(c, r, a, b, 9); break;
    }
}

/* a^(p-2), by Fermat. */
static void invert(const rf_curve *c, uint64_t *r, const uint64_t *a) {
    element exponent, power;
    const element two = {2};
    rf_subtract(exponent, c->p, two, c->limbs);
    memcpy(power, c->one, sizeof power);
    for (uint32_t bit = 64 * c->limbs; bit-- > 0;) {
        mul(c, power, power, power);
        if (exponent[bit / 64] >> bit % 64 & 1u) mul(c, power, power, a);
    }
    memcpy(r, power, c->limbs * sizeof *r);
}

/* The denominator of the slope through two points, 1 where none is needed. */
static void denominator(const rf_curve *c, uint64_t *d, const point *to, const point *by) {
    memcpy(d, c->one, sizeof(element));
    if (to->infinite || by->infinite) return;
    if (!equal(to->x, by->x, c->limbs)) sub(c, d, by->x, to->x);
    else if (equal(to->y, by->y, c->limbs) && !is_zero(to->y, c->limbs)) add(c, d, to->y, to->y);
}

/* to += by, given the inverse of the denominator. */
static void add_point(const rf_curve *c, point *to, const point *by, const uint64_t *inverse) {
    element slope, x, y;
    if (by->infinite) return;
    if (to->infinite) {
        *to = *by;
        return;
    }
    if (equal(to->x, by->x, c->limbs)) {
        if (!equal(to->y, by->y, c->limbs) || is_zero(to->y, c->limbs)) {
            to->infinite = 1;
            return;
        }
        mul(c, x, to->x, to->x);
        add(c, slope, x, x);
        add(c, slope, slope, x);
        add(c, slope, slope, c->a);
    } else {
        sub(c, slope, by->y, to->y);
    }
    mul(c, slope, slope, inverse);
    mul(c, x, slope, slope);
    sub(c, x, x, to->x);
    sub(c, x, x, by->x);
    sub(c, y, to->x, x);
    mul(c, y, y, slope);
    sub(c, to->y, y, to->y);
    memcpy(to->x, x, sizeof x);
}

/* to[i] += *by[i] for each, with one inversion. */
static void add_points(const rf_curve *c, point *to, const point *by, uint32_t count) {
    element before[BATCH], d, inverse, all;
    memcpy(all, c->one, sizeof all);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(before[i], all, sizeof all);
        denominator(c, d, &to[i], &by[i]);
        mul(c, all, all, d);
    }
    invert(c, all, all);
    for (uint32_t i = count; i-- > 0;) {
        denominator(c, d, &to[i], &by[i]);
        mul(c, inverse, all, before[i]);
        mul(c, all, all, d);
        add_point(c, &to[i], &by[i], inverse);
    }
}

static uint64_t *entry(const rf_curve *c, uint32_t byte, uint32_t digit) { return c->table + ((size_t)byte * DIGITS + digit - 1) * 2 * c->limbs; }

static void load(const rf_curve *c, uint32_t byte, uint32_t digit, point *p) {
    p->infinite = digit == 0;
    if (!digit) return;
    memcpy(p->x, entry(c, byte, digit), c->limbs * sizeof *p->x);
    memcpy(p->y, entry(c, byte, digit) + c->limbs, c->limbs * sizeof *p->y);
}

/* The multiples of base from 1 to 255, by doubling their number: m + 1 .. 2m are those up to m and m. Leaves 256 base in `base`. */
static void fill_row(const rf_curve *c, uint32_t byte, point *base) {
    point row[2 * 128], by[128];
    row[0] = *base;
    for (uint32_t known = 1; known < 256; known *= 2) {
        for (uint32_t i = 0; i < known; i++) {
            row[known + i] = row[i];
            by[i] = row[known - 1];
        }
        add_points(c, row + known, by, known);
    }
    for (uint32_t digit = 1; digit <= DIGITS; digit++) {
        memcpy(entry(c, byte, digit), row[digit - 1].x, c->limbs * sizeof(uint64_t));
        memcpy(entry(c, byte, digit) + c->limbs, row[digit - 1].y, c->limbs * sizeof(uint64_t));
    }
    *base = row[255];
}

/* 2^(64 k) and its square modulo p, by doubling. */
static void prepare_field(rf_curve *c) {
    uint64_t inverse = c->p[0];
    for (int i = 0; i < 5; i++) inverse *= 2 - c->p[0] * inverse;
    c->n0 = 0 - inverse;
    memset(c->square, 0, sizeof c->square);
    c->square[0] = 1;
    for (uint32_t i = 0; i < 2 * 64 * c->limbs; i++) {
        if (i == 64 * c->limbs) memcpy(c->one, c->square, sizeof c->one);
        add(c, c->square, c->square, c->square);
    }
}

int rf_curve_prepare(rf_curve *c) {
    point base;
    memset(&base, 0, sizeof base);
    if ((c->limbs != 4 && c->limbs != 6 && c->limbs != 9) || c->scalar_bytes > LONGEST) return 0;
    prepare_field(c);
    mul(c, c->a, c->a, c->square);
    mul(c, base.x, c->x, c->square);
    mul(c, base.y, c->y, c->square);
    for (uint32_t byte = 0; byte < c->scalar_bytes; byte++) fill_row(c, byte, &base);
    return 1;
}

/* Of a digit: 0 in a form that has none. */
static uint32_t digit_bits(uint32_t form) { return form == RF_DIGITS_30 ? 30 : form == RF_DIGITS_60 ? 60 : 0; }

static uint32_t bytes_in(const rf_curve *c, uint32_t form) {
    uint32_t bits = digit_bits(form);
    if (bits) return (bits + 4) / 8 * ((8 * c->scalar_bytes + bits - 1) / bits);
    return form == RF_HIGH_WORDS_32 ? (c->scalar_bytes + 3) / 4 * 4 : c->scalar_bytes;
}

static uint64_t word(const uint8_t *at, uint32_t bytes) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes; i++) value |= (uint64_t)at[i] << 8 * i;
    return value;
}

/* Up to its highest digit that is none, how many of a window are: 0 where all of them are digits, and the highest is not too large. */
static uint32_t up_to_bad(const uint8_t *at, uint32_t size, uint32_t digit, uint32_t bytes) {
    const uint32_t unit = (digit + 4) / 8, units = size / unit;
    for (uint32_t i = units; i-- > 0;)
        if (word(at + i * unit, unit) >> digit) return i + 1;
    return word(at + size - unit, unit) >> (8 * bytes - digit * (units - 1)) ? 1 : 0;
}

/* The bytes of the scalar from the lowest, in digits of 30 bits in 4 bytes or of 60 in 8. */
static void read_digits(const uint8_t *at, uint32_t size, uint32_t digit, uint32_t bytes, uint8_t *scalar) {
    const uint32_t unit = (digit + 4) / 8;
    rf_wide held = 0;
    uint32_t bits = 0, written = 0;
    for (uint32_t i = 0; i < size; i += unit) {
        held |= (rf_wide)word(at + i, unit) << bits;
        for (bits += digit; bits >= 8 && written < bytes; bits -= 8, held >>= 8) scalar[written++] = (uint8_t)held;
    }
}

static int read_scalar(const rf_curve *c, uint32_t form, const uint8_t *at, uint8_t *scalar) {
    const uint32_t size = bytes_in(c, form), bytes = c->scalar_bytes;
    const uint32_t digit = digit_bits(form);
    if (digit) read_digits(at, size, digit, bytes, scalar);
    for (uint32_t i = 0; !digit && i < bytes; i++)
        scalar[i] = at[form == RF_BIG_ENDIAN ? size - 1 - i : form == RF_HIGH_WORDS_32 ? size - 4 - (i & ~3u) + (i & 3u) : i];
    /* The order of P-521 has 521 bits. */
    if (bytes == LONGEST && scalar[LONGEST - 1] > 1) return 0;
    return rf_looks_random(scalar, bytes);
}

static void shape(uint32_t mode, uint8_t *scalar) {
    uint8_t digest[64];
    if (mode == RF_SCALAR_PLAIN) return;
    if (mode == RF_SCALAR_SEED) {
        rf_hash_of(RF_SHA512, scalar, 32, digest);
        memcpy(scalar, digest, 32);
    }
    scalar[0] &= 248;
    scalar[31] = (uint8_t)((scalar[31] & 127) | 64);
}

typedef struct batch {
    uint32_t count;
    uint64_t offsets[BATCH];
    uint8_t scalars[BATCH][LONGEST];
} batch;

/* Fills the batch from where the search is. `behind`: so many bytes follow each scalar, and look random as well. */
static void gather(const rf_curve *c, uint32_t form, uint32_t behind, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, batch *b) {
    const uint32_t size = bytes_in(c, form), digit = digit_bits(form), unit = (digit + 4) / 8;
    b->count = 0;
    for (; from->stretch < stretch_count; from->stretch++, from->offset = 0) {
        const rf_place *stretch = &stretches[from->stretch];
        from->offset += (step - (stretch->offset + from->offset) % step) % step;
        for (; from->offset + size + behind <= stretch->length; from->offset += step) {
            if (b->count == BATCH) return;
            const uint8_t *at = data + stretch->offset + from->offset;
            const uint32_t bad = digit ? up_to_bad(at, size, digit, c->scalar_bytes) : 0;
            if (bad) {
                /* No window with that one is a number. */
                if (step % unit == 0) from->offset += (size_t)((bad - 1) * unit) / step * step;
                continue;
            }
            b->offsets[b->count] = stretch->offset + from->offset;
            if (behind && !rf_looks_random(at + size, behind)) continue;
            b->count += (uint32_t)read_scalar(c, form, at, b->scalars[b->count]);
        }
    }
}

static void multiply_batch(const rf_curve *c, uint32_t mode, batch *b, point *products) {
    point by[BATCH];
    for (uint32_t i = 0; i < b->count; i++) {
        shape(mode, b->scalars[i]);
        products[i].infinite = 1;
    }
    for (uint32_t byte = 0; byte < c->scalar_bytes; byte++) {
        for (uint32_t i = 0; i < b->count; i++) load(c, byte, b->scalars[i][byte], &by[i]);
        add_points(c, products, by, b->count);
    }
}

/* The index of the public point that has the x of a product; their number when none has. */
static uint32_t point_of(const rf_curve *c, const uint64_t *points, uint32_t count, const point *product) {
    const element unit = {1};
    element x;
    uint32_t i = 0;
    if (product->infinite) return count;
    mul(c, x, product->x, unit); /* out of Montgomery's form */
    while (i < count && !equal(points + (size_t)i * c->limbs, x, c->limbs)) i++;
    return i;
}

uint32_t rf_find_scalars(const rf_curve *c, uint32_t mode, uint32_t form, const uint64_t *points, uint32_t point_count, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *budget, rf_prime_hit *hits, uint32_t capacity) {
    point products[BATCH];
    batch b;
    uint32_t found = 0;
    while (from->stretch < stretch_count && *budget && found + BATCH <= capacity) {
        gather(c, form, 0, data, stretches, stretch_count, step, from, &b);
        if (!b.count) continue;
        multiply_batch(c, mode, &b, products);
        *budget -= b.count < *budget ? b.count : *budget;
        for (uint32_t i = 0; i < b.count; i++) {
            uint32_t index = point_of(c, points, point_count, &products[i]);
            if (index < point_count) hits[found++] = (rf_prime_hit){.offset = b.offsets[i], .index = index};
        }
    }
    return found;
}

/* Whether the 32 bytes are the y of Edwards' form of a point: u = (1 + y) / (1 - y) (RFC 7748 section 4.1). */
static int is_public(const rf_curve *c, const uint64_t *third, const uint8_t *at, const point *product) {
    element y = {0}, u, above, below;
    if (product->infinite) return 0;
    for (uint32_t i = 0; i < 32; i++) y[i / 8] |= (uint64_t)(i == 31 ? at[i] & 127u : at[i]) << 8 * (i % 8);
    if (!rf_subtract(u, y, c->p, c->limbs)) return 0; /* no number of the field */
    mul(c, y, y, c->square);
    mul(c, u, third, c->square);
    sub(c, u, product->x, u);
    add(c, above, c->one, y);
    sub(c, below, c->one, y);
    mul(c, below, below, u);
    return equal(above, below, c->limbs);
}

uint32_t rf_find_pairs(const rf_curve *c, const uint64_t *third, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *budget, rf_prime_hit *hits, uint32_t capacity) {
    enum { HALF = 32 };
    point products[BATCH];
    batch b;
    uint32_t found = 0;
    while (from->stretch < stretch_count && *budget && found + BATCH <= capacity) {
        gather(c, RF_LITTLE_ENDIAN, HALF, data, stretches, stretch_count, step, from, &b);
        if (!b.count) continue;
        multiply_batch(c, RF_SCALAR_SEED, &b, products);
        *budget -= b.count < *budget ? b.count : *budget;
        for (uint32_t i = 0; i < b.count; i++)
            if (is_public(c, third, data + b.offsets[i] + HALF, &products[i])) hits[found++] = (rf_prime_hit){.offset = b.offsets[i], .index = 0};
    }
    return found;
}
