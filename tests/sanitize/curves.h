/* A part of driver.c: private scalars by public points, one by one and by running sums. */
#include "curves/scalars.h"
#include "curves/sums.h"

/* Any numbers do: the arithmetic must stay in its room whatever they are. The modulus is odd, as Montgomery's form asks. */
static rf_curve any_curve(uint32_t most_places)
{
    static const uint32_t limbs[] = {4, 6, 9};
    rf_curve curve = {.limbs = limbs[below(3)]};
    curve.scalar_bytes = curve.limbs == 9 ? 66 : 8 * curve.limbs;
    for (uint32_t index = 0; index < curve.limbs; index++) {
        curve.p[index] = next() | (index == 0 || index + 1 == curve.limbs ? 1 : 0);
        curve.x[index] = next() % 7;
        curve.y[index] = next() % 7;
    }
    curve.places = curve.scalar_bytes + (uint32_t)below(most_places);
    if (curve.places > RF_SUMS_PLACES)
        curve.places = RF_SUMS_PLACES;
    curve.table = room(curve.places * (size_t)RF_CURVE_DIGITS * 2 * curve.limbs * sizeof(uint64_t));
    check(rf_curve_prepare(&curve), "a curve has no room");
    return curve;
}

static void scalars(const uint8_t *data, size_t size)
{
    static const uint32_t forms[] = {RF_LITTLE_ENDIAN, RF_BIG_ENDIAN, RF_HIGH_WORDS_32, RF_DIGITS_30, RF_DIGITS_60};
    rf_curve curve = any_curve(1);
    rf_place stretches[1] = {{0, size}};
    rf_prime_hit hits[300];
    rf_cursor from = {0, 0};
    uint64_t budget = 10000, points[RF_CURVE_LIMBS] = {1};
    rf_find_scalars(&curve, (uint32_t)(curve.limbs == 4 ? below(3) : 0), forms[below(5)], points, 1, data, stretches, 1, (size_t)1 << below(4), &from, &budget, hits, 300);
    free(curve.table);
}

static void sums(const uint8_t *data, size_t size)
{
    static const uint32_t forms[] = {RF_LITTLE_ENDIAN, RF_BIG_ENDIAN, RF_HIGH_WORDS_32};
    rf_curve curve = any_curve(200);
    const uint32_t count = (uint32_t)below(4), form = curve.limbs == 9 ? below(2) : below(3);
    rf_place stretches[2] = {{0, size / 2}, {size / 2, size - size / 2}};
    uint64_t *points = room((count * 2 * curve.limbs + 1) * sizeof *points), budget = 1 << 20;
    uint64_t *targets = room(((size_t)curve.places * count * curve.limbs + 1) * sizeof *targets);
    for (uint32_t index = 0; index < count * 2 * curve.limbs; index++)
        points[index] = next() % 7;
    rf_follow_points(&curve, points, count, targets);
    rf_sums search = {&curve, targets, room(rf_sums_ring(&curve) * sizeof(uint64_t)), room(sizeof(rf_sums_room)), count,
                      form == RF_LITTLE_ENDIAN && curve.limbs == 4 ? (uint32_t)below(2) : 0, forms[form], 0};
    rf_prime_hit *hits = room((size_t)RF_SUMS_ROWS * RF_SUMS_PLACES * sizeof *hits);
    const size_t step = (size_t)(form == 2 ? 4 : 1) << below(3);
    rf_cursor from = {0, 0};
    while (from.stretch < 2 && budget) {
        uint32_t found = rf_find_in_sums(&search, data, stretches, 2, step, below(step), &from, &budget, hits);
        for (uint32_t index = 0; index < found; index++)
            check(hits[index].offset + curve.scalar_bytes <= size && hits[index].index < count, "a scalar lies outside of the data");
    }
    free(hits);
    free(search.room);
    free(search.ring);
    free(targets);
    free(points);
    free(curve.table);
}
