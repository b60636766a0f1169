/* Tables in the widest sense: text in which the same separators come again and again, so that what lies between them is one cell of a
 * row each time. Numbers with their index or address before them, fields of JSON and XML, lines of a log, calls in a trace: what
 * they say of a secret lies apart in one column, and what stands between is the same, or counts. */
#include <string.h>

#include "spell/spell_list.h"

enum {
    ROW = 48, /* words of the longest row: an event of a stream has forty */
    BLOCK = 2048, /* words of a table of which it is asked together what they may be, and that are looked back at */
    PIECE = 7, /* bytes of the longest cell that is a piece of a text: longer ones are found as they are, */
    WORD = 32, /* and stand among such, as words of prose do, */
    OF_WORDS = 4, /* of so many cells one */
    QUOTED = 24, /* letters and marks of a piece between quotes, at most */
    NUMBER = 24, /* characters of the longest cell that is a number */
    CHARACTERS = 24, /* of the numbers of a column that is worth a look */
    LETTER = 64, /* the smallest letter */
    BYTES = 32, /* in a row, among larger numbers, that are worth a look */
    LONG = 7, /* digits of a word of 32 bits */
    CHANGES = 2, /* from one cell to the next, at least: of three rows */
    SECRET = 12 /* bytes of one at least, beside what is the same */
};

typedef rf_cell word;

typedef struct table {
    rf_spell *to;
    size_t seen;              /* words */
    size_t first;             /* word of the table that is open */
    size_t period;            /* words of its rows; 0: none is open */
    uint16_t last[ROW];       /* what stood before the words until now, the last one first */
    uint16_t run[ROW];        /* for how many words that has been as it was a row of 1, 2, ... before */
    word *cells; /* all of them, by their number: what is written of a secret may be as long as the text */
} table;

/* A number in a cell, without the letters that may stand before and behind it. */
typedef struct core {
    uint32_t start, end;
} core;

static word cell(const table *t, size_t index) { return t->cells[index]; }

static int is_number_letter(unsigned c) { return rf_word_kind(c) && !(rf_word_kind(c) & (RF_OTHER | RF_MARK)); }

/* Of a few bytes, mostly. */
static int same(const rf_spell *s, uint32_t one, uint32_t other, uint32_t size) {
    uint32_t i = 0;
    while (i < size && s->text[one + i] == s->text[other + i]) i++;
    return i == size;
}

/* The number in a cell; empty where there is none. */
static core core_of(const rf_spell *s, word w) {
    core none = {0, 0}, found = {w.start, w.end};
    if (w.end - w.start > NUMBER) return none;
    if (s->text[w.start] != '-')
        while (found.start < w.end && !is_number_letter(s->text[found.start])) found.start++;
    if (found.start == w.end) return none;
    uint32_t at = found.start + (s->text[found.start] == '-');
    if (w.end - at > 2 && s->text[at] == '0' && (s->text[at + 1] | 32) == 'x') at += 2;
    for (found.end = at; found.end < w.end && is_number_letter(s->text[found.end]);) found.end++;
    return found.end > at ? found : none;
}

/* Whether a cell is a number between the same letters as that of another cell. */
static int alike(const rf_spell *s, word one, core a, word other) {
    core b = core_of(s, other);
    return a.end && b.end && a.start - one.start == b.start - other.start && one.end - a.end == other.end - b.end &&
           same(s, one.start, other.start, a.start - one.start) && same(s, a.end, b.end, one.end - a.end);
}

static uint64_t value_of(const rf_spell *s, word w) {
    core c = core_of(s, w);
    uint64_t decimal = 0, hex = 0;
    int is_hex = 0;
    for (uint32_t at = c.start; at < c.end; at++) {
        int digit = rf_hex_digit(s->text[at]);
        is_hex |= (s->text[at] | 32) == 'x';
        if (digit < 0) continue;
        is_hex |= digit > 9;
        decimal = decimal * 10 + (uint64_t)digit;
        hex = hex << 4 | (uint64_t)digit;
    }
    return is_hex ? hex : decimal;
}

