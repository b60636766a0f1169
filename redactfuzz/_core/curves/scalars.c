#include "curves/scalars.h"

#include <string.h>

#include "keys/key_dense.h"
#include "keys/key_hmac.h"
#include "keys/key_wide.h"
#include "keys/key_words.h"

enum {
    BATCH = 256,
    LONGEST = 66, /* bytes of a scalar */
};

/* Of a digit: 0 in a form that has none. */
static uint32_t digit_bits(uint32_t form) { return form == RF_DIGITS_30 ? 30 : form == RF_DIGITS_60 ? 60 : 0; }

static uint32_t bytes_in(const rf_curve *c, uint32_t form) {
    uint32_t bits = digit_bits(form);
    if (bits) return (bits + 4) / 8 * ((8 * c->scalar_bytes + bits - 1) / bits);
    const uint32_t word = rf_form_word(form);
    return (c->scalar_bytes + word - 1) / word * word;
}

static uint64_t little_endian(const uint8_t *at, uint32_t bytes) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes; i++) value |= (uint64_t)at[i] << 8 * i;
    return value;
}

/* Up to its highest digit that is none, how many of a window are: 0 where all of them are digits, and the highest is not too large. */
static uint32_t up_to_bad(const uint8_t *at, uint32_t size, uint32_t digit, uint32_t bytes) {
    const uint32_t unit = (digit + 4) / 8, units = size / unit;
    for (uint32_t i = units; i-- > 0;)
        if (little_endian(at + i * unit, unit) >> digit) return i + 1;
    return little_endian(at + size - unit, unit) >> (8 * bytes - digit * (units - 1)) ? 1 : 0;
}

/* The bytes of the scalar from the lowest, in digits of 30 bits in 4 bytes or of 60 in 8. */
static void read_digits(const uint8_t *at, uint32_t size, uint32_t digit, uint32_t bytes, uint8_t *scalar) {
    const uint32_t unit = (digit + 4) / 8;
    rf_wide held = 0;
    uint32_t bits = 0, written = 0;
    for (uint32_t i = 0; i < size; i += unit) {
        held |= (rf_wide)little_endian(at + i, unit) << bits;
        for (bits += digit; bits >= 8 && written < bytes; bits -= 8, held >>= 8) scalar[written++] = (uint8_t)held;
    }
}

static int read_scalar(const rf_curve *c, uint32_t form, const uint8_t *at, uint8_t *scalar) {
    const uint32_t size = bytes_in(c, form), bytes = c->scalar_bytes;
    const uint32_t digit = digit_bits(form);
    if (digit) read_digits(at, size, digit, bytes, scalar);
    for (uint32_t i = 0; !digit && i < bytes; i++) scalar[i] = at[rf_form_byte(form, size, i)];
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
            if (behind && (!rf_looks_random(at + size, behind) || rf_reads_as_words(at, size + behind))) continue;
            b->count += (uint32_t)read_scalar(c, form, at, b->scalars[b->count]);
        }
    }
}

static void multiply_batch(const rf_curve *c, uint32_t mode, batch *b, rf_point *products) {
    rf_point by[BATCH];
    for (uint32_t i = 0; i < b->count; i++) {
        shape(mode, b->scalars[i]);
        products[i].infinite = 1;
    }
    for (uint32_t byte = 0; byte < c->scalar_bytes; byte++) {
        for (uint32_t i = 0; i < b->count; i++) rf_load_multiple(c, byte, b->scalars[i][byte], &by[i]);
        rf_add_points(c, products, by, b->count);
    }
}

/* The index of the public point that has the x of a product; their number when none has. */
static uint32_t point_of(const rf_curve *c, const uint64_t *points, uint32_t count, const rf_point *product) {
    rf_element x;
    uint32_t i = 0;
    if (product->infinite) return count;
    rf_from_montgomery(c, x, product->x);
    while (i < count && memcmp(points + (size_t)i * c->limbs, x, c->limbs * sizeof *x) != 0) i++;
    return i;
}

static void spend(const rf_curve *c, uint32_t multiplications, uint64_t *budget) {
    const uint64_t sums = (uint64_t)multiplications * c->scalar_bytes;
    *budget -= sums < *budget ? sums : *budget;
}

uint32_t rf_find_scalars(const rf_curve *c, uint32_t mode, uint32_t form, const uint64_t *points, uint32_t point_count, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *budget, rf_prime_hit *hits, uint32_t capacity) {
    rf_point products[BATCH];
    batch b;
    uint32_t found = 0;
    while (from->stretch < stretch_count && *budget && found + BATCH <= capacity) {
        gather(c, form, 0, data, stretches, stretch_count, step, from, &b);
        if (!b.count) continue;
        multiply_batch(c, mode, &b, products);
        spend(c, b.count, budget);
        for (uint32_t i = 0; i < b.count; i++) {
            uint32_t index = point_of(c, points, point_count, &products[i]);
            if (index < point_count) hits[found++] = (rf_prime_hit){.offset = b.offsets[i], .index = index};
        }
    }
    return found;
}

/* Whether the 32 bytes are the y of Edwards' form of a point: u = (1 + y) / (1 - y) (RFC 7748 section 4.1). */
static int is_public(const rf_curve *c, const uint64_t *third, const uint8_t *at, const rf_point *product) {
    rf_element y = {0}, u, above, below;
    if (product->infinite) return 0;
    for (uint32_t i = 0; i < 32; i++) y[i / 8] |= (uint64_t)(i == 31 ? at[i] & 127u : at[i]) << 8 * (i % 8);
    if (!rf_subtract(u, y, c->p, c->limbs)) return 0; /* no number of the field */
    rf_to_montgomery(c, y, y);
    rf_to_montgomery(c, u, third);
    rf_difference(c, u, product->x, u);
    rf_sum(c, above, c->one, y);
    rf_difference(c, below, c->one, y);
    rf_multiply(c, below, below, u);
    return memcmp(above, below, c->limbs * sizeof *above) == 0;
}

uint32_t rf_find_pairs(const rf_curve *c, const uint64_t *third, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *budget, rf_prime_hit *hits, uint32_t capacity) {
    enum { HALF = 32 };
    rf_point products[BATCH];
    batch b;
    uint32_t found = 0;
    while (from->stretch < stretch_count && *budget && found + BATCH <= capacity) {
        gather(c, RF_LITTLE_ENDIAN, HALF, data, stretches, stretch_count, step, from, &b);
        if (!b.count) continue;
        multiply_batch(c, RF_SCALAR_SEED, &b, products);
        spend(c, b.count, budget);
        for (uint32_t i = 0; i < b.count; i++)
            if (is_public(c, third, data + b.offsets[i] + HALF, &products[i])) hits[found++] = (rf_prime_hit){.offset = b.offsets[i], .index = 0};
    }
    return found;
}
