/* Where tables begin and end: words of a text, and what stands between them; and letters that stand apart one by one. */
#include <string.h>

#include "spell/spell_table.h"

enum {
    QUOTED = 24, /* letters and marks of a piece between quotes, at most */
    ESCAPE = 6   /* of the longest escape */
};

static void close_table(rf_table *t, size_t end) {
    size_t first = t->first, period = t->period;
    t->period = 0;
    rf_mark_lines(t, first);
    for (size_t i = 0; i < period; i++)
        if (first + i + 2 * period < end) rf_take_column(t, (rf_column){first + i, end, period});
}

/* Separators that have come again, of rows of 1, 2, ... words: three rows. One separator alone between all words is no table. */
static const uint16_t enough[RF_ROW] = {
    UINT16_MAX, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54,
    56, 58, 60, 62, 64, 66, 68, 70, 72, 74, 76, 78, 80, 82, 84, 86, 88, 90, 92, 94, 96,
};

/* Opens the table of the shortest rows. */
static void look(rf_table *t) {
    for (size_t period = t->run[0] / 2 + 2; period <= RF_ROW && !t->period; period++) {
        size_t run = t->run[period - 1], back = run + period;
        if (run <= enough[period - 1]) continue;
        if (back > RF_BLOCK)
            back = RF_BLOCK;
        t->period = period;
        t->first = t->seen - 1 > back ? t->seen - 1 - back : 0;
    }
}

/* How long for what stands before this word has been as it was, for rows of each length. Gives whether a table may be there. */
static int compare(rf_table *t, uint16_t separator) {
    uint16_t ready = 0;
    for (unsigned i = 0; i < RF_ROW; i++) {
        uint16_t next = (uint16_t)(t->run[i] + (t->run[i] != UINT16_MAX));
        t->run[i] = t->last[i] == separator ? next : 0;
        ready |= (uint16_t)(t->run[i] > enough[i]);
    }
    memmove(t->last + 1, t->last, sizeof t->last - sizeof *t->last);
    t->last[0] = separator;
    return ready;
}

/* One letter, or an escape of one. */
static int is_single(const rf_spell *s, rf_cell w) { return w.end - w.start == 1 || (s->text[w.start] == '\\' && w.end - w.start <= ESCAPE); }

/* Letters that stand apart one by one, in the same way: one of them at least is no digit. No table has rows of one word. */
static void close_singles(rf_table *t)
{
    const rf_column c = {t->seen - t->singles, t->seen, 1};
    unsigned kinds = 0;
    for (size_t at = c.from; at < c.to; at++) kinds |= rf_word_kind(t->to->text[rf_cell_at(t, at).start]);
    if (t->singles >= RF_LEAST && (kinds & (RF_OTHER | RF_MARK))) rf_take_pieces(t, c);
    t->singles = 0;
}

static void take_single(rf_table *t, rf_cell w, uint16_t separator)
{
    /* What stands before the first one may be anything. */
    const int goes_on = separator && (t->singles == 1 || (t->singles && separator == t->last[0])), single = is_single(t->to, w);
    if (t->singles && !(single && goes_on)) close_singles(t);
    t->singles = single ? t->singles + 1 : 0;
}

static void take_word(rf_table *t, rf_cell w, uint16_t separator) {
    take_single(t, w, separator);
    int ready = compare(t, separator);
    if (t->period && !t->run[t->period - 1])
        close_table(t, t->seen);
    t->cells[t->seen++] = w;
    if (ready && !t->period) look(t);
}

static int is_one_of(const char *set, unsigned c) { return c && strchr(set, (int)c) != NULL; }

static int is_mark(unsigned c) { return is_one_of("_-+/=.", c); }

/* Where a piece ends that begins behind the quote at `at`, of letters, marks of tokens, blanks and escapes up to the same quote, or of one sign
 * of any kind; `at`: there is none that is more than a word, or the quote ends a piece, the last one of which ends at `behind`. */
static size_t behind_quoted(const rf_spell *s, size_t at, size_t behind) {
    const unsigned quote = s->text[at], before = at > 0 ? s->text[at - 1] : 0;
    size_t end = at + 1, marks = 0;
    if (at == behind || rf_word_kind(before) != RF_SEPARATES || is_mark(before)) return at;
    for (; end < s->size && end - at <= QUOTED; end++) {
        const unsigned c = s->text[end], next = end + 1 < s->size ? s->text[end + 1] : 0;
        if (rf_word_kind(c) != RF_SEPARATES) continue;
        const int alone = end == at + 1 && next == quote;
        if (c == quote || c < ' ' || !(is_mark(c) || c == ' ' || c == '\\' || alone)) break;
        end += c == '\\' && next >= ' ';
        marks++;
    }
    return marks && end < s->size && s->text[end] == quote ? end : at;
}