/* A column: from the cell `from` to before `to`, each `step`th. */
typedef struct column {
    size_t from, to, step;
} column;

/* Whether numbers go up or down evenly: an index, or a place. */
static int counts(const table *t, column c) {
    const rf_spell *s = t->to;
    if (c.from + 2 * c.step >= c.to) return 0;
    uint64_t first = value_of(s, cell(t, c.from + c.step)), by = first - value_of(s, cell(t, c.from));
    for (size_t at = c.from + 2 * c.step; at < c.to; at += c.step) {
        uint64_t next = value_of(s, cell(t, at));
        if (next - first != by) return 0;
        first = next;
    }
    return 1;
}

/* Whether numbers may be bytes or words of a secret: small ones, all or as many in a row as a secret has, of which some are as large as a
 * letter; or words are long, be it of all or of as many as a secret has; or digits of hexadecimal are among them. */
static int may_be_secret(const table *t, column c) {
    const rf_spell *s = t->to;
    size_t digits = 0, cells = 0, hex = 0, of_long = 0, small = 0, of_bytes = 0;
    uint64_t most = 0;
    for (size_t at = c.from; at < c.to; at += c.step, cells++) {
        core one = core_of(s, cell(t, at));
        uint64_t value = value_of(s, cell(t, at));
        digits += one.end - one.start;
        of_long += one.end - one.start < LONG ? 0 : one.end - one.start;
        if (value > UINT8_MAX)
            small = 0, most = 0;
        else
            small++, most = value > most ? value : most;
        if (small >= BYTES && most >= LETTER)
            of_bytes = 1;
        for (uint32_t i = one.start; i < one.end && !hex; i++) hex = s->text[i] != '-' && s->text[i] - '0' > 9;
    }
    return hex || of_bytes || (small == cells && most >= LETTER) || digits >= cells * LONG || of_long >= CHARACTERS;
}

/* Bytes of a secret that a cell may hold: as letters, or as a number of three digits for each. */
static uint32_t weight(const rf_spell *s, word w) {
    uint32_t size = w.end - w.start;
    return s->text[w.start] >= '0' && s->text[w.start] <= '9' ? (size + 2) / 3 : size;
}

/* Whether three of four cells, of all or of as many as a secret has at least, are another one than the one before. Beside those others may
 * be the same: zeros before and behind a key. */
static int varies(const table *t, column c) {
    size_t all = 0, pairs = 0, changes = 0, bytes = 0; /* the last two of the cells since the first that is another one */
    int64_t more = 0;                                  /* a change for each, and three less for each pair that is the same */
    word one = cell(t, c.from), other;
    for (size_t at = c.from + c.step; at < c.to; at += c.step, pairs++, one = other) {
        other = cell(t, at);
        const uint32_t size = other.end - other.start;
        if (one.end - one.start == size && same(t->to, one.start, other.start, size)) {
            more -= 3;
            if (more < 0) changes = 0, more = 0;
        } else {
            if (!changes) bytes = weight(t->to, one);
            all++, changes++, more++;
        }
        if (!changes) continue;
        bytes += weight(t->to, other);
        if (changes >= CHANGES && bytes >= SECRET) return 1;
    }
    return pairs && 4 * all >= 3 * pairs;
}

static int has_room(const table *t, size_t size)
{
    return t->to->written + size + RF_APART <= (size_t)RF_COLUMNS_TIMES * cell(t, t->seen - 1).end;
}

static void put(rf_spell *s, uint32_t from, uint32_t to) {
    for (; from < to; from++) rf_spell_put(s, s->text[from], from);
}

static void put_numbers(table *t, column c) {
    size_t size = 0, start = t->to->written, cells = 0;
    for (size_t at = c.from; at < c.to; at += c.step, cells++) {
        core one = core_of(t->to, cell(t, at));
        size += one.end - one.start;
    }
    if (size < CHARACTERS || !has_room(t, size + cells)) return;
    for (size_t at = c.from; at < c.to; at += c.step) {
        core one = core_of(t->to, cell(t, at));
        put(t->to, one.start, one.end);
        rf_spell_put(t->to, ' ', one.end - 1);
    }
    rf_spell_close(t->to, start, t->to->origins ? t->to->origins[t->to->written - 1] : 0);
}

