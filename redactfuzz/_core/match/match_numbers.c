/* Numbers as programs hold and write them. The source is big-endian. */
#include "match/match_forms.h"

#define ENCODER(name) void name(rf_out *o, const rf_clear *s)

static uint32_t leading_zeros(const rf_clear *s) {
    uint32_t zeros = 0;
    while (zeros < s->size && s->bytes[zeros] == 0) zeros++;
    return zeros;
}

ENCODER(rf_big_endian) {
    for (uint32_t i = leading_zeros(s); i < s->size; i++) rf_put(o, s->bytes[i]);
}

/* Limbs of 32 and 64 bits alike, on a little-endian machine. */
ENCODER(rf_limbs) {
    for (uint32_t i = s->size, zeros = leading_zeros(s); i-- > zeros;) rf_put(o, s->bytes[i]);
}

static void hex_number(rf_out *o, const rf_clear *s, int upper) {
    uint32_t zeros = leading_zeros(s);
    for (uint32_t i = zeros; i < s->size; i++) put_hex(o, s->bytes[i], i == zeros && s->bytes[i] < 16 ? 1 : 2, upper);
}

ENCODER(rf_hex_number_lower) { hex_number(o, s, 0); }
ENCODER(rf_hex_number_upper) { hex_number(o, s, 1); }

/* Words of 32 bits on a little-endian machine, the highest first: Java's BigInteger. */
ENCODER(rf_words_down)
{
    uint32_t missing = (4u - s->size % 4u) % 4u;
    for (uint32_t at = (leading_zeros(s) + missing) / 4u * 4u; at < s->size + missing; at += 4u) {
        for (uint32_t k = 4; k-- > 0;)
            rf_put(o, at + k < missing ? 0 : s->bytes[at + k - missing]);
    }
}

/* So many bits in every 4 bytes, the lowest first. */
static void digits_of(rf_out *o, const rf_clear *s, uint32_t width)
{
    uint32_t zeros = leading_zeros(s), bits = (s->size - zeros) * 8u;
    for (uint32_t at = 0; at < bits; at += width) {
        uint64_t digit = 0;
        for (uint32_t k = 0; k < 5; k++) {
            uint32_t byte = at / 8u + k;
            if (byte < s->size) digit |= (uint64_t)s->bytes[s->size - 1u - byte] << (8u * k);
        }
        uint32_t value = (uint32_t)(digit >> (at % 8u)) & ((1u << width) - 1u);
        for (uint32_t k = 0; k < 4 && (at + width < bits || value >> (8u * k)); k++)
            rf_put(o, value >> (8u * k) & 255u);
    }
}

/* An int of CPython; bn.js; node-forge and others after Wu's library for JavaScript */
ENCODER(rf_digits_30) { digits_of(o, s, 30); }
ENCODER(rf_digits_26) { digits_of(o, s, 26); }
ENCODER(rf_digits_28) { digits_of(o, s, 28); }

/* Quadratic in the size; `str` of an int refuses more than this, too. */
void rf_in_base(rf_out *o, const rf_clear *s, uint32_t base, int digits, const char *alphabet) {
    uint32_t count = 0, power = 1;
    if (s->size > 1024) return;
    for (int k = 0; k < digits; k++) power *= base;
    for (uint32_t i = s->size; i > 0;) {
        uint32_t limb = 0;
        for (uint32_t k = 0; k < 4 && i > 0; k++) limb |= (uint32_t)s->bytes[--i] << (8u * k);
        s->limbs[count++] = limb;
    }
    uint8_t *start = o->at;
    while (count) {
        uint64_t rest = 0;
        for (uint32_t i = count; i-- > 0;) {
            rest = rest << 32 | s->limbs[i];
            s->limbs[i] = (uint32_t)(rest / power);
            rest %= power;
        }
        while (count && s->limbs[count - 1] == 0) count--;
        for (int k = 0; k < digits && (count || rest); k++, rest /= base) rf_put(o, (unsigned char)alphabet[rest % base]);
    }
    for (uint8_t *low = start, *high = o->at; low + 1 < high;) {
        uint8_t digit = *low;
        *low++ = *--high;
        *high = digit;
    }
}

ENCODER(rf_decimal) { rf_in_base(o, s, 10, 9, "0123456789"); }