/* Whether the sign at `at` is an element of a list by itself, though it separates words elsewhere: between commas, where blanks and breaks of
 * lines may be some as well, between marks of XML, or all that a line has, or has behind a dash, an arrow or a colon. */
static int is_element(const rf_spell *s, size_t at) {
    const unsigned next = s->text[at + 1], c = s->text[at], before = s->text[at - 1], first = before == ' ' && at > 1 ? s->text[at - 2] : 0;
    if (before == '\n') return next == '\n' && is_mark(c);
    if (next == '<') return before == '>' && is_mark(c);
    if (next == '\n') return is_one_of("->:", first) && is_mark(c);
    if (is_one_of(",[{(", before)) return is_mark(c);
    return first == ',';
}

/* What may be an element, and what may stand behind one. */
enum { ELEMENT = 1, BEHIND = 2 };
static const uint8_t of_lists[256] = {
    ['_'] = ELEMENT, ['-'] = ELEMENT, ['+'] = ELEMENT, ['/'] = ELEMENT, ['='] = ELEMENT, ['.'] = ELEMENT, [' '] = ELEMENT, [':'] = ELEMENT,
    ['\n'] = ELEMENT | BEHIND, [','] = BEHIND, [']'] = BEHIND, ['}'] = BEHIND, [')'] = BEHIND, ['<'] = BEHIND,
};

static int may_be_element(const rf_spell *s, size_t at) {
    return (of_lists[s->text[at]] & ELEMENT) && at > 0 && at + 1 < s->size && (of_lists[s->text[at + 1]] & BEHIND);
}

/* Where a word ends whose letters go up to `at`: numbers have an exponent. */
static size_t behind_exponent(const rf_spell *s, size_t start, size_t at) {
    if ((s->text[at - 1] | 32) != 'e' || at + 1 == s->size) return at;
    if ((unsigned)(s->text[start] - '0') > 9u || (unsigned)(s->text[at + 1] - '0') > 9u) return at;
    for (at++; at < s->size && (unsigned)(s->text[at] - '0') <= 9u;) at++;
    return at;
}

size_t rf_spelled_columns(const uint8_t *text, size_t size, rf_cell *cells, rf_line *lines, uint8_t *out, uint32_t *origins)
{
    rf_spell spell = {.text = text, .size = size, .out = out, .origins = origins}, *s = &spell;
    rf_table t = {.to = s, .cells = cells, .lines = lines};
    uint32_t separator = 0;
    int breaks = 1;
    for (size_t at = 0, behind = 0, quoted = 0; at < s->size;) {
        unsigned c = s->text[at];
        int negative = c == '-' && at > behind && at + 1 < s->size && (unsigned)(s->text[at + 1] - '0') < 10u;
        if (!negative && rf_word_kind(c) == RF_SEPARATES && !(may_be_element(s, at) && is_element(s, at))) {
            if (c != ' ' && c != '\t' && c != '\r') separator = separator * 31 + c;
            breaks |= c == '\n' || c == 0 || (c == '{' && at > 0 && s->text[at - 1] == '}');
            if (c == 0) {
                if (t.period) close_table(&t, t.seen);
                memset(t.run, 0, sizeof t.run);
            }
            quoted = c == '"' || c == '\'' ? behind_quoted(s, at, behind) : at;
            at++;
            if (quoted < at) continue;
        }
        size_t start = quoted > at ? at : at++;
        while (at < quoted || (at < s->size && rf_word_kind(s->text[at]) != RF_SEPARATES)) at++;
        if (at < s->size && (s->text[at] == '-' || s->text[at] == '+') && quoted < at) at = behind_exponent(s, start, at);
        const rf_cell w = {(uint32_t)start, (uint32_t)at};
        take_word(&t, w, (uint16_t)(separator ^ separator >> 16));
        if (breaks) rf_begin_line(&t);
        else if (t.head.open) rf_go_on(&t, w, separator);
        if (t.head.open) rf_take_of_line(&t, w);
        separator = 0, breaks = 0;
        behind = at;
    }
    if (t.period) close_table(&t, t.seen);
    close_singles(&t);
    rf_take_shapes(&t);
    return s->written;
}
