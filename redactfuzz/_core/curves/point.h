/* Points of curves y^2 = x^3 + a x + b over a field of up to 576 bits, and sums of many of them at a time.
 *
 * Many sums cost one inversion (Montgomery's trick). Curve25519 is such a curve in other coordinates
 * (draft-ietf-lwig-curve-representations appendix E). The numbers are those of a process that is dead, so nothing here needs to take
 * constant time. Coordinates are in Montgomery's form: r times the number modulo p, with r = 2^(64 limbs).
 */
#ifndef RF_CURVES_POINT_H
#define RF_CURVES_POINT_H

#include <stdint.h>

enum {
    RF_CURVE_LIMBS = 9,    /* of the field of P-521 */
    RF_CURVE_DIGITS = 255, /* multiples of each power of 256 in the table */
    RF_CURVE_BATCH = 512,  /* points that are added at a time, at most: one inversion costs as much as sixty of them */
};

typedef uint64_t rf_element[RF_CURVE_LIMBS];

typedef struct rf_point {
    rf_element x, y;
    uint32_t infinite;
    uint32_t reserved;
} rf_point;

typedef struct rf_curve {
    uint32_t limbs;        /* 4, 6 or 9 */
    uint32_t scalar_bytes; /* at most 66 */
    uint32_t places;       /* powers of 256 in the table, at least `scalar_bytes` */
    uint32_t reserved;
    uint64_t p[9]; /* RF_CURVE_LIMBS of each */
    uint64_t a[9];
    uint64_t x[9]; /* of the base point */
    uint64_t y[9];
    uint64_t *table;       /* places * RF_CURVE_DIGITS * 2 * limbs */
    /* Filled in by rf_curve_prepare(), which puts a into Montgomery's form as well. */
    uint64_t n0;
    uint64_t one[9];
    uint64_t square[9]; /* of r */
} rf_curve;

/* Computes the table. Returns 0 when the field has another size than those above. */
int rf_curve_prepare(rf_curve *curve);
/* The base point times digit * 256^place, where the digit is below 256. */
void rf_load_multiple(const rf_curve *curve, uint32_t place, uint32_t digit, rf_point *point);
/* to[i] += by[i] for each of up to RF_CURVE_BATCH. */
void rf_add_points(const rf_curve *curve, rf_point *to, const rf_point *by, uint32_t count);
/* The point becomes the one that it is zero together with. */
void rf_negate_point(const rf_curve *curve, rf_point *point);
/* Elements in Montgomery's form. */
void rf_multiply(const rf_curve *curve, uint64_t *r, const uint64_t *a, const uint64_t *b);
void rf_sum(const rf_curve *curve, uint64_t *r, const uint64_t *a, const uint64_t *b);
void rf_difference(const rf_curve *curve, uint64_t *r, const uint64_t *a, const uint64_t *b);
/* Into Montgomery's form, and out of it. */
void rf_to_montgomery(const rf_curve *curve, uint64_t *r, const uint64_t *number);
void rf_from_montgomery(const rf_curve *curve, uint64_t *number, const uint64_t *r);

#endif
