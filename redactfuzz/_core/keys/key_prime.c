#include "keys/key_prime.h"

#include <string.h>

#include "keys/key_wide.h"

enum {
    BLOCK = 512, /* offsets whose first and last bytes are looked at together, in vector registers */
};

typedef struct window {
    size_t size;         /* bytes in this form */
    uint32_t bytes;      /* of the number itself, without padding */
    uint32_t limbs;      /* of the factor */
    uint32_t others;     /* of the other one */
    uint32_t digit_bits; /* 0 where the form is not one of digits */
    uint32_t digit_bytes;
    uint8_t top;         /* the least value of its highest byte */
    uint8_t top_digit;   /* the largest value of the highest byte of a digit */
    uint64_t bound;      /* the least value of its highest limb */
    /* How eight bytes are read at once: the limbs lie from the highest, the bytes of eight are swapped, its halves are. */
    uint8_t down, swap, turn;
    uint16_t place[8 * RF_PRIME_LIMBS]; /* where the byte of each weight lies */
} window;

static uint32_t up(uint32_t n, uint32_t unit) { return (n + unit - 1) / unit; }

static uint32_t digit_bits(uint32_t form) {
    static const uint8_t bits[] = {26, 28, 30, 51, 52, 60};
    return form >= RF_DIGITS_26 && form <= RF_DIGITS_60 ? bits[form - RF_DIGITS_26] : 0;
}

static uint32_t digit_bytes(uint32_t form) { return digit_bits(form) > 32 ? 8 : 4; }

uint32_t rf_form_word(uint32_t form) {
    switch (form) {
    case RF_HIGH_WORDS_32:
    case RF_SWAPPED_WORDS_32: return 4;
    case RF_HIGH_WORDS_64:
    case RF_SWAPPED_WORDS_64: return 8;
    default: return 1;
    }
}

size_t rf_prime_bytes(const rf_modulus *modulus, uint32_t form) {
    const uint32_t word = rf_form_word(form);
    if (digit_bits(form)) return (size_t)digit_bytes(form) * up(modulus->prime_bits, digit_bits(form));
    return (size_t)word * up(up(modulus->prime_bits, 8), word);
}

size_t rf_form_byte(uint32_t form, size_t size, uint32_t weight) {
    switch (form) {
    case RF_BIG_ENDIAN: return size - 1 - weight;
    case RF_HIGH_WORDS_32: return size - 4 - (weight & ~3u) + (weight & 3u);
    case RF_HIGH_WORDS_64: return size - 8 - (weight & ~7u) + (weight & 7u);
    case RF_SWAPPED_WORDS_32: return (weight & ~3u) + 3 - (weight & 3u);
    case RF_SWAPPED_WORDS_64: return (weight & ~7u) + 7 - (weight & 7u);
    default: return weight;
    }
}

/* The highest limb of modulus >> other_bits: no factor is less. */
static uint64_t least_top(const rf_modulus *modulus, uint32_t limbs) {
    uint32_t from = modulus->other_bits / 64 + limbs - 1, shift = modulus->other_bits % 64, last = up(modulus->bits, 64) + 1;
    uint64_t top = from <= last ? modulus->limbs[from] >> shift : 0;
    if (shift && from + 1 <= last) top |= modulus->limbs[from + 1] << (64 - shift);
    return top;
}

static void describe(const rf_modulus *moduli, uint32_t count, uint32_t form, window *w) {
    const rf_modulus *modulus = moduli;
    w->limbs = up(modulus->prime_bits, 64);
    w->others = up(modulus->other_bits, 64);
    w->bytes = up(modulus->prime_bits, 8);
    w->size = rf_prime_bytes(modulus, form);
    w->digit_bits = digit_bits(form);
    w->digit_bytes = digit_bytes(form);
    w->bound = UINT64_MAX;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t bound = least_top(&moduli[i], w->limbs);
        if (bound < w->bound) w->bound = bound;
    }
    w->top = (uint8_t)(w->bound >> (8 * ((w->bytes - 1) % 8)));
    uint32_t below = 8 * (w->digit_bytes - 1); /* bits of a digit that lie below its last byte */
    w->top_digit = (uint8_t)(w->digit_bits > below ? (1u << (w->digit_bits - below)) - 1 : 0);
    w->down = form == RF_BIG_ENDIAN || form == RF_HIGH_WORDS_32 || form == RF_HIGH_WORDS_64;
    w->swap = form == RF_BIG_ENDIAN || form == RF_SWAPPED_WORDS_32 || form == RF_SWAPPED_WORDS_64;
    w->turn = form == RF_HIGH_WORDS_32 || form == RF_SWAPPED_WORDS_32;
    for (uint32_t i = 0; !w->digit_bits && i < w->bytes; i++) w->place[i] = (uint16_t)rf_form_byte(form, w->size, i);
}

