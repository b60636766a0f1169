/* Tables in the widest sense: text in which the same separators come again and again, so that what lies between them is one cell of a
 * row each time. Numbers with their index or address before them, fields of JSON and XML, lines of a log, calls in a trace: what
 * they say of a secret lies apart in one column, and what stands between is the same, or counts. */
#include <string.h>

#include "spell/spell_table.h"

enum {
    OF_WORDS = 4, /* of so many cells one */
    NUMBER = 24, /* characters of the longest cell that is a number */
    CHARACTERS = 24, /* of the numbers of a column that is worth a look */
    LETTER = 64, /* the smallest letter */
    BYTES = 32, /* in a row, among larger numbers, that are worth a look */
    LONG = 7, /* digits of a word of 32 bits */
    CHANGES = 2, /* from one cell to the next, at least: of three rows */
    TWICE = 8, /* pairs */
    SECRET = 12 /* bytes of one at least, beside what is the same */
};

/* A number in a cell, without the letters that may stand before and behind it. */
typedef struct core {
    uint32_t start, end;
} core;

static int is_number_letter(unsigned c) { return rf_word_kind(c) && !(rf_word_kind(c) & (RF_OTHER | RF_MARK)); }

/* Of a few bytes, mostly. */
static int same(const rf_spell *s, uint32_t one, uint32_t other, uint32_t size) {
    uint32_t i = 0;
    while (i < size && s->text[one + i] == s->text[other + i]) i++;
    return i == size;
}

