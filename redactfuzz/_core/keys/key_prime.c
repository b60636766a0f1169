#include "keys/key_prime.h"

#include <string.h>

__extension__ typedef unsigned __int128 wide;

enum {
    BLOCK = 512, /* offsets whose first and last bytes are looked at together, in vector registers */
};

typedef struct window {
    size_t size;         /* bytes in this form */
    uint32_t bytes;      /* of the number itself, without padding */
    uint32_t limbs;
    uint8_t top;         /* the least value of its highest byte */
    uint64_t bound;      /* the least value of its highest limb */
    /* Where the limbs are of whole words (on a little-endian machine), how one is read: the limbs lie from the highest, the bytes of
     * eight are swapped, its halves are. */
    uint8_t even, down, swap, turn;
    uint16_t place[8 * RF_PRIME_LIMBS]; /* where the byte of each weight lies */
} window;

static uint32_t up(uint32_t n, uint32_t unit) { return (n + unit - 1) / unit; }

size_t rf_prime_bytes(const rf_modulus *modulus, uint32_t form) {
    uint32_t bytes = up(modulus->prime_bits, 8);
    switch (form) {
    case RF_HIGH_WORDS_32:
    case RF_SWAPPED_WORDS_32: return 4 * (size_t)up(bytes, 4);
    case RF_HIGH_WORDS_64:
    case RF_SWAPPED_WORDS_64: return 8 * (size_t)up(bytes, 8);
    case RF_DIGITS_30: return 4 * (size_t)up(modulus->prime_bits, 30);
    default: return bytes;
    }
}

static size_t place(uint32_t form, size_t size, uint32_t weight) {
    switch (form) {
    case RF_BIG_ENDIAN: return size - 1 - weight;
    case RF_HIGH_WORDS_32: return size - 4 - (weight & ~3u) + (weight & 3u);
    case RF_HIGH_WORDS_64: return size - 8 - (weight & ~7u) + (weight & 7u);
    case RF_SWAPPED_WORDS_32: return (weight & ~3u) + 3 - (weight & 3u);
    case RF_SWAPPED_WORDS_64: return (weight & ~7u) + 7 - (weight & 7u);
    default: return weight;
    }
}

/* Both primes are below 2^prime_bits, so neither is below modulus / 2^prime_bits. */
static void describe(const rf_modulus *modulus, uint32_t form, window *w) {
    uint32_t bits = modulus->prime_bits, shift = bits % 64;
    w->limbs = up(bits, 64);
    w->bytes = up(bits, 8);
    w->size = rf_prime_bytes(modulus, form);
    /* The top limb of modulus >> bits. */
    uint32_t from = (bits + 64 * (w->limbs - 1)) / 64;
    w->bound = modulus->limbs[from] >> shift;
    if (shift && from + 1 < 2 * w->limbs) w->bound |= modulus->limbs[from + 1] << (64 - shift);
    w->top = (uint8_t)(w->bound >> (8 * ((w->bytes - 1) % 8)));
    w->even = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && w->bytes % 8 == 0;
    w->down = form == RF_BIG_ENDIAN || form == RF_HIGH_WORDS_32 || form == RF_HIGH_WORDS_64;
    w->swap = form == RF_BIG_ENDIAN || form == RF_SWAPPED_WORDS_32 || form == RF_SWAPPED_WORDS_64;
    w->turn = form == RF_HIGH_WORDS_32 || form == RF_SWAPPED_WORDS_32;
    for (uint32_t i = 0; form != RF_DIGITS_30 && i < w->bytes; i++) w->place[i] = (uint16_t)place(form, w->size, i);
}

/* -m^-1 modulo 2^64 of an odd number, by Newton's iteration: m is its own inverse modulo 8. */
static uint64_t negative_inverse(uint64_t m) {
    uint64_t inverse = m;
    for (int i = 0; i < 5; i++) inverse *= 2 - m * inverse;
    return 0 - inverse;
}

/* Adds a * b to a sum of three limbs. */
static inline void add_product(uint64_t *sum, uint64_t a, uint64_t b) {
    wide product = (wide)a * b;
    wide low = (wide)sum[0] + (uint64_t)product;
    wide high = (wide)sum[1] + (uint64_t)(product >> 64) + (uint64_t)(low >> 64);
    sum[0] = (uint64_t)low;
    sum[1] = (uint64_t)high;
    sum[2] += (uint64_t)(high >> 64);
}

static inline void shift(uint64_t *sum) {
    sum[0] = sum[1];
    sum[1] = sum[2];
    sum[2] = 0;
}

/* Montgomery's reduction of the modulus N by the odd number w of k limbs: (N + M w) / 2^64k, which for a factor w above
 * N / 2^64k lies between 0 and 2w and is divisible by w, so it is w itself; and when it is w, w divides N. By columns, so that
 * what is no factor is known after little more than half of the products. */
static int divides(const uint64_t *w, uint32_t k, const uint64_t *modulus) {
    uint64_t m[RF_PRIME_LIMBS], sum[3] = {0, 0, 0};
    const uint64_t n0 = negative_inverse(w[0]);
    for (uint32_t i = 0; i < k; i++) {
        add_product(sum, modulus[i], 1);
        for (uint32_t j = 0; j < i; j++) add_product(sum, m[j], w[i - j]);
        m[i] = sum[0] * n0;
        add_product(sum, m[i], w[0]);
        shift(sum);
    }
    for (uint32_t i = k; i < 2 * k; i++) {
        add_product(sum, modulus[i], 1);
        for (uint32_t j = i - k + 1; j < k; j++) add_product(sum, m[j], w[i - j]);
        if (sum[0] != w[i - k]) return 0;
        shift(sum);
    }
    return sum[0] == 0;
}

