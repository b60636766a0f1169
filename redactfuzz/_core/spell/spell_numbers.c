/* Numbers of a list: bytes and words, in the bases in which tools write them. */
#include "spell/spell_list.h"

enum { LONGEST = 20 /* digits of a number of 64 bits */, EXTENDED = 6 /* digits f before a byte whose sign was extended */ };

int rf_are_digits(const uint8_t *at, size_t count, int base) {
    for (size_t i = 0; i < count; i++) {
        int digit = rf_hex_digit(at[i]);
        if (digit < 0 || digit >= base) return 0;
    }
    return count > 0;
}

static uint32_t number(const uint8_t *at, size_t count, uint32_t base) {
    uint32_t value = 0;
    for (size_t i = 0; i < count; i++) value = value * base + (uint32_t)rf_hex_digit(at[i]);
    return value;
}

static int is_negative(const rf_list *l, size_t at) {
    const uint8_t *text = l->to.text;
    return at > 0 && text[at - 1] == '-' && (at == 1 || rf_word_kind(text[at - 2]) == RF_SEPARATES);
}

static size_t put_hex(rf_list *l, size_t at, size_t digits, int prefixed) {
    const uint8_t *text = l->to.text;
    if (!rf_are_digits(text + at, digits, 16)) return 0;
    if (prefixed && digits == 1) {
        rf_spell_put(&l->to, number(text + at, 1, 16), at);
        return 1;
    }
    if (digits % 2) return 0;
    if (l->spelling == RF_HEX_WORDS) {
        int goes_on = l->to.written > l->start, is_rest = goes_on && l->addressed && digits < l->digits;
        /* The last word of `xxd -e` has as many digits as bytes were left, and ends where a whole one would. */
        is_rest = is_rest && at + digits == l->behind + l->digits + (l->in_line ? 1 : 2);
        if (!is_rest && digits != 4 && digits != 8 && digits != 16) return 0;
        if (!is_rest && goes_on && digits != l->digits) return 0;
        if (!is_rest) l->digits = digits;
    }
    for (size_t i = 0; i < digits; i += 2) {
        size_t from = l->spelling == RF_HEX_WORDS ? at + digits - 2 - i : at + i;
        rf_spell_put(&l->to, number(text + from, 2, 16), from);
    }
    return digits / 2;
}

/* How many digits at `at` are one byte: two, or a byte below zero with its sign extended (`ffffff8a`, as printf("%02x") of a signed
 * char has it). 0: there is none. */
static size_t byte_digits(const uint8_t *at, size_t left) {
    size_t fs = 0;
    while (fs < left && (at[fs] | 32) == 'f') fs++;
    if (fs >= EXTENDED && left >= EXTENDED + 2 && rf_hex_digit(at[EXTENDED]) >= 8) return EXTENDED + 2;
    return left >= 2 ? 2 : 0;
}

/* A run of digits in which signs were extended. Between two of those are bytes of two digits; where they are odd, one was left out. */
static size_t put_joined(rf_list *l, size_t at, size_t digits) {
    const uint8_t *text = l->to.text;
    size_t before = l->to.written, extended = 0;
    for (size_t size, end = at + digits; at < end; at += size) {
        size = byte_digits(text + at, end - at);
        /* One digit and then a sign: a byte below 16, of which the zero was left out. */
        if (size == 2 && byte_digits(text + at + 1, end - at - 1) > 2) size = 1;
        if (size == 0) size = 1;
        extended += size > 2;
        size_t from = size > 2 ? at + size - 2 : at;
        rf_spell_put(&l->to, number(text + from, size == 1 ? 1 : 2, 16), from);
    }
    if (!extended) l->to.written = before;
    l->marked |= extended > 0;
    return l->to.written - before;
}

/* A byte in however many digits, with whatever marks it: `5`, `005A`, `ffffff8a`, `05Ah`, `h5a`, `u005A`. */
static size_t put_hex_byte(rf_list *l, size_t at, size_t digits, int prefixed) {
    const uint8_t *text = l->to.text;
    int marked = digits > 1 && rf_word_kind(text[at]) == RF_MARK;
    at += (size_t)marked, digits -= (size_t)marked;
    if (!marked && digits > 1 && (text[at + digits - 1] | 32) == 'h') marked = 1, digits--;
    if (!rf_are_digits(text + at, digits, 16)) return 0;
    size_t fs = 0, zeros = 0, high = digits > 2 ? digits - 2 : 0;
    while (fs < high && (text[at + fs] | 32) == 'f') fs++;
    while (zeros < high && text[at + zeros] == '0') zeros++;
    int extended = fs == high && fs >= EXTENDED && rf_hex_digit(text[at + high]) >= 8;
    if (digits > 16 || (zeros < high && !extended)) return prefixed || marked || digits <= EXTENDED ? 0 : put_joined(l, at, digits);
    l->marked |= marked || digits != 2;
    rf_spell_put(&l->to, number(text + at + high, digits - high, 16), at + high);
    return 1;
}

static size_t put_decimal(rf_list *l, size_t at, size_t digits) {
    const uint8_t *text = l->to.text;
    if (digits > 3 || !rf_are_digits(text + at, digits, 10)) return 0;
    uint32_t value = number(text + at, digits, 10);
    int negative = is_negative(l, at);
    if (value > (negative ? 128u : 255u)) return 0;
    rf_spell_put(&l->to, negative ? 256u - value : value, at);
    return 1;
}

