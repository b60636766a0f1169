/* Bytes as lists of numbers, however they are separated, and as dumps that people read: of xxd, hexdump, od, gdb and others. */
#include <string.h>

#include "spell/spell_write.h"

enum {
    BETWEEN = 64,      /* characters between two numbers, at most: indentation */
    LINE = 16,         /* bytes in a line of a dump, behind which it is written as text */
    ADDRESS_DIGITS = 4 /* of a place before a colon, at least */
};

typedef struct list {
    rf_spell *to;
    uint32_t spelling;
    size_t start;     /* where it begins in what is written */
    size_t behind;    /* where its last number ends in the text */
    size_t digits;    /* of each word, with RF_HEX_WORDS */
    size_t in_line;   /* bytes */
    int addressed;    /* whether the line begins with a place */
} list;

/* What a byte may be part of. */
enum { OCTAL = 1, DECIMAL = 2, HEX = 4, OTHER = 8, SEPARATES = 0 };

/* The letters of words; what is none of them is zero. */
static unsigned kind_of(unsigned c) {
    if (c - '0' < 8u) return OCTAL;
    if (c - '0' < 10u) return DECIMAL;
    if (c >= 0x80) return OTHER;
    c |= 32u;
    return c - 'a' < 6u ? HEX : c - 'a' < 26u ? OTHER : SEPARATES;
}

static void make_kinds(uint8_t kinds[256]) {
    for (unsigned c = 0; c < 256; c++) kinds[c] = (uint8_t)kind_of(c);
}

static int is_word(unsigned c) { return kind_of(c) != SEPARATES; }

static size_t word_end(const rf_spell *s, size_t at) {
    while (at < s->size && is_word(s->text[at])) at++;
    return at;
}