/* -m^-1 modulo 2^64 of an odd number, by Newton's iteration: m is its own inverse modulo 8. */
static uint64_t negative_inverse(uint64_t m) {
    uint64_t inverse = m;
    for (int i = 0; i < 5; i++) inverse *= 2 - m * inverse;
    return 0 - inverse;
}

/* Adds a * b to a sum of three limbs. */
static inline void add_product(uint64_t *sum, uint64_t a, uint64_t b) {
    rf_wide product = (rf_wide)a * b;
    rf_wide low = (rf_wide)sum[0] + (uint64_t)product;
    rf_wide high = (rf_wide)sum[1] + (uint64_t)(product >> 64) + (uint64_t)(low >> 64);
    sum[0] = (uint64_t)low;
    sum[1] = (uint64_t)high;
    sum[2] += (uint64_t)(high >> 64);
}

static inline void shift(uint64_t *sum) {
    sum[0] = sum[1];
    sum[1] = sum[2];
    sum[2] = 0;
}

/* Montgomery's reduction of the modulus N by the odd number w of k limbs, by m limbs: (N + M w) / 2^64m with M = -N / w modulo 2^64m.
 * When w divides N and N / w is below 2^64m, M is 2^64m - N / w and the result is w itself; and when it is w, w divides N. By columns, so
 * that what is no factor is known after little more than m^2 / 2 products. */
static int divides(const uint64_t *w, uint32_t k, uint32_t m, const uint64_t *modulus) {
    uint64_t by[RF_PRIME_LIMBS], sum[3] = {0, 0, 0};
    const uint64_t n0 = negative_inverse(w[0]);
    for (uint32_t i = 0; i < m; i++) {
        add_product(sum, modulus[i], 1);
        for (uint32_t j = i < k ? 0 : i - k + 1; j < i; j++) add_product(sum, by[j], w[i - j]);
        by[i] = sum[0] * n0;
        add_product(sum, by[i], w[0]);
        shift(sum);
    }
    for (uint32_t i = m; i < m + k; i++) {
        add_product(sum, modulus[i], 1);
        for (uint32_t j = i < k ? 0 : i - k + 1; j < m; j++) add_product(sum, by[j], w[i - j]);
        if (sum[0] != w[i - m]) return 0;
        shift(sum);
    }
    return sum[0] == 0;
}

static uint64_t limb(const window *w, const uint8_t *at, uint32_t index) {
    uint64_t value = 0;
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && 8 * index + 8 <= w->bytes) {
        memcpy(&value, at + (w->down ? w->size - 8 - 8 * (size_t)index : 8 * (size_t)index), 8);
        if (w->swap) value = __builtin_bswap64(value);
        return w->turn ? value << 32 | value >> 32 : value;
    }
    for (uint32_t i = 8 * index; i < 8 * index + 8 && i < w->bytes; i++) value |= (uint64_t)at[w->place[i]] << 8 * (i % 8);
    return value;
}

static uint64_t digit(const window *w, const uint8_t *at) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < w->digit_bytes; i++) value |= (uint64_t)at[i] << 8 * i;
    return value;
}

/* The number of digits at a place; 0 when they are none, or no factor by its size. */
static int read_digits(const window *w, const uint8_t *at, uint64_t *limbs) {
    uint32_t bits = w->digit_bits, count = (uint32_t)(w->size / w->digit_bytes);
    memset(limbs, 0, (w->limbs + 2) * sizeof *limbs);
    for (uint32_t i = 0, bit = 0; i < count; i++, bit += bits) {
        uint64_t value = digit(w, at + (size_t)w->digit_bytes * i);
        if (value >> bits) return 0;
        limbs[bit / 64] |= value << bit % 64;
        if (bit % 64 > 64 - bits) limbs[bit / 64 + 1] |= value >> (64 - bit % 64);
    }
    return (limbs[0] & 1u) && limbs[w->limbs - 1] >= w->bound && limbs[w->limbs - 1] && !limbs[w->limbs];
}