/* Which numbers of a column are to be written. */
typedef enum which { NONE, ALL, FIRSTS, SECONDS } which;

/* Not those that count; where each second one counts, those between them. */
static which which_of(const table *t, column c)
{
    column firsts = {c.from, c.to, 2 * c.step}, seconds = {c.from + c.step, c.to, 2 * c.step};
    return counts(t, c) ? NONE : counts(t, firsts) ? SECONDS : counts(t, seconds) ? FIRSTS : ALL;
}

static void put_which(table *t, column c, which wanted)
{
    if (wanted == NONE)
        return;
    if (wanted == SECONDS)
        c.from += c.step;
    if (wanted != ALL)
        c.step *= 2;
    if (may_be_secret(t, c)) put_numbers(t, c);
}

/* The end of the block that begins there: words of a table of any length are judged like those around them, and written as one. The last
 * block is longer, so that no few cells are judged by themselves. */
static size_t block_end(column c, size_t from)
{
    size_t size = BLOCK / c.step / 2 * 2 * c.step; /* an even count of cells */
    return from + 2 * size > c.to ? c.to : from + size;
}

static void numbers(table *t, column c)
{
    column open = {c.from, c.from, c.step};
    which wanted = NONE;
    for (size_t end; open.to < c.to; open.to = end) {
        end = block_end(c, open.to);
        which next = which_of(t, (column){open.to, end, c.step});
        if (next == wanted)
            continue;
        put_which(t, open, wanted);
        open.from = open.to;
        wanted = next;
    }
    put_which(t, open, wanted);
}

static void pieces(table *t, column c) {
    size_t size = 0, start = t->to->written;
    for (size_t at = c.from; at < c.to; at += c.step) size += cell(t, at).end - cell(t, at).start;
    if (size < RF_LEAST || !has_room(t, size)) return;
    for (size_t at = c.from; at < c.to; at += c.step) put(t->to, cell(t, at).start, cell(t, at).end);
    rf_spell_close(t->to, start, t->to->origins ? t->to->origins[t->to->written - 1] : 0);
}

/* Whether cells may be pieces of a text: few are long, and none is very long. */
static int are_short(const table *t, column c)
{
    size_t cells = 0, of_words = 0;
    for (size_t at = c.from; at < c.to; at += c.step, cells++) {
        const uint32_t size = cell(t, at).end - cell(t, at).start;
        if (size > WORD)
            return 0;
        of_words += size > PIECE;
    }
    return of_words * OF_WORDS <= cells;
}

static void texts(table *t, column c)
{
    /* What stands before the first separator may be no cell. */
    if (cell(t, c.from).end - cell(t, c.from).start > PIECE)
        c.from += c.step;
    column open = {c.from, c.from, c.step};
    for (size_t at = c.from, end; at < c.to; at = end) {
        end = block_end(c, at);
        if (are_short(t, (column){at, end, c.step})) {
            open.to = end;
            continue;
        }
        pieces(t, open);
        open.from = open.to = end;
    }
    pieces(t, open);
}

/* Numbers, as far as they stand between the same letters; where others are among them, all as pieces of a text as well. */
static void take_column(table *t, column c) {
    const rf_spell *s = t->to;
    if (!varies(t, c)) return;
    for (size_t at = c.from, end; at < c.to; at = end) {
        const word first = cell(t, at);
        const core number = core_of(s, first);
        for (end = at + c.step; number.end && end < c.to && alike(s, first, number, cell(t, end));)
            end += c.step;
        if (number.end && at + 2 * c.step < end)
            numbers(t, (column){at, end, c.step});
        if (number.end && end >= c.to && at <= c.from + c.step)
            return; /* but for the first: it may be no cell */
    }
    texts(t, c);
}

static void close_table(table *t, size_t end) {
    size_t first = t->first, period = t->period;
    t->period = 0;
    for (size_t i = 0; i < period; i++)
        if (first + i + 2 * period < end) take_column(t, (column){first + i, end, period});
}

