/* What stands in one place of events: pieces of a text, bytes as numbers, or chunks that are each written in base64 by themselves. What all of the
 * cells begin and end with, up to a mark, is none of it: `data=P` and `"keypress P"` have a letter each. */
#include "spell/spell_event.h"
#include "spell/spell_runs.h"

enum {
    PIECE = 128,      /* bytes of the longest cell */
    MEAN = 31,        /* of all of them: identifiers have 32 and more */
    ROW = 64,         /* letters of a line of PEM, at least: of base64 in rows of one length cells may be as long as they are */
    DIGITS = 4,       /* of a byte as a number, with a sign or a mark */
    AGAIN = 3,        /* bytes of cells that come again in many lines, on average */
    SHORT = 8,        /* bytes of cells on average of which all but whole ones are too short to be found */
    GROUP = 4         /* letters of base64 that stand for whole bytes */
};

/* Of what the bytes of a cell are. */
enum { DECIMAL = 1, HEX = 2, LETTER = 4, BASE64 = 8, MARK = 16 };
static const uint8_t kinds[256] = {
    ['0' ... '9'] = DECIMAL | HEX | BASE64, ['a' ... 'f'] = HEX | LETTER | BASE64, ['A' ... 'F'] = HEX | LETTER | BASE64,
    ['g' ... 'w'] = LETTER | BASE64, ['x'] = HEX | LETTER | BASE64, ['y' ... 'z'] = LETTER | BASE64,
    ['G' ... 'S'] = LETTER | BASE64, ['T'] = BASE64, ['U' ... 'W'] = LETTER | BASE64, ['X'] = HEX | LETTER | BASE64, ['Y'] = LETTER | BASE64,
    ['Z'] = BASE64, ['+'] = BASE64 | MARK, ['/'] = BASE64 | MARK, ['-'] = DECIMAL | BASE64 | MARK, ['_'] = BASE64 | MARK, ['='] = MARK,
};

/* The cells of one place. T and Z are no letters of it: times have them. */
typedef struct place {
    rf_spell *to;
    const rf_cell *cells;
    const rf_log_line *lines;
    uint32_t line, rows, at;
    uint32_t same;           /* bytes that all begin with, */
    uint32_t before, behind; /* those of them up to a mark, and what all end with from a mark on */
} place;

static rf_cell cell_of(const place *p, uint32_t line) { return p->cells[p->lines[line].first + p->at]; }

static rf_cell stripped(const place *p, uint32_t line) {
    const rf_cell w = cell_of(p, line);
    return w.start == w.end ? w : (rf_cell){w.start + p->before, w.end - p->behind};
}

static int is_alnum(unsigned c) { return c - '0' < 10u || (c | 32u) - 'a' < 26u || c > 127; }

/* What all cells have in common, and whether they are to be put together: three of four differ from the one before, and few are long. */
static int look(place *p, int again) {
    const uint8_t *text = p->to->text;
    const rf_cell first = cell_of(p, p->line);
    uint32_t before = first.end - first.start, behind = before, least = before, bytes = 0, most = 0, differ = 0;
    rf_cell last = first;
    for (uint32_t line = p->line, n = 0; n < p->rows; n++, line = p->lines[line].go_on) {
        const rf_cell w = cell_of(p, line);
        const uint32_t size = w.end - w.start;
        if (size > PIECE) return 0;
        differ += n && !rf_same_cell(p->to, w, last);
        bytes += size, last = w;
        if (!size) continue;
        uint32_t i = 0;
        while (i < before && i < size && text[w.start + i] == text[first.start + i]) i++;
        before = i;
        for (i = 0; i < behind && i < size && text[w.end - 1 - i] == text[first.end - 1 - i];) i++;
        behind = i;
        if (size < least) least = size;
        if (size > most) most = size;
    }
    if (4 * differ < 3 * (p->rows - 1) || bytes < RF_LEAST) return 0;
    if (bytes > (size_t)MEAN * p->rows && (most < ROW || bytes + most < (size_t)most * p->rows)) return 0;
    p->same = before < least ? before : least;
    while (p->same && (unsigned)(text[first.start + p->same - 1] - '0') < 10u) p->same--;
    while (before && is_alnum(text[first.start + before - 1])) before--;
    if (behind > least - before) behind = least - before;
    while (behind && is_alnum(text[first.end - behind])) behind--;
    p->before = before, p->behind = behind;
    return !again || bytes - p->rows * (before + behind) <= p->rows * AGAIN;
}