/* Dividing costs a hundred times as much as looking. Of a prime's n bytes n / 64 are expected to be among these four, the
 * commonest of machine code and tables; 10 + 3 n / 64 or more are met in fewer than one of 10^9 (Poisson). */
static int looks_random(const uint8_t *at, size_t size) {
    uint32_t common = 0;
    for (size_t i = 0; i < size; i++) common += (uint32_t)((at[i] == 0x00) | (at[i] == 0xff) | (at[i] == 0x48) | (at[i] == 0x8b));
    return common < 10 + 3 * size / 64;
}

static uint64_t limb(const window *w, const uint8_t *at, uint32_t index) {
    uint64_t value = 0;
    if (w->even) {
        memcpy(&value, at + (w->down ? w->size - 8 - 8 * (size_t)index : 8 * (size_t)index), 8);
        if (w->swap) value = __builtin_bswap64(value);
        return w->turn ? value << 32 | value >> 32 : value;
    }
    for (uint32_t i = 8 * index; i < 8 * index + 8 && i < w->bytes; i++) value |= (uint64_t)at[w->place[i]] << 8 * (i % 8);
    return value;
}

static int is_prime_factor(const window *w, const uint8_t *at, const uint64_t *modulus) {
    uint64_t limbs[RF_PRIME_LIMBS];
    uint64_t top = limb(w, at, w->limbs - 1);
    if (top < w->bound || !looks_random(at, w->size)) return 0;
    for (uint32_t i = 0; i < w->limbs; i++) limbs[i] = limb(w, at, i);
    return divides(limbs, w->limbs, modulus);
}

static uint32_t find_bytes(const rf_modulus *modulus, const window *w, const uint8_t *data, size_t size, size_t step, uint64_t *offsets, uint32_t capacity) {
    uint8_t fits[BLOCK];
    uint32_t found = 0;
    const size_t last = size - w->size; /* the last offset at which one can begin */
    const uint8_t *tops = data + w->place[w->bytes - 1], *lows = data + w->place[0];
    const uint8_t top = w->top;
    for (size_t start = 0; start <= last; start += BLOCK) {
        size_t count = last - start + 1 < BLOCK ? last - start + 1 : BLOCK;
        memset(fits, 0, sizeof fits);
        for (size_t i = 0; i < count; i++) fits[i] = (uint8_t)((tops[start + i] >= top) & lows[start + i]);
        for (size_t i = 0; i < BLOCK; i += 8) {
            uint64_t eight;
            memcpy(&eight, fits + i, 8);
            if (!(eight & 0x0101010101010101u)) continue;
            for (size_t at = start + i; at < start + i + 8; at++) {
                if (!(fits[at - start] & 1u) || at % step || !is_prime_factor(w, data + at, modulus->limbs)) continue;
                offsets[found++] = at;
                if (found == capacity) return found;
            }
        }
    }
    return found;
}

static uint32_t word(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static int is_prime_in_digits(const window *w, const uint8_t *at, const uint64_t *modulus) {
    uint64_t limbs[RF_PRIME_LIMBS + 1] = {0};
    uint32_t digits = (uint32_t)(w->size / 4);
    for (uint32_t i = 0, bit = 0; i < digits; i++, bit += 30) {
        uint64_t digit = word(at + 4 * (size_t)i);
        if (digit >> 30) return 0;
        limbs[bit / 64] |= digit << bit % 64;
        if (bit % 64 > 34) limbs[bit / 64 + 1] |= digit >> (64 - bit % 64);
    }
    return limbs[w->limbs - 1] >= w->bound && !limbs[w->limbs] && divides(limbs, w->limbs, modulus);
}

static uint32_t find_digits(const rf_modulus *modulus, const window *w, const uint8_t *data, size_t size, size_t step, uint64_t *offsets, uint32_t capacity) {
    uint32_t found = 0;
    /* The bits of the highest digit. A prime has its top bit set (or the one below, which the lower bound allows for). */
    uint32_t bits = (modulus->prime_bits - 1) % 30 + 1, least = bits > 1 ? 1u << (bits - 2) : 0;
    const uint8_t *tops = data + w->size - 4;
    for (size_t at = 0; at + w->size <= size; at += step) {
        uint32_t top = word(tops + at);
        if (top < least || top >> bits || !(data[at] & 1u) || !is_prime_in_digits(w, data + at, modulus->limbs)) continue;
        offsets[found++] = at;
        if (found == capacity) return found;
    }
    return found;
}

uint32_t rf_find_primes(const rf_modulus *modulus, uint32_t form, const uint8_t *data, size_t size, size_t step, uint64_t *offsets, uint32_t capacity) {
    window w;
    describe(modulus, form, &w);
    if (size < w.size || !capacity) return 0;
    return (form == RF_DIGITS_30 ? find_digits : find_bytes)(modulus, &w, data, size, step, offsets, capacity);
}