/* Separators that have come again, of rows of 1, 2, ... words: three rows. One separator alone between all words is no table. */
static const uint16_t enough[ROW] = {
    UINT16_MAX, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54,
    56, 58, 60, 62, 64, 66, 68, 70, 72, 74, 76, 78, 80, 82, 84, 86, 88, 90, 92, 94, 96,
};

/* Opens the table of the shortest rows. */
static void look(table *t) {
    for (size_t period = t->run[0] / 2 + 2; period <= ROW && !t->period; period++) {
        size_t run = t->run[period - 1], back = run + period;
        if (run <= enough[period - 1]) continue;
        if (back > BLOCK)
            back = BLOCK;
        t->period = period;
        t->first = t->seen - 1 > back ? t->seen - 1 - back : 0;
    }
}

/* How long for what stands before this word has been as it was, for rows of each length. Gives whether a table may be there. */
static int compare(table *t, uint16_t separator) {
    uint16_t ready = 0;
    for (unsigned i = 0; i < ROW; i++) {
        uint16_t next = (uint16_t)(t->run[i] + (t->run[i] != UINT16_MAX));
        t->run[i] = t->last[i] == separator ? next : 0;
        ready |= (uint16_t)(t->run[i] > enough[i]);
    }
    memmove(t->last + 1, t->last, sizeof t->last - sizeof *t->last);
    t->last[0] = separator;
    return ready;
}

static void take_word(table *t, uint32_t start, uint32_t end, uint16_t separator) {
    int ready = compare(t, separator);
    if (t->period && !t->run[t->period - 1])
        close_table(t, t->seen);
    t->cells[t->seen++] = (word){start, end};
    if (ready && !t->period) look(t);
}

static int is_mark(unsigned c) { return c && strchr("_-+/=.", (int)c) != NULL; }

/* Where a piece ends that begins behind the quote at `at`, of letters and marks of tokens up to the same quote; `at`: there is none with
 * marks, or the quote ends a piece. */
static size_t behind_quoted(const rf_spell *s, size_t at) {
    const unsigned quote = s->text[at], before = at > 0 ? s->text[at - 1] : 0;
    size_t end = at + 1, marks = 0;
    if ((quote != '"' && quote != '\'') || rf_word_kind(before) != RF_SEPARATES || is_mark(before)) return at;
    for (; end < s->size && end - at <= QUOTED; end++) {
        if (rf_word_kind(s->text[end]) != RF_SEPARATES) continue;
        if (!is_mark(s->text[end])) break;
        marks++;
    }
    return marks && end < s->size && s->text[end] == quote ? end : at;
}

size_t rf_spelled_columns(const uint8_t *text, size_t size, rf_cell *cells, uint8_t *out, uint32_t *origins)
{
    rf_spell spell = {.text = text, .size = size, .out = out, .origins = origins}, *s = &spell;
    table t = {.to = s, .cells = cells};
    uint32_t separator = 0;
    for (size_t at = 0, behind = 0, quoted = 0; at < s->size;) {
        unsigned c = s->text[at];
        int negative = c == '-' && at > behind && at + 1 < s->size && (unsigned)(s->text[at + 1] - '0') < 10u;
        if (!negative && rf_word_kind(c) == RF_SEPARATES) {
            if (c != ' ' && c != '\t' && c != '\r') separator = separator * 31 + c;
            if (c == 0) {
                if (t.period) close_table(&t, t.seen);
                memset(t.run, 0, sizeof t.run);
            }
            quoted = behind_quoted(s, at++);
            if (quoted < at) continue;
        }
        size_t start = quoted > at ? at : at++;
        while (at < quoted || (at < s->size && rf_word_kind(s->text[at]) != RF_SEPARATES)) at++;
        take_word(&t, (uint32_t)start, (uint32_t)at, (uint16_t)(separator ^ separator >> 16));
        separator = 0;
        behind = at;
    }
    if (t.period) close_table(&t, t.seen);
    return s->written;
}
