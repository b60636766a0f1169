#include "curves/point.h"

#include <string.h>

#include "keys/key_wide.h"

enum {
    DIGITS = RF_CURVE_DIGITS,
    HALF_ROW = 128, /* of the 256 multiples of a power, by whose sums with themselves the others are made */
    LONGEST = 66,   /* bytes of a scalar */
};

#define FOR_LIMBS static inline __attribute__((always_inline)) /* with a number of limbs that the compiler knows */

FOR_LIMBS int is_zero(const uint64_t *a, const uint32_t k) {
    uint64_t all = 0;
    for (uint32_t i = 0; i < k; i++) all |= a[i];
    return all == 0;
}

FOR_LIMBS int equal(const uint64_t *a, const uint64_t *b, const uint32_t k) {
    uint64_t other = 0;
    for (uint32_t i = 0; i < k; i++) other |= a[i] ^ b[i];
    return other == 0;
}

FOR_LIMBS void copy(uint64_t *r, const uint64_t *a, const uint32_t k) { memcpy(r, a, k * sizeof *r); }

FOR_LIMBS void reduce(uint64_t *r, uint64_t carry, const uint64_t *p, const uint32_t k) {
    rf_element less;
    uint64_t borrow = rf_subtract(less, r, p, k);
    if (carry || !borrow) copy(r, less, k);
}

FOR_LIMBS void add(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b, const uint32_t k) { reduce(r, rf_add(r, a, b, k), c->p, k); }

FOR_LIMBS void sub(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b, const uint32_t k) {
    if (rf_subtract(r, a, b, k)) rf_add(r, r, c->p, k);
}

/* Montgomery's multiplication. */
FOR_LIMBS void multiply(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b, const uint32_t k) {
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
    copy(r, t, k);
    reduce(r, carry, c->p, k);
}

/* Functions of their own: where they are inlined a dozen times over, the compiler has no registers left, and all takes three times as long. */
static __attribute__((noinline)) void multiply_4(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b) { multiply(c, r, a, b, 4); }
static __attribute__((noinline)) void multiply_6(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b) { multiply(c, r, a, b, 6); }
static __attribute__((noinline)) void multiply_9(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b) { multiply(c, r, a, b, 9); }

FOR_LIMBS void mul(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b, const uint32_t k) {
    if (k == 4) multiply_4(c, r, a, b);
    else if (k == 6) multiply_6(c, r, a, b);
    else multiply_9(c, r, a, b);
}

/* a^(p-2), by Fermat. */
FOR_LIMBS void invert(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint32_t k) {
    rf_element exponent, power;
    const rf_element two = {2};
    rf_subtract(exponent, c->p, two, k);
    copy(power, c->one, k);
    for (uint32_t bit = 64 * k; bit-- > 0;) {
        mul(c, power, power, power, k);
        if (exponent[bit / 64] >> bit % 64 & 1u) mul(c, power, power, a, k);
    }
    copy(r, power, k);
}

/* The denominator of the slope through two points, 1 where none is needed. */
FOR_LIMBS void denominator(const rf_curve *c, uint64_t *d, const rf_point *to, const rf_point *by, const uint32_t k) {
    copy(d, c->one, k);
    if (to->infinite || by->infinite) return;
    if (!equal(to->x, by->x, k)) sub(c, d, by->x, to->x, k);
    else if (equal(to->y, by->y, k) && !is_zero(to->y, k)) add(c, d, to->y, to->y, k);
}

/* to += by, given the inverse of the denominator. */
FOR_LIMBS void add_point(const rf_curve *c, rf_point *to, const rf_point *by, const uint64_t *inverse, const uint32_t k) {
    rf_element slope, x, y;
    if (by->infinite) return;
    if (to->infinite) {
        *to = *by;
        return;
    }
    if (equal(to->x, by->x, k)) {
        if (!equal(to->y, by->y, k) || is_zero(to->y, k)) {
            to->infinite = 1;
            return;
        }
        mul(c, x, to->x, to->x, k);
        add(c, slope, x, x, k);
        add(c, slope, slope, x, k);
        add(c, slope, slope, c->a, k);
    } else {
        sub(c, slope, by->y, to->y, k);
    }
    mul(c, slope, slope, inverse, k);
    mul(c, x, slope, slope, k);
    sub(c, x, x, to->x, k);
    sub(c, x, x, by->x, k);
    sub(c, y, to->x, x, k);
    mul(c, y, y, slope, k);
    sub(c, to->y, y, to->y, k);
    copy(to->x, x, k);
}