static size_t put_octal(rf_list *l, size_t at, size_t digits) {
    const uint8_t *text = l->to.text;
    if ((digits != 3 && digits != 4 && digits != 6) || !rf_are_digits(text + at, digits, 8)) return 0;
    uint32_t value = number(text + at, digits, 8);
    if (value > (digits == 6 ? 0xffffu : 0xffu)) return 0;
    rf_spell_put(&l->to, value & 255u, at);
    if (digits == 6) rf_spell_put(&l->to, value >> 8, at);
    return digits == 6 ? 2 : 1;
}

static size_t put_binary(rf_list *l, size_t at, size_t digits) {
    const uint8_t *text = l->to.text;
    int prefixed = digits > 2 && text[at] == '0' && (text[at + 1] | 32) == 'b';
    if (prefixed) at += 2, digits -= 2;
    if (!rf_are_digits(text + at, digits, 2) || (digits % 8 && (digits > 8 || (digits < 6 && !prefixed)))) return 0;
    if (digits < 8) rf_spell_put(&l->to, number(text + at, digits, 2), at);
    for (size_t i = 0; i + 8 <= digits; i += 8) rf_spell_put(&l->to, number(text + at + i, 8, 2), at + i);
    return (digits + 7) / 8;
}

/* Keeps a number of up to 64 bits, for the end. */
static size_t keep_decimal(rf_list *l, size_t at, size_t digits) {
    const uint8_t *text = l->to.text;
    uint64_t value = 0;
    int negative = is_negative(l, at);
    if (digits > LONGEST || !rf_are_digits(text + at, digits, 10)) return 0;
    for (size_t i = 0; i < digits; i++)
        if (__builtin_mul_overflow(value, 10u, &value) || __builtin_add_overflow(value, (uint64_t)(text[at + i] - '0'), &value)) return 0;
    if (negative && value > (uint64_t)1 << 63) return 0;
    if (l->kept->count == RF_WORDS) rf_list_end(l);
    l->kept->words[l->kept->count] = negative ? 0 - value : value;
    l->kept->negative[l->kept->count] = (uint8_t)negative;
    l->kept->at[l->kept->count++] = (uint32_t)at;
    return 4;
}

/* Bits that a number needs: of one below zero with its sign. */
static uint32_t bits_of(uint64_t word, int negative) {
    uint64_t rest = negative ? ~word : word;
    return (rest ? 64u - (uint32_t)__builtin_clzll(rest) : 0u) + (uint32_t)(negative != 0);
}

/* Among words a small number is a count, or a flag, or padding. */
static int is_small(const rf_list *l, size_t i, uint32_t width) { return bits_of(l->kept->words[i], l->kept->negative[i]) <= 2 * width; }

static void put_words(rf_list *l, uint32_t width, int big) {
    size_t start = l->to.written;
    for (size_t i = 0; i < l->kept->count; i++) {
        if (is_small(l, i, width)) continue;
        for (uint32_t k = 0; k < width; k++) rf_spell_put(&l->to, (unsigned)(l->kept->words[i] >> 8 * (big ? width - 1 - k : k) & 255u), l->kept->at[i]);
    }
    rf_spell_close(&l->to, start, l->behind - 1);
}

/* Words as they lie in memory, and as big-endian code writes them, where both are no longer than the text. */
static void end_words(rf_list *l) {
    uint32_t most = 0;
    for (size_t i = 0; i < l->kept->count; i++) {
        uint32_t bits = bits_of(l->kept->words[i], l->kept->negative[i]);
        most = bits > most ? bits : most;
    }
    uint32_t width = most <= 16 ? 2 : most <= 32 ? 4 : 8;
    size_t room = RF_APART;
    for (size_t i = 0; i < l->kept->count; i++) room += is_small(l, i, width) ? 0 : width;
    if (most > 8 && l->to.written + room <= l->behind) put_words(l, width, 0);
    if (most > 8 && l->to.written + room <= l->behind) put_words(l, width, 1);
    l->kept->count = 0;
    l->start = l->to.written;
}

void rf_list_end(rf_list *l) {
    rf_spell *s = &l->to;
    if (l->spelling == RF_DECIMAL_WORDS && l->kept->count) end_words(l);
    /* Bytes of two digits each are read as RF_HEX already. */
    if (l->spelling == RF_HEX_BYTES && !l->marked) s->written = l->start;
    if (s->written > l->start) rf_spell_close(s, l->start, l->behind ? l->behind - 1 : 0);
    l->start = s->written;
    l->marked = 0;
}

size_t rf_list_put(rf_list *l, size_t at, size_t end) {
    const uint8_t *text = l->to.text;
    int prefixed = end - at > 2 && text[at] == '0' && (text[at + 1] | 32) == 'x';
    size_t first = prefixed ? at + 2 : at;
    switch (l->spelling) {
    case RF_DECIMALS: return put_decimal(l, at, end - at);
    case RF_DECIMAL_WORDS: return keep_decimal(l, at, end - at);
    case RF_OCTALS: return put_octal(l, at, end - at);
    case RF_BINARY: return put_binary(l, at, end - at);
    case RF_HEX_BYTES: return put_hex_byte(l, first, end - first, prefixed);
    default: return put_hex(l, first, end - first, prefixed);
    }
}
