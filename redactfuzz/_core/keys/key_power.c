#include "keys/key_power.h"

#include <string.h>

#include "keys/key_wide.h"

static inline uint32_t parts(const rf_power *power)
{
    return (power->digit_bits + power->part_bits - 1) / power->part_bits;
}

static uint64_t *entry(const rf_power *power, uint64_t place, uint32_t part, uint32_t value)
{
    return power->table + (((place * parts(power) + part) << power->part_bits) + value) * power->limbs;
}

/* t += a * b, and the carry. */
static inline uint64_t add_row(uint64_t *restrict t, const uint64_t *restrict a, uint64_t b, uint32_t k)
{
    uint64_t carry = 0;
    for (uint32_t i = 0; i < k; i++) {
        rf_wide sum = (rf_wide)a[i] * b + t[i] + carry;
        t[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return carry;
}

/* Montgomery's multiplication (CIOS: Koc, Acar, Kaliski 1996). The sum moves up in its room, so that nothing is shifted. */
static void multiply(const rf_power *power, uint64_t *r, const uint64_t *a, const uint64_t *b)
{
    uint64_t room[2 * RF_POWER_LIMBS + 1];
    const uint32_t k = power->limbs;
    uint64_t over = 0;
    memset(room, 0, k * sizeof *room);
    for (uint32_t i = 0; i < k; i++) {
        uint64_t *t = room + i;
        t[k] = add_row(t, a, b[i], k);
        rf_wide top = (rf_wide)t[k] + add_row(t, power->modulus, t[0] * power->n0, k) + over;
        t[k] = (uint64_t)top;
        over = (uint64_t)(top >> 64);
    }
    if (rf_subtract(r, room + k, power->modulus, k) && !over)
        memcpy(r, room + k, k * sizeof *r);
}

/* a = a^(2^times). */
static void square(const rf_power *power, uint64_t *a, uint32_t times)
{
    while (times-- > 0)
        multiply(power, a, a, a);
}

void rf_power_prepare(const rf_power *power, const uint64_t *base, const uint64_t *less)
{
    uint64_t by[RF_POWER_LIMBS], factor[RF_POWER_LIMBS];
    const size_t size = power->limbs * sizeof *by;
    memcpy(by, base, size);
    memcpy(factor, less, size);
    for (uint32_t place = 0; place < power->places; place++) {
        for (uint32_t part = 0; part < parts(power); part++) {
            uint32_t left = power->digit_bits - power->part_bits * part;
            memcpy(entry(power, place, part, 0), part ? power->one : factor, size);
            for (uint32_t value = 1; value < 1u << power->part_bits; value++)
                multiply(power, entry(power, place, part, value), entry(power, place, part, value - 1), by);
            square(power, by, left < power->part_bits ? left : power->part_bits);
        }
        square(power, factor, power->digit_bits);
    }
}

static uint64_t digit(const uint8_t *at, uint32_t bytes)
{
    uint64_t value = 0;
    for (uint32_t i = bytes; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

uint64_t rf_digit_row(const uint8_t *data, uint64_t end, uint32_t digit_bits, uint32_t digit_bytes, uint64_t least,
                      uint64_t *from)
{
    uint64_t at = *from, count = 0; /* so many before `at` are digits */
    while (count < least && at + digit_bytes * (least - count) <= end) {
        /* From the last one that is needed down: what is none spares those before it. */
        uint64_t next = at + digit_bytes * (least - count), last = next;
        while (last > at && digit(data + last - digit_bytes, digit_bytes) >> digit_bits == 0)
            last -= digit_bytes;
        count = last > at ? (next - last) / digit_bytes : least;
        at = next;
    }
    if (count < least)
        return 0;
    *from = at - digit_bytes * count;
    for (; at + digit_bytes <= end && digit(data + at, digit_bytes) >> digit_bits == 0; at += digit_bytes)
        count++;
    return count;
}

void rf_power_windows(const rf_power *power, int down, const uint8_t *data, uint64_t count, uint64_t *ends,
                      uint64_t *all)
{
    const uint32_t k = power->limbs;
    const size_t size = k * sizeof *ends;
    uint64_t difference[RF_POWER_LIMBS];
    memcpy(ends, power->one, size);
    memcpy(all, power->one, size);
    for (uint64_t i = 1; i <= count; i++) {
        const uint64_t place = count - i;
        const uint64_t value = digit(data + power->digit_bytes * (down ? i - 1 : place), power->digit_bytes);
        uint64_t *product = ends + i * k;
        memcpy(product, product - k, size);
        for (uint32_t part = 0; part < parts(power); part++) {
            uint32_t bits = (uint32_t)(value >> power->part_bits * part & ((1u << power->part_bits) - 1));
            if (bits || part == 0)
                multiply(power, product, product, entry(power, place, part, bits));
        }
        if (i < power->digits)
            continue;
        if (rf_subtract(difference, product, product - (size_t)power->digits * k, k))
            rf_add(difference, difference, power->modulus, k);
        multiply(power, all, all, difference);
    }
}