/* What the bytes of all cells are, without those that all begin with (the name before a number), and how many cells end as base64 of
 * a few bytes does, with its padding or without. */
static unsigned kinds_of(const place *p, uint32_t *longest, uint32_t *chunks) {
    unsigned all = DECIMAL | HEX | BASE64, some = 0;
    for (uint32_t line = p->line, n = 0; n < p->rows; n++, line = p->lines[line].go_on) {
        const rf_cell w = stripped(p, line), whole = cell_of(p, line);
        const uint32_t size = whole.end - whole.start;
        *chunks += size && (p->to->text[whole.end - 1] == '=' ? size % GROUP == 0 : size % GROUP >= 2);
        const uint32_t start = w.start + p->same - p->before;
        if (start >= w.end) continue;
        if (w.end - start > *longest) *longest = w.end - start;
        for (uint32_t at = start; at < w.end; at++) {
            const unsigned kind = kinds[p->to->text[at]];
            all &= kind, some |= kind;
        }
    }
    return all | (some & (LETTER | MARK));
}

/* All cells, with `between` behind each unless that is 0. */
static void put_pieces(place *p, unsigned between) {
    const size_t start = p->to->written;
    uint32_t end = 1;
    for (uint32_t line = p->line, n = 0; n < p->rows; n++, line = p->lines[line].go_on) {
        const rf_cell w = stripped(p, line);
        for (uint32_t at = w.start; at < w.end; at++) rf_spell_put(p->to, p->to->text[at], at);
        if (w.end > w.start) end = w.end;
        if (between) rf_spell_put(p->to, between, end - 1);
    }
    rf_spell_close(p->to, start, end - 1);
}

/* The same from the last line to the first, where cells are short: a log may show its newest line first. Longer pieces are found as they are,
 * and letters one by one are found in either order. */
static void put_newest_first(place *p) {
    const size_t start = p->to->written;
    size_t size = 0;
    for (uint32_t line = p->line, n = 0; n < p->rows; n++, line = p->lines[line].go_on) size += stripped(p, line).end - stripped(p, line).start;
    if (size <= p->rows || size > (size_t)SHORT * p->rows) return;
    size_t behind = start + size;
    for (uint32_t line = p->line, n = 0; n < p->rows; n++, line = p->lines[line].go_on) {
        const rf_cell w = stripped(p, line);
        p->to->written = behind -= w.end - w.start;
        for (uint32_t at = w.start; at < w.end; at++) rf_spell_put(p->to, p->to->text[at], at);
    }
    p->to->written = start + size;
    rf_spell_close(p->to, start, stripped(p, p->line).end - 1);
}

/* What each cell spells in base64. Nothing where one is none. */
static void put_chunks(place *p) {
    const size_t start = p->to->written;
    uint32_t end = 1;
    for (uint32_t line = p->line, n = 0; n < p->rows; n++, line = p->lines[line].go_on) {
        const rf_cell w = cell_of(p, line);
        uint32_t bits = 0, count = 0;
        for (uint32_t at = w.start; at < w.end; at++, end = at) {
            const unsigned letter = rf_base64_letters[p->to->text[at]];
            if (!letter && p->to->text[at] == '=' && w.end - at < GROUP) break;
            if (!letter) {
                p->to->written = start;
                return;
            }
            bits = bits << 6 | (letter - 1);
            count += 6;
            if (count >= 8) rf_spell_put(p->to, bits >> (count -= 8) & 0xff, at);
        }
    }
    rf_spell_close(p->to, start, end - 1);
}

void rf_take_event_cells(rf_spell *s, const rf_cell *cells, const rf_log_line *lines, uint32_t line, uint32_t rows, uint32_t at, int again) {
    place p = {.to = s, .cells = cells, .lines = lines, .line = line, .rows = rows, .at = at};
    uint32_t longest = 0, chunks = 0;
    if (!look(&p, again)) return;
    const unsigned all = kinds_of(&p, &longest, &chunks);
    const int numbers = (all & (DECIMAL | HEX)) && longest <= DIGITS;
    if (!(all & LETTER) && longest > DIGITS) return; /* times, and what counts */
    if (numbers) put_pieces(&p, ' ');
    if (all & LETTER || !numbers) put_pieces(&p, 0), put_newest_first(&p);
    if (all & LETTER && 2 * chunks >= rows) put_chunks(&p);
}
