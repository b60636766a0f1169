/* What is a row of bytes at the end of a line: numbers with one sign between them, a word of base64 or hexadecimal, a literal of escapes. */
#include "spell/spell_tail.h"

#include "spell/spell_runs.h"

enum {
    BEHIND = 24,  /* characters behind a literal, at most: where it is written to */
    ESCAPED = 8,  /* of so many characters of a literal one at least begins an escape of a byte */
    WORD = 16,    /* letters of a row that is one word */
    VALUE = 4,    /* numbers of a row that others stand behind */
    GROUP = 4,    /* letters of base64 that go together */
    ATTACHED = 1 << 8, /* of a sign: no blank is behind it */
};

/* What may stand behind a row. */
static const uint8_t closes[256] = {
    [' '] = 1, ['\t'] = 1, ['\r'] = 1, [','] = 1, [';'] = 1, [':'] = 1, [']'] = 1, [')'] = 1, ['}'] = 1, ['"'] = 1, ['\''] = 1, ['\\'] = 1,
};

static size_t without_blanks(const rf_spell *s, size_t from, size_t end) {
    while (end > from && rf_is_blank(s->text[end - 1])) end--;
    return end;
}

/* The end of the line without what may stand behind a row; a plus there stands apart, or behind a quote. */
static size_t without_end(const rf_spell *s, size_t from, size_t end) {
    while (end > from) {
        const unsigned c = s->text[end - 1];
        if (!closes[c] && !(c == '+' && end - from > 1 && (rf_is_blank(s->text[end - 2]) || rf_is_quote(s->text[end - 2])))) break;
        end--;
    }
    return end;
}

/* Whether a word is a byte: `48`, `0x30`, `030h`, `3f`, `060`, `00110000`. */
static int is_byte(const uint8_t *at, size_t size) {
    const int marked = size > 2 && at[0] == '0' && (at[1] | 32) == 'x';
    if (marked) return size <= 4 && rf_are_digits(at + 2, size - 2, 16);
    if (size > 1 && size <= 5 && (at[size - 1] | 32) == 'h') return rf_are_digits(at, size - 1, 16);
    if (size == 8) return rf_are_digits(at, size, 2);
    return size && size <= 3 && (rf_are_digits(at, size, 10) || (size == 2 && rf_are_digits(at, size, 16)));
}

/* The numbers before `end` that have the same between them. */
static rf_tail_row numbers(const rf_spell *s, size_t line, size_t end) {
    rf_tail_row r = {.start = end, .end = end};
    unsigned between = 0;
    for (size_t at = end;;) {
        size_t first = at, gap;
        while (first > line && at - first <= WORD && rf_is_name(s->text[first - 1])) first--;
        if (!is_byte(s->text + first, at - first)) break;
        if (first > line && s->text[first - 1] == '-' && (first - 1 == line || !rf_is_name(s->text[first - 2]))) first--;
        gap = without_blanks(s, line, first);
        const unsigned before = gap > line ? s->text[gap - 1] : '\n', sign = before && strchr(",;:-", (int)before) ? before : ' ';
        const unsigned now = sign | (gap == first ? ATTACHED : 0);
        if (now == (' ' | ATTACHED) && before && strchr("./+_%#@", (int)before)) break; /* a part of something else */
        if (r.numbers > 0 && now != between && sign != ' ' && gap == first && gap - line > 1 && rf_is_digit(s->text[gap - 2])) break; /* of a time */
        r.start = first, r.numbers++;
        if ((r.numbers > 1 && now != between) || now == (' ' | ATTACHED) || gap == line) break;
        between = now;
        at = sign == ' ' ? gap : gap - 1;
    }
    if (r.numbers) r.kind = RF_NUMBERS, r.begins = r.numbers > 1;
    return r;
}

/* Letters of base64 in either alphabet. */
static int is_letter(unsigned c) { return rf_base64_letters[c] != 0; }

