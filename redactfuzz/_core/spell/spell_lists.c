/* Bytes as lists of numbers, however they are separated, and as dumps that people read: of xxd, hexdump, od, gdb and others. */
#include <string.h>

#include "spell/spell_list.h"

enum {
    BETWEEN = 64,      /* characters between two numbers, at most: indentation */
    LINE = 16,         /* bytes in a line of a dump, behind which it is written as text */
    ADDRESS_DIGITS = 4, /* of a place before a colon, at least, */
    ADDRESS_MOST = 16   /* and at most: of 64 bits. A longer word holds what was written, and does not say where it lies. */
};

static int is_word(unsigned c) { return rf_word_kind(c) != RF_SEPARATES; }

static size_t word_end(const rf_spell *s, size_t at) {
    while (at < s->size && is_word(s->text[at])) at++;
    return at;
}

/* Whether the word, the first in its line, says where the bytes behind it lie. */
static int is_address(const rf_spell *s, size_t at, size_t end) {
    int prefixed = end - at > 2 && s->text[at] == '0' && (s->text[at + 1] | 32) == 'x';
    size_t first = prefixed ? at + 2 : at, digits = end - first, next = end;
    if (digits < ADDRESS_DIGITS || digits > ADDRESS_MOST || !rf_are_digits(s->text + first, digits, 16) || end >= s->size) return 0;
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

/* A character that gdb writes beside its number: `45 '-'`. Gives where it ends, or `at`. */
static size_t behind_character(const rf_spell *s, size_t at) {
    for (size_t length = 3; length <= 6 && at + length <= s->size; length++)
        if (s->text[at + length - 1] == '\'' && (length == 3 || s->text[at + 1] == '\\')) return at + length;
    return at;
}

/* The word from `at` to before `end`. */
static void take(rf_list *l, size_t at, size_t end, int first_in_line) {
    const rf_spell *s = &l->to;
    if (at > l->behind + BETWEEN) rf_list_end(l);
    if (first_in_line) {
        l->in_line = 0;
        l->addressed = is_address(s, at, end);
        if (l->addressed) {
            l->resume = l->behind = behind_name(s, end);
            return;
        }
    }
    size_t bytes = rf_list_put(l, at, end);
    if (bytes) {
        l->in_line += bytes;
        l->behind = end;
        if (l->addressed && l->in_line >= LINE && end + 1 < s->size && s->text[end] == ' ' && s->text[end + 1] == ' ')
            l->resume = l->behind = line_end(s, end);
    } else if (l->addressed && l->in_line) {
        l->resume = l->behind = line_end(s, end);
    } else {
        rf_list_end(l);
        /* What may begin with the word itself: a list of longer words. */
        if (l->spelling == RF_HEX_WORDS && rf_list_put(l, at, end)) l->behind = end;
    }
}

/* What a number may consist of. */
static unsigned allowed_in(uint32_t spelling) {
    const unsigned octal = RF_BINARY_DIGIT | RF_OCTAL_DIGIT, decimal = octal | RF_DECIMAL_DIGIT, hex = decimal | RF_HEX_DIGIT;
    switch (spelling) {
    case RF_BINARY: return RF_BINARY_DIGIT;
    case RF_OCTALS: return octal;
    case RF_DECIMALS:
    case RF_DECIMAL_WORDS: return decimal;
    case RF_HEX_BYTES: return hex | RF_MARK;
    default: return hex;
    }
}

/* Whether a list goes on, so that each word counts. */
static int goes_on(const rf_list *l) { return rf_list_has(l) || l->addressed; }

/* The word, of kinds `all`, for each list; most words are of prose, and of none. */
static int take_word(rf_list *lists, size_t count, size_t at, size_t end, unsigned all, int first_in_line) {
    int going_on = 0;
    /* `0x`, and any word of digits before a colon, which may be a place. */
    int special = lists->to.text[at] == '0' || (first_in_line && !(all & (RF_OTHER | RF_MARK)));
    for (rf_list *l = lists; l < lists + count; l++) {
        if (at >= l->resume && (special || !(all & ~l->allowed) || goes_on(l))) take(l, at, end, first_in_line);
        going_on |= goes_on(l);
    }
    return going_on;
}

/* What stands between words, where a list goes on. */
static void take_separator(rf_list *l, size_t at) {
    unsigned c = l->to.text[at];
    if (at < l->resume) return;
    if (c == '|' && l->addressed && l->in_line) l->resume = l->behind = line_end(&l->to, at);
    else if (c == '\'' && l->to.written > l->start && l->spelling == RF_DECIMALS) l->resume = behind_character(&l->to, at);
    else if (c == 0) rf_list_end(l);
}

/* Where to look on, behind the numbers from the one of `at` on, when they have too few characters for a list. 0: there may be one; what
 * follows the place of a line always may. */
static size_t behind_few(const rf_spell *s, size_t at, int *first_in_line) {
    const size_t from = at;
    int first = *first_in_line;
    for (size_t digits = 0, behind = at; at < s->size && at <= behind + BETWEEN && digits < RF_LEAST;) {
        unsigned all = 0;
        size_t start = at;
        while (at < s->size && rf_word_kind(s->text[at]) != RF_SEPARATES) all |= rf_word_kind(s->text[at++]);
        if (at == start) {
            first |= s->text[at] == '\n';
            if (s->text[at++] == 0) break;
            continue;
        }
        if (first && start > from && is_address(s, start, at)) return 0;
        if ((all & RF_OTHER) && s->text[start] != '0') {
            *first_in_line = first;
            return start;
        }
        first = 0;
        behind = at;
        digits += at - start;
        if (digits >= RF_LEAST) return 0;
    }
    *first_in_line = first;
    return at;
}

/* All lists in one pass. */
static void spell_lists(rf_list *lists, size_t count) {
    const uint8_t *text = lists->to.text;
    const size_t size = lists->to.size;
    int first_in_line = 1, going_on = 0;
    for (size_t at = 0; at < size;) {
        unsigned c = text[at];
        if (rf_word_kind(c) != RF_SEPARATES) {
            size_t end = at;
            unsigned all = 0;
            while (end < size && rf_word_kind(text[end]) != RF_SEPARATES) all |= rf_word_kind(text[end++]);
            int may_begin = !(all & RF_OTHER) || c == '0';
            if (!going_on && may_begin && !(first_in_line && is_address(&lists->to, at, end))) {
                size_t behind = behind_few(&lists->to, at, &first_in_line);
                if (behind) {
                    at = behind;
                    continue;
                }
            }
            if (going_on || may_begin) going_on = take_word(lists, count, at, end, all, first_in_line);
            first_in_line = 0;
            at = end;
            continue;
        }
        if (c == '\n') first_in_line = 1;
        for (rf_list *l = lists; going_on && (c == '|' || c == '\'' || c == 0) && l < lists + count; l++) take_separator(l, at);
        at++;
    }
    for (rf_list *l = lists; l < lists + count; l++) rf_list_end(l);
}

void rf_spelled_lists(const uint8_t *text, size_t size, rf_spelled_list *wanted, size_t count) {
    rf_list lists[RF_LISTS];
    rf_kept kept;
    if (count > RF_LISTS) count = RF_LISTS;
    kept.count = 0;
    for (size_t i = 0; i < count; i++) {
        lists[i] = (rf_list){
            .to = {.text = text, .size = size, .out = wanted[i].out, .origins = wanted[i].origins},
            .kept = &kept,
            .spelling = wanted[i].spelling,
            .allowed = allowed_in(wanted[i].spelling),
        };
    }
    if (count) spell_lists(lists, count);
    for (size_t i = 0; i < count; i++) wanted[i].written = lists[i].to.written;
}

size_t rf_spelled(uint32_t spelling, const uint8_t *text, size_t size, uint8_t *out, uint32_t *origins) {
    rf_spell s = {.text = text, .size = size, .out = out, .origins = origins};
    rf_spelled_list list = {.spelling = spelling, .out = out, .origins = origins};
    if (spelling == RF_ESCAPES) rf_spell_escapes(&s);
    else if (spelling == RF_BASE64) rf_spell_base64(&s);
    else if (spelling == RF_COLUMNS) rf_spell_columns(&s);
    else rf_spelled_lists(text, size, &list, 1);
    return s.written + list.written;
}
