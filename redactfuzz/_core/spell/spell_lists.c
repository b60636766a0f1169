/* Bytes as lists of numbers, however they are separated, and as dumps that people read: of xxd, hexdump, od, gdb and others. */
#include <string.h>

#include "spell/spell_list.h"

enum {
    BETWEEN = 64,      /* characters between two numbers, at most: indentation */
    LINE = 16,         /* bytes in a line of a dump, behind which it is written as text */
    ADDRESS_DIGITS = 4, /* of a place before a colon, at least, */
    ADDRESS_ALONE = 6,  /* before none, at least, */
    GROUP = 8,          /* digits of bytes that are written together behind a shorter place, as objdump does */
    ADDRESS_MOST = 16,  /* and at most: of 64 bits. A longer word holds what was written, and does not say where it lies. */
    TYPE = 4            /* letters of the type of a number, at most */
};

static int is_word(unsigned c) { return rf_word_kind(c) != RF_SEPARATES; }

static size_t word_end(const rf_spell *s, size_t at) {
    while (at < s->size && is_word(s->text[at])) at++;
    return at;
}

/* Whether a word is bytes that are written together, or those that are left in the last line, with spaces in the place of others. */
static int is_group(const rf_spell *s, size_t at, size_t digits) {
    static const char spaces[] = "                ";
    const size_t end = at + digits;
    if (digits > GROUP || digits % 2 || !rf_are_digits(s->text + at, digits, 16)) return 0;
    return digits == GROUP || (s->size - end >= sizeof spaces && !memcmp(s->text + end, spaces, sizeof spaces - 1));
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
    next += s->text[next] == '-' && next + 1 < s->size;
    size_t other = word_end(s, next) - next;
    if (digits < ADDRESS_ALONE) return s->text[end - 1] == '0' && is_group(s, next, other);
    /* Numbers of equal length are words. */
    int alike = other == digits && (!prefixed || (s->text[next + 1] | 32) == 'x');
    return (other && !alike) || rf_characters(s, end);
}

/* Whether letters say of what type the number before them is, in C, Rust, F#, Java or JavaScript. */
static int is_type(const uint8_t *at, size_t size) {
    static const char types[][TYPE + 1] = {
        "u",  "l",   "ul",  "lu",  "ll",  "ull", "llu", "n",   "y",   "uy",   "u8",   "i8",
        "u16", "i16", "u32", "i32", "u64", "i64", "ui8", "ui16", "ui32", "ui64",
    };
    for (size_t i = 0; size <= TYPE && i < sizeof types / sizeof *types; i++) {
        size_t same = 0;
        while (same < size && (at[same] | 32) == types[i][same]) same++;
        if (same == size && !types[i][size]) return 1;
    }
    return 0;
}

/* Where the digits end with which a word begins, in the base that it names; `at`: it begins with none. */
static size_t digits_end(const rf_spell *s, size_t at, size_t end) {
    const unsigned mark = s->text[at] == '0' && end - at > 2 ? s->text[at + 1] | 32u : 0;
    const int base = mark == 'x' ? 16 : mark == 'b' ? 2 : 10;
    const size_t first = base == 10 ? at : at + 2;
    size_t behind = first;
    while (behind < end && rf_are_digits(s->text + behind, 1, base)) behind++;
    return behind > first ? behind : at;
}

/* A word, and where its number ends, before its type. */
typedef struct word {
    size_t number_end, end;
    unsigned all; /* kinds of what the number consists of; of all of the word, where it has no type */
} word;

/* The same word, if what it ends with is a type: `65u8`, or as in Rust `65_u8`. */
static word typed(const rf_spell *s, size_t at, word w) {
    const size_t digits = digits_end(s, at, w.end);
    const int apart = digits == w.end;
    if (digits == at || (apart && (w.end == s->size || s->text[w.end] != '_'))) return w;
    const size_t type = digits + (size_t)apart;
    size_t end = type;
    while (end < s->size && end <= type + TYPE && is_word(s->text[end])) end++;
    if (end == type || !is_type(s->text + type, end - type)) return w;
    w = (word){.number_end = digits, .end = end};
    for (size_t i = at; i < digits; i++) w.all |= rf_word_kind(s->text[i]);
    return w;
}

static inline word read_word(const rf_spell *s, size_t at) {
    size_t end = at;
    unsigned all = 0;
    for (; end < s->size && is_word(s->text[end]); end++) all |= rf_word_kind(s->text[end]);
    const word w = {.number_end = end, .end = end, .all = all};
    if ((unsigned)(s->text[at] - '0') > 9u) return w;
    return (all & (RF_MARK | RF_OTHER)) || (end < s->size && s->text[end] == '_') ? typed(s, at, w) : w;
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

/* Whether behind the bytes of a line it has them as text: two spaces away, or one, and then a character for each. */
static int is_text(const rf_spell *s, size_t at, size_t bytes) {
    if (s->size - at < 2 || s->text[at] != ' ') return 0;
    const size_t end = at + 1 + bytes;
    return s->text[at + 1] == ' ' || end == s->size || (end < s->size && (s->text[end] == '\n' || s->text[end] == '\r'));
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
            l->in_line = l->spelling == RF_OCTALS ? rf_characters(s, end) : 0;
            rf_put_characters(&l->to, end, l->in_line);
            if (l->in_line) l->resume = l->behind = line_end(s, end);
            return;
        }
    }
    size_t bytes = rf_list_put(l, at, end);
    if (bytes) {
        l->in_line += bytes;
        l->behind = end;
        if (l->addressed && l->in_line >= LINE && is_text(s, end, l->in_line))
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
        const size_t start = at;
        if (!is_word(s->text[at])) {
            first |= s->text[at] == '\n';
            if (s->text[at++] == 0) break;
            continue;
        }
        const word w = read_word(s, at);
        at = w.end;
        if (first && start > from && is_address(s, start, at)) return 0;
        if ((w.all & RF_OTHER) && s->text[start] != '0') {
            *first_in_line = first;
            return start;
        }
        first = 0;
        behind = at;
        digits += w.number_end - start;
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
        if (at > 0 && (c | 32) == 'x' && rf_is_bytea(&lists->to, at - 1)) {
            at++;
            continue;
        }
        if (is_word(c)) {
            const word w = read_word(&lists->to, at);
            int may_begin = !(w.all & RF_OTHER) || c == '0';
            if (!going_on && may_begin && !(first_in_line && is_address(&lists->to, at, w.end))) {
                size_t behind = behind_few(&lists->to, at, &first_in_line);
                if (behind) {
                    at = behind;
                    continue;
                }
            }
            if (going_on || may_begin) going_on = take_word(lists, count, at, w.number_end, w.all, first_in_line);
            first_in_line = 0;
            at = w.end;
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
    else if (spelling == RF_BASE32) rf_spell_base32(&s);
    else if (spelling == RF_UUENCODED) rf_spell_uuencoded(&s);
    else if (spelling == RF_ROWS) rf_spell_rows(&s);
    else if (spelling == RF_UNFOLDED) rf_spell_unfolded(&s);
    else rf_spelled_lists(text, size, &list, 1);
    return s.written + list.written;
}