static int are_digits(const uint8_t *at, size_t count, int base) {
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

static int put_hex(list *l, size_t at, size_t digits, int prefixed) {
    const uint8_t *text = l->to->text;
    if (!are_digits(text + at, digits, 16)) return 0;
    if (prefixed && digits == 1) {
        rf_spell_put(l->to, number(text + at, 1, 16), at);
        return 1;
    }
    if (digits % 2) return 0;
    if (l->spelling == RF_HEX_WORDS) {
        if (digits != 4 && digits != 8 && digits != 16) return 0;
        if (l->to->written > l->start && digits != l->digits) return 0;
        l->digits = digits;
    }
    for (size_t i = 0; i < digits; i += 2) {
        size_t from = l->spelling == RF_HEX_WORDS ? at + digits - 2 - i : at + i;
        rf_spell_put(l->to, number(text + from, 2, 16), from);
    }
    return 1;
}

static int put_decimal(list *l, size_t at, size_t digits) {
    const uint8_t *text = l->to->text;
    if (digits > 3 || !are_digits(text + at, digits, 10)) return 0;
    uint32_t value = number(text + at, digits, 10);
    int negative = at > 0 && text[at - 1] == '-' && (at == 1 || !is_word(text[at - 2]));
    if (value > (negative ? 128u : 255u)) return 0;
    rf_spell_put(l->to, negative ? 256u - value : value, at);
    return 1;
}

static int put_octal(list *l, size_t at, size_t digits) {
    const uint8_t *text = l->to->text;
    if ((digits != 3 && digits != 4 && digits != 6) || !are_digits(text + at, digits, 8)) return 0;
    uint32_t value = number(text + at, digits, 8);
    if (value > (digits == 6 ? 0xffffu : 0xffu)) return 0;
    rf_spell_put(l->to, value & 255u, at);
    if (digits == 6) rf_spell_put(l->to, value >> 8, at);
    return 1;
}

static int put_word(list *l, size_t at, size_t end) {
    int prefixed = end - at > 2 && l->to->text[at] == '0' && (l->to->text[at + 1] | 32) == 'x';
    if (l->spelling == RF_DECIMALS) return put_decimal(l, at, end - at);
    if (l->spelling == RF_OCTALS) return put_octal(l, at, end - at);
    return put_hex(l, prefixed ? at + 2 : at, prefixed ? end - at - 2 : end - at, prefixed);
}

/* Whether the word, the first in its line, says where the bytes behind it lie. */
static int is_address(const rf_spell *s, size_t at, size_t end) {
    int prefixed = end - at > 2 && s->text[at] == '0' && (s->text[at + 1] | 32) == 'x';
    size_t first = prefixed ? at + 2 : at, digits = end - first, next = end;
    if (digits < ADDRESS_DIGITS || !are_digits(s->text + first, digits, 16) || end >= s->size) return 0;
    if (s->text[end] == ':') return end + 1 < s->size && strchr(" \t", s->text[end + 1]) && s->text[end + 1];
    while (next < s->size && (s->text[next] == ' ' || s->text[next] == '\t')) next++;
    if (next == end || next >= s->size) return 0;
    if (s->text[next] == '<') return 1;
    return digits >= ADDRESS_DIGITS + 2 && is_word(s->text[next]) && word_end(s, next) - next != digits;
}

static size_t line_end(const rf_spell *s, size_t at) {
    const uint8_t *found = memchr(s->text + at, '\n', s->size - at);
    return found ? (size_t)(found - s->text) : s->size;
}

/* Behind the address: gdb names the place, `<key+16>:`. */
static size_t behind_name(const rf_spell *s, size_t at) {
    size_t end = line_end(s, at);
    while (at < end && (s->text[at] == ' ' || s->text[at] == '\t')) at++;
    if (at < end && s->text[at] == '<') {
        const uint8_t *close = memchr(s->text + at, '>', end - at);
        if (close) return (size_t)(close - s->text) + 1;
    }
    return at;
}

static void flush(list *l) {
    if (l->to->written > l->start) rf_spell_close(l->to, l->start, l->behind ? l->behind - 1 : 0);
    l->start = l->to->written;
}

/* A character that gdb writes beside its number: `45 '-'`. Gives where it ends, or `at`. */
static size_t behind_character(const rf_spell *s, size_t at) {
    for (size_t length = 3; length <= 6 && at + length <= s->size; length++)
        if (s->text[at + length - 1] == '\'' && (length == 3 || s->text[at + 1] == '\\')) return at + length;
    return at;
}

/* The word at `at`. Gives where to go on. */
static size_t take(list *l, size_t at, int first_in_line) {
    rf_spell *s = l->to;
    size_t end = word_end(s, at);
    if (at > l->behind + BETWEEN) flush(l);
    if (first_in_line) {
        l->in_line = 0;
        l->addressed = is_address(s, at, end);
        if (l->addressed) return l->behind = behind_name(s, end);
    }
    size_t before = s->written;
    if (put_word(l, at, end)) {
        l->in_line += s->written - before;
        l->behind = end;
        if (l->addressed && l->in_line >= LINE && end + 1 < s->size && s->text[end] == ' ' && s->text[end + 1] == ' ')
            return l->behind = line_end(s, end);
        return end;
    }
    if (l->addressed && l->in_line) return l->behind = line_end(s, end);
    flush(l);
    /* What may begin with the word itself: a list of longer words. */
    if (l->spelling == RF_HEX_WORDS && put_word(l, at, end)) l->behind = end;
    return end;
}

/* Words of prose, in a text that has no list: most are. Gives where the first one begins that may be part of one. */
static size_t first_number(const rf_spell *s, size_t at, const uint8_t kinds[256], unsigned allowed, int *first_in_line) {
    while (at < s->size) {
        unsigned kind = kinds[s->text[at]];
        if (kind == SEPARATES) {
            if (s->text[at++] == '\n') *first_in_line = 1;
            continue;
        }
        size_t end = at;
        unsigned all = 0;
        while (end < s->size && kinds[s->text[end]] != SEPARATES) all |= kinds[s->text[end++]];
        /* `0x`, and any word of digits before a colon, which may be a place. */
        if (!(all & ~allowed) || s->text[at] == '0' || (*first_in_line && !(all & OTHER))) break;
        at = end;
        *first_in_line = 0;
    }
    return at;
}

void rf_spell_lists(rf_spell *s, uint32_t spelling) {
    list l = {.to = s, .spelling = spelling};
    const unsigned allowed = spelling == RF_OCTALS ? OCTAL : spelling == RF_DECIMALS ? OCTAL | DECIMAL : OCTAL | DECIMAL | HEX;
    uint8_t kinds[256];
    int first_in_line = 1;
    make_kinds(kinds);
    for (size_t at = 0; at < s->size;) {
        if (s->written == l.start && !l.addressed) at = first_number(s, at, kinds, allowed, &first_in_line);
        if (at >= s->size) break;
        unsigned c = s->text[at];
        if (kinds[c] != SEPARATES) {
            at = take(&l, at, first_in_line);
            first_in_line = 0;
        } else if (c == '\n') {
            first_in_line = 1;
            at++;
        } else if (c == '|' && l.addressed && l.in_line) {
            at = l.behind = line_end(s, at);
        } else if (c == '\'' && s->written > l.start && spelling == RF_DECIMALS) {
            size_t end = behind_character(s, at);
            at = end > at ? end : at + 1;
        } else {
            if (c == 0) flush(&l);
            at++;
        }
    }
    flush(&l);
}

size_t rf_spelled(uint32_t spelling, const uint8_t *text, size_t size, uint8_t *out, uint32_t *origins) {
    rf_spell s = {.text = text, .size = size, .out = out, .origins = origins};
    if (spelling == RF_ESCAPES) rf_spell_escapes(&s);
    else if (spelling == RF_BASE64) rf_spell_base64(&s);
    else rf_spell_lists(&s, spelling);
    return s.written;
}