FOR_LIMBS void add_points(const rf_curve *c, rf_point *to, const rf_point *by, uint32_t count, const uint32_t k) {
    rf_element before[RF_CURVE_BATCH], inverse, all, d;
    copy(all, c->one, k);
    for (uint32_t i = 0; i < count; i++) {
        copy(before[i], all, k);
        denominator(c, d, &to[i], &by[i], k);
        mul(c, all, all, d, k);
    }
    invert(c, all, all, k);
    for (uint32_t i = count; i-- > 0;) {
        denominator(c, d, &to[i], &by[i], k);
        mul(c, inverse, all, before[i], k);
        mul(c, all, all, d, k);
        add_point(c, &to[i], &by[i], inverse, k);
    }
}

void rf_add_points(const rf_curve *c, rf_point *to, const rf_point *by, uint32_t count) {
    switch (c->limbs) {
    case 4: add_points(c, to, by, count, 4); break;
    case 6: add_points(c, to, by, count, 6); break;
    default: add_points(c, to, by, count, RF_CURVE_LIMBS); break;
    }
}

void rf_multiply(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b) {
    mul(c, r, a, b, c->limbs);
}

void rf_sum(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b) { add(c, r, a, b, c->limbs); }

void rf_difference(const rf_curve *c, uint64_t *r, const uint64_t *a, const uint64_t *b) { sub(c, r, a, b, c->limbs); }

void rf_to_montgomery(const rf_curve *c, uint64_t *r, const uint64_t *number) { rf_multiply(c, r, number, c->square); }

void rf_from_montgomery(const rf_curve *c, uint64_t *number, const uint64_t *r) {
    const rf_element unit = {1};
    rf_multiply(c, number, r, unit);
}

void rf_negate_point(const rf_curve *c, rf_point *point) {
    const rf_element zero = {0};
    rf_difference(c, point->y, zero, point->y);
}

static uint64_t *entry(const rf_curve *c, uint32_t place, uint32_t digit) { return c->table + ((size_t)place * DIGITS + digit - 1) * 2 * c->limbs; }

void rf_load_multiple(const rf_curve *c, uint32_t place, uint32_t digit, rf_point *point) {
    point->infinite = digit == 0;
    if (!digit) return;
    memcpy(point->x, entry(c, place, digit), c->limbs * sizeof *point->x);
    memcpy(point->y, entry(c, place, digit) + c->limbs, c->limbs * sizeof *point->y);
}

/* The multiples of base from 1 to 255, by doubling their number: m + 1 .. 2m are those up to m and m. Leaves 256 base in `base`. */
static void fill_row(const rf_curve *c, uint32_t place, rf_point *base) {
    rf_point row[2 * HALF_ROW], by[HALF_ROW];
    row[0] = *base;
    for (uint32_t known = 1; known < 2 * HALF_ROW; known *= 2) {
        for (uint32_t i = 0; i < known; i++) {
            row[known + i] = row[i];
            by[i] = row[known - 1];
        }
        rf_add_points(c, row + known, by, known);
    }
    for (uint32_t digit = 1; digit <= DIGITS; digit++) {
        memcpy(entry(c, place, digit), row[digit - 1].x, c->limbs * sizeof(uint64_t));
        memcpy(entry(c, place, digit) + c->limbs, row[digit - 1].y, c->limbs * sizeof(uint64_t));
    }
    *base = row[DIGITS];
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
        rf_sum(c, c->square, c->square, c->square);
    }
}

int rf_curve_prepare(rf_curve *c) {
    rf_point base;
    memset(&base, 0, sizeof base);
    if ((c->limbs != 4 && c->limbs != 6 && c->limbs != 9) || c->scalar_bytes > LONGEST || c->places < c->scalar_bytes) return 0;
    prepare_field(c);
    rf_to_montgomery(c, c->a, c->a);
    rf_to_montgomery(c, base.x, c->x);
    rf_to_montgomery(c, base.y, c->y);
    for (uint32_t place = 0; place < c->places; place++) fill_row(c, place, &base);
    return 1;
}