/* The number in a cell; empty where there is none. */
static core core_of(const rf_spell *s, rf_cell w) {
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
static int alike(const rf_spell *s, rf_cell one, core a, rf_cell other) {
    core b = core_of(s, other);
    return a.end && b.end && a.start - one.start == b.start - other.start && one.end - a.end == other.end - b.end &&
           same(s, one.start, other.start, a.start - one.start) && same(s, a.end, b.end, one.end - a.end);
}

static uint64_t value_of(const rf_spell *s, rf_cell w) {
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

/* Whether numbers go up or down evenly: an index, or a place. */
static int counts(const rf_table *t, rf_column c) {
    const rf_spell *s = t->to;
    if (c.from + 2 * c.step >= c.to) return 0;
    uint64_t first = value_of(s, rf_cell_at(t, c.from + c.step)), by = first - value_of(s, rf_cell_at(t, c.from));
    for (size_t at = c.from + 2 * c.step; at < c.to; at += c.step) {
        uint64_t next = value_of(s, rf_cell_at(t, at));
        if (next - first != by) return 0;
        first = next;
    }
    return 1;
}

/* Whether numbers may be bytes or words of a secret: small ones, all or as many in a row as a secret has, of which some are as large as a
 * letter; or words are long, be it of all or of as many as a secret has; or digits of hexadecimal are among them. */
static int may_be_secret(const rf_table *t, rf_column c) {
    const rf_spell *s = t->to;
    size_t digits = 0, cells = 0, hex = 0, of_long = 0, small = 0, of_bytes = 0;
    uint64_t most = 0;
    for (size_t at = c.from; at < c.to; at += c.step, cells++) {
        core one = core_of(s, rf_cell_at(t, at));
        uint64_t value = value_of(s, rf_cell_at(t, at));
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
static uint32_t weight(const rf_spell *s, rf_cell w) {
    uint32_t size = w.end - w.start;
    return s->text[w.start] >= '0' && s->text[w.start] <= '9' ? (size + 2) / 3 : size;
}

/* Whether three of four cells, of all or of as many as a secret has at least, are another one than the one before. Beside those others may
 * be the same: zeros before and behind a key. */
int rf_varies(const rf_table *t, rf_column c) {
    size_t all = 0, pairs = 0, changes = 0, bytes = 0; /* the last two of the cells since the first that is another one */
    int64_t more = 0;                                  /* a change for each, and three less for each pair that is the same */
    rf_cell one = rf_cell_at(t, c.from), other;
    for (size_t at = c.from + c.step; at < c.to; at += c.step, pairs++, one = other) {
        other = rf_cell_at(t, at);
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

static int has_room(const rf_table *t, size_t size)
{
    return t->to->written + size + RF_APART <= (size_t)RF_COLUMNS_TIMES * rf_cell_at(t, t->seen - 1).end;
}

static void put(rf_spell *s, uint32_t from, uint32_t to) {
    for (; from < to; from++) rf_spell_put(s, s->text[from], from);
}

static void put_numbers(rf_table *t, rf_column c) {
    size_t size = 0, start = t->to->written, cells = 0;
    for (size_t at = c.from; at < c.to; at += c.step, cells++) {
        core one = core_of(t->to, rf_cell_at(t, at));
        size += one.end - one.start;
    }
    if (size < CHARACTERS || !has_room(t, size + cells)) return;
    for (size_t at = c.from; at < c.to; at += c.step) {
        core one = core_of(t->to, rf_cell_at(t, at));
        put(t->to, one.start, one.end);
        rf_spell_put(t->to, ' ', one.end - 1);
    }
    rf_spell_close(t->to, start, t->to->origins ? t->to->origins[t->to->written - 1] : 0);
}

/* Which numbers of a column are to be written. */
typedef enum which { NONE, ALL, FIRSTS, SECONDS } which;

/* Not those that count; where each second one counts, those between them. */
static which which_of(const rf_table *t, rf_column c)
{
    rf_column firsts = {c.from, c.to, 2 * c.step}, seconds = {c.from + c.step, c.to, 2 * c.step};
    return counts(t, c) ? NONE : counts(t, firsts) ? SECONDS : counts(t, seconds) ? FIRSTS : ALL;
}

static void put_which(rf_table *t, rf_column c, which wanted)
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
static size_t block_end(rf_column c, size_t from)
{
    size_t size = RF_BLOCK / c.step / 2 * 2 * c.step; /* an even count of cells */
    return from + 2 * size > c.to ? c.to : from + size;
}

static void numbers(rf_table *t, rf_column c)
{
    rf_column open = {c.from, c.from, c.step};
    which wanted = NONE;
    for (size_t end; open.to < c.to; open.to = end) {
        end = block_end(c, open.to);
        which next = which_of(t, (rf_column){open.to, end, c.step});
        if (next == wanted)
            continue;
        put_which(t, open, wanted);
        open.from = open.to;
        wanted = next;
    }
    put_which(t, open, wanted);
}

static int are_same(const rf_table *t, size_t one, size_t other)
{
    const rf_cell a = rf_cell_at(t, one), b = rf_cell_at(t, other);
    return a.end - a.start == b.end - b.start && same(t->to, a.start, b.start, a.end - a.start);
}

/* Whether pieces come twice each, as keys do that are typed and shown: so many pairs in a row, no two of them alike. */
static int come_twice(const rf_table *t, rf_column c)
{
    size_t pairs = 0;
    for (size_t at = c.from; at + c.step < c.to && pairs < TWICE; at += c.step) {
        if (!are_same(t, at, at + c.step))
            pairs = 0;
        else if (pairs && are_same(t, at, at - c.step))
            pairs = 0;
        else
            pairs++, at += c.step;
    }
    return pairs == TWICE;
}

/* All cells of a column, or of two side by side that are alike the first one. */
static void put_pieces(rf_table *t, rf_column c, int once)
{
    size_t size = 0, start = t->to->written;
    for (size_t at = c.from; at < c.to; at += c.step) size += rf_cell_at(t, at).end - rf_cell_at(t, at).start;
    if (size < RF_LEAST || !has_room(t, size)) return;
    for (size_t at = c.from; at < c.to; at += c.step) {
        put(t->to, rf_cell_at(t, at).start, rf_cell_at(t, at).end);
        if (once && at + c.step < c.to && are_same(t, at, at + c.step)) at += c.step;
    }
    rf_spell_close(t->to, start, t->to->origins ? t->to->origins[t->to->written - 1] : 0);
}

static void pieces(rf_table *t, rf_column c)
{
    put_pieces(t, c, 0);
    if (come_twice(t, c))
        put_pieces(t, c, 1);
}

/* Whether cells may be pieces of a text: few are long, and none is very long. */
static int are_short(const rf_table *t, rf_column c)
{
    size_t cells = 0, of_words = 0;
    for (size_t at = c.from; at < c.to; at += c.step, cells++) {
        const uint32_t size = rf_cell_at(t, at).end - rf_cell_at(t, at).start;
        if (size > RF_WORD)
            return 0;
        of_words += size > RF_PIECE;
    }
    return of_words * OF_WORDS <= cells;
}

void rf_take_pieces(rf_table *t, rf_column c)
{
    /* What stands before the first separator may be no cell. */
    if (rf_cell_at(t, c.from).end - rf_cell_at(t, c.from).start > RF_PIECE)
        c.from += c.step;
    rf_column open = {c.from, c.from, c.step};
    for (size_t at = c.from, end; at < c.to; at = end) {
        end = block_end(c, at);
        if (are_short(t, (rf_column){at, end, c.step})) {
            open.to = end;
            continue;
        }
        pieces(t, open);
        open.from = open.to = end;
    }
    pieces(t, open);
}

/* Numbers, as far as they stand between the same letters; where others are among them, all as pieces of a text as well. */
void rf_take_column(rf_table *t, rf_column c) {
    const rf_spell *s = t->to;
    if (!rf_varies(t, c)) {
        if (come_twice(t, c)) rf_take_pieces(t, c);
        return;
    }
    for (size_t at = c.from, end; at < c.to; at = end) {
        const rf_cell first = rf_cell_at(t, at);
        const core number = core_of(s, first);
        for (end = at + c.step; number.end && end < c.to && alike(s, first, number, rf_cell_at(t, end));)
            end += c.step;
        if (number.end && at + 2 * c.step < end)
            numbers(t, (rf_column){at, end, c.step});
        if (number.end && end >= c.to && at <= c.from + c.step)
            return; /* but for the first: it may be no cell */
    }
    rf_take_pieces(t, c);
}