/* The word before `end`: base64 in either alphabet, or hexadecimal. */
rf_tail_row rf_tail_letters(const rf_spell *s, size_t line, size_t end, unsigned going) {
    size_t first = end, padding = 0;
    /* Most words are short, and none of these. */
    const int is_short = end - line < WORD || !is_letter(s->text[end - WORD / 2]) || !is_letter(s->text[end - WORD]);
    if (is_short && !(going & 1u << RF_LETTERS) && s->text[end - 1] != '=') return (rf_tail_row){0};
    while (first > line && padding < 2 && s->text[first - 1] == '=') first--, padding++;
    while (first > line && is_letter(s->text[first - 1])) first--;
    const size_t size = end - first;
    const int padded = padding && size % GROUP == 0;
    const int whole = padded || (size % GROUP == 0 && size < RF_LINE && !rf_are_digits(s->text + first, size, 16));
    return (rf_tail_row){.start = first, .end = end, .kind = size ? RF_LETTERS : RF_NO_TAIL, .begins = padded || size >= WORD, .padded = padded, .whole = whole};
}

/* Whether enough of a literal are escapes of bytes. */
static int has_bytes(const rf_spell *s, size_t from, size_t end) {
    size_t count = 0;
    for (size_t at = from; at + 1 < end; at++) {
        if (s->text[at] != '\\') continue;
        const unsigned c = s->text[++at];
        count += (c | 32) == 'x' || (c | 32) == 'u' || rf_is_octal(c);
    }
    return count * ESCAPED >= end - from && count > 0;
}

/* Whether a literal begins behind `at`, of which the end is that quote; without one whichever there is. */
static int is_opened(const rf_spell *s, size_t line, size_t at, unsigned quote) {
    const unsigned c = s->text[at];
    return !c || (rf_is_quote(c) && (c == quote || quote == '\\') && !rf_is_escaped(s, line, at));
}

/* The last literal of a line; one that goes on in the next line ends with a backslash, and may begin in one before. */
static rf_tail_row literal(const rf_spell *s, size_t line, size_t end) {
    end = without_blanks(s, line, end);
    const int goes_on = end > line && s->text[end - 1] == '\\' && !rf_is_escaped(s, line, end - 1);
    size_t close = goes_on ? without_blanks(s, line, end - 1) : end;
    const size_t floor = close - line > BEHIND ? close - BEHIND : line;
    const int quoted = close > line && rf_is_quote(s->text[close - 1]);
    if (goes_on && !quoted) {
        close = end - 1;
    } else {
        while (close > floor && (!rf_is_quote(s->text[close - 1]) || rf_is_escaped(s, line, close - 1))) close--;
        if (close == floor) return (rf_tail_row){0};
        close--;
    }
    const unsigned quote = s->text[close];
    size_t start = close;
    while (start > line && !is_opened(s, line, start - 1, quote)) start--;
    if (start == line || !s->text[start - 1])
        while (start < close && rf_is_blank(s->text[start])) start++;
    return (rf_tail_row){.start = start, .end = close, .kind = start < close ? RF_LITERAL : RF_NO_TAIL, .begins = has_bytes(s, start, close)};
}

rf_tail_row rf_tail_member(const rf_spell *s, size_t line, size_t *end, size_t least) {
    while (*end > line) {
        const size_t close = (*end)--;
        if (s->text[close - 1] != '"' && s->text[close - 1] != ']') continue;
        rf_tail_row r = numbers(s, line, without_end(s, line, close));
        if (r.numbers < least) continue;
        r.begins = r.numbers >= VALUE; /* fewer may be a time */
        return r;
    }
    return (rf_tail_row){0};
}

rf_tail_row rf_tail_of(const rf_spell *s, size_t line, size_t end, unsigned going) {
    rf_tail_row one = {0};
    if (going & 1u << RF_LITERAL || memchr(s->text + line, '\\', end - line)) one = literal(s, line, end);
    if (one.begins) return one;
    const size_t close = without_end(s, line, end);
    if (close == line) return one;
    size_t from = end;
    rf_tail_row r = rf_tail_is_object(s, line, end) ? rf_tail_member(s, line, &from, VALUE) : (rf_tail_row){0};
    if (r.begins) return r;
    const unsigned last = s->text[close - 1];
    if (rf_hex_digit(last) >= 0 || (last | 32) == 'h') r = numbers(s, line, close);
    if (r.begins || one.kind) return r.begins ? r : one;
    return r.kind ? r : rf_tail_letters(s, line, close, going);
}