static int read_bytes(const window *w, const uint8_t *at, uint64_t *limbs) {
    uint64_t top = limb(w, at, w->limbs - 1);
    if (top < w->bound) return 0;
    for (uint32_t i = 0; i < w->limbs; i++) limbs[i] = limb(w, at, i);
    return 1;
}

/* Whether a number is divisible by 3, 5, 7, 11, 13, 31, 41 or 61: they divide 2^60 - 1, so that the digits of 60 bits can be added up. Two
 * of three random numbers are, and dividing costs a dozen times as much. */
static int has_small_factor(const uint64_t *w, uint32_t limbs) {
    const uint64_t ones = ((uint64_t)1 << 60) - 1;
    uint64_t sum = 0;
    for (uint32_t bit = 0; bit < 64 * limbs; bit += 60) {
        uint64_t digit = w[bit / 64] >> bit % 64;
        if (bit % 64 && bit / 64 + 1 < limbs) digit |= w[bit / 64 + 1] << (64 - bit % 64);
        sum += digit & ones;
        sum = (sum & ones) + (sum >> 60);
    }
    return sum % 3 == 0 || sum % 5 == 0 || sum % 7 == 0 || sum % 11 == 0 || sum % 13 == 0 || sum % 31 == 0 || sum % 41 == 0 || sum % 61 == 0;
}

typedef struct search {
    const rf_modulus *moduli;
    uint32_t count;
    const window *window;
    size_t step;
} search;

/* The modulus of which a window is a factor; their number when it is of none. */
static uint32_t factor_of(const search *s, const uint8_t *at) {
    uint64_t limbs[RF_PRIME_LIMBS + 2];
    const window *w = s->window;
    if (!(w->digit_bits ? read_digits : read_bytes)(w, at, limbs)) return s->count;
    if (has_small_factor(limbs, w->limbs)) return s->count;
    uint32_t i = 0;
    while (i < s->count && !divides(limbs, w->limbs, w->others, s->moduli[i].limbs)) i++;
    return i;
}

/* For each of `count` offsets whether its lowest byte is odd, and its highest not too small, or that of a digit not too large. */
static void filter(const search *s, const uint8_t *at, size_t count, uint8_t *fits) {
    const window *w = s->window;
    const uint8_t *lows = at + (w->digit_bits ? 0 : w->place[0]), *tops = at + (w->digit_bits ? w->digit_bytes - 1 : w->place[w->bytes - 1]);
    const uint8_t least = w->digit_bits ? 0 : w->top, most = w->digit_bits ? w->top_digit : 255;
    memset(fits, 0, BLOCK);
    for (size_t i = 0; i < count; i++) fits[i] = (uint8_t)((tops[i] >= least) & (tops[i] <= most) & lows[i] & 1u);
}

/* Looks through the offsets of a stretch up to the last at which one can begin; returns at the first factor, or behind the last. */
static size_t next_factor(const search *s, const uint8_t *data, size_t at, size_t last, uint32_t *index) {
    uint8_t fits[BLOCK];
    while (at <= last) {
        size_t count = last - at + 1 < BLOCK ? last - at + 1 : BLOCK;
        filter(s, data + at, count, fits);
        for (size_t i = 0; i < BLOCK; i += 8) {
            uint64_t eight;
            memcpy(&eight, fits + i, 8);
            for (size_t j = i; eight && j < i + 8; j++) {
                if (!fits[j] || (at + j) % s->step || (*index = factor_of(s, data + at + j)) == s->count) continue;
                return at + j;
            }
        }
        at += count;
    }
    *index = s->count;
    return at;
}

uint32_t rf_find_primes(const rf_modulus *moduli, uint32_t modulus_count, uint32_t form, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, rf_prime_hit *hits, uint32_t capacity) {
    window w;
    search s = {moduli, modulus_count, &w, step};
    uint32_t found = 0;
    if (modulus_count) describe(moduli, modulus_count, form, &w);
    for (; modulus_count && from->stretch < stretch_count; from->stretch++, from->offset = 0) {
        rf_place stretch = stretches[from->stretch];
        while (from->offset + w.size <= stretch.length) {
            uint32_t index;
            if (found == capacity) return found;
            size_t at = next_factor(&s, data, stretch.offset + from->offset, stretch.offset + stretch.length - w.size, &index);
            if (index < modulus_count) hits[found++] = (rf_prime_hit){.offset = at, .index = index};
            from->offset = at + 1 - stretch.offset;
        }
    }
    from->stretch = stretch_count;
    return found;
}
