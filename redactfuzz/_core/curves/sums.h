/* Private scalars of known public points among windows that overlap: a fifth of the work of each for itself.
 *
 * Let b(0), b(1)... be the bytes of a row from that of the lowest place on, G the base point, and U(i) the sum of b(j) 256^j G for all j < i. The
 * window of n bytes from place i on is the scalar of a public point Q when U(i + n) - U(i) is 256^i Q, or minus that: its x is compared. A byte
 * costs one sum of points, and a window one more, whatever n is; a window for itself costs n. Sums of many rows, and of windows, are made
 * together.
 */
#ifndef RF_CURVES_SUMS_H
#define RF_CURVES_SUMS_H

#include <stddef.h>
#include <stdint.h>

#include "curves/point.h"
#include "curves/scalars.h"
#include "keys/key_prime.h"
#include "keys/key_text.h"

enum {
    RF_SUMS_ROWS = 256,   /* that are gone through together: each adds a byte and looks at a window at a time, RF_CURVE_BATCH in all */
    RF_SUMS_PLACES = 256, /* bytes of the longest row */
};

/* A part of a stretch in which windows are looked at, from the first of them to the end of the last. */
typedef struct rf_sums_row {
    uint64_t offset;
    uint32_t length;
    uint32_t windows;
    uint8_t wanted[256]; /* RF_SUMS_PLACES: whether a window begins at a byte */
    rf_point sum;
} rf_sums_row;

/* What a search works with. */
typedef struct rf_sums_room {
    rf_sums_row rows[256]; /* RF_SUMS_ROWS */
    rf_point to[512];      /* RF_CURVE_BATCH of each */
    rf_point by[512];
    uint32_t row[512];
} rf_sums_room;

typedef struct rf_sums {
    const rf_curve *curve;   /* whose table has as many places as a row, at most RF_SUMS_PLACES */
    const uint64_t *targets; /* of rf_follow_points() */
    uint64_t *ring;          /* rf_sums_ring() words */
    rf_sums_room *room;
    uint32_t count;          /* of public points */
    uint32_t mode;           /* RF_SCALAR_PLAIN or RF_SCALAR_CLAMPED */
    uint32_t form;           /* any of bytes, or of words that a scalar fills */
    uint32_t reserved;
} rf_sums;

/* Words of 64 bits. */
size_t rf_sums_ring(const rf_curve *curve);
/* For each place of a table the x of each of `count` points, of which x and y are given, times 256^place: places * count * limbs words. */
void rf_follow_points(const rf_curve *curve, const uint64_t *points, uint32_t count, uint64_t *targets);
/* Windows of the stretches at `phase` and multiples of `step` from there, whole words where the form has some, whose bytes look random and
 * that are the scalar of one of the points, in no order. Looks from `*from` on until there are hits, for which there is room of RF_SUMS_ROWS *
 * RF_SUMS_PLACES, or `*budget`, which counts down, sums of points were made: then, or when all was looked at, it returns how many there are. */
uint32_t rf_find_in_sums(const rf_sums *sums, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, size_t phase, rf_cursor *from, uint64_t *budget, rf_prime_hit *hits);

#endif
