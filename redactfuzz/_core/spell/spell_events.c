/* Events: lines of one shape, whatever stands between them. A line is split into cells at double quotes, blanks and bars; lines with as many cells and the
 * same marks beside their quotes have one shape. Cells that come again in many of these lines may name a stream (a session, a thread, a program),
 * and what the others hold in one place is put together, of all lines and of those of each stream by itself. */
#include <string.h>

#include "spell/spell_event.h"

enum {
    LONG = 4096,      /* bytes of the longest line that is one event */
    CELLS = 64,       /* of a line, at most */
    ROWS = 4,         /* lines of a shape, at least */
    SLOTS = 1 << 13,  /* shapes that are open at once, and streams that are told apart */
    AGAIN = 4,        /* lines of a stream, on average */
    ALIKE = 3,        /* bytes with which cells begin alike */
    NAMES = 3         /* places of a line that may name its stream, at most: that of the fewest streams first */
};

/* What a byte is in a line. */
enum { BLANK = 1, QUOTE = 2, SIGN = 4 };
static const uint8_t kinds[256] = {
    ['\t'] = BLANK, ['\r'] = BLANK, [' '] = BLANK, ['|'] = BLANK, ['"'] = QUOTE, ['{'] = SIGN, ['}'] = SIGN, ['['] = SIGN, [']'] = SIGN, [':'] = SIGN, [','] = SIGN,
};

/* How lines of a shape are read. */
typedef struct events {
    rf_spell *to;
    rf_cell *cells;
    rf_log_line *lines;
    size_t count;
    size_t since;          /* the first one of this text: over zeros no shape goes on, since behind them may be another file */
    uint32_t slots[SLOTS]; /* a line each, and one more; 0 is none */
} events;

/* Where the piece between quotes ends that begins at `at`; `end`: nowhere. */
static size_t behind_quoted(const uint8_t *text, size_t at, size_t end) {
    for (; at < end && text[at] != '"'; at++) at += text[at] == '\\';
    return at < end ? at : end;
}

/* The cells of a line, which are written to `cells` unless that is NULL; more than CELLS are none. Marks of JSON beside a quote are none, but of
 * its shape. */
static size_t split(const uint8_t *text, size_t at, size_t end, rf_cell *cells, uint32_t *shape) {
    size_t count = 0;
    uint32_t marks = 0;
    int behind = 0; /* whether a quote stands right before it */
    while (at < end) {
        const unsigned kind = kinds[text[at]];
        if (kind & BLANK) {
            at++, behind = 0;
            continue;
        }
        size_t start = at, stop;
        if (kind & QUOTE && (stop = behind_quoted(text, at + 1, end)) < end) {
            start++, at = stop + 1, behind = 1;
        } else {
            unsigned only = SIGN;
            do only &= kinds[text[at++]];
            while (at < end && !(kinds[text[at]] & (BLANK | QUOTE)));
            const int beside = behind || (at < end && text[at] == '"');
            stop = at, behind = 0;
            if (only && beside) {
                for (; start < stop; start++) marks = (marks ^ text[start]) * 0x9e3779b1u;
                continue;
            }
        }
        if (count == CELLS) return 0;
        if (cells) cells[count] = (rf_cell){(uint32_t)start, (uint32_t)stop};
        count++;
    }
    *shape = (marks ^ (uint32_t)count) * 0x9e3779b1u;
    return count;
}

/* Whether a line may be an event: source and prose are indented, of events only objects of JSON over several lines, and what is numbered. */
static int may_be_event(const uint8_t *text, size_t at, size_t end) {
    if (text[at] != ' ' && text[at] != '\t') return 1;
    while (at < end && (text[at] == ' ' || text[at] == '\t')) at++;
    return at < end && (kinds[text[at]] & (QUOTE | SIGN) || (text[at] >= '0' && text[at] <= '9'));
}

/* A line is noted, and hung behind the last one of its shape. */
static void take_line(events *e, size_t at, size_t end) {
    uint32_t shape;
    if (end - at < RF_LOG_LINE_LEAST || end - at > LONG || !may_be_event(e->to->text, at, end)) return;
    const size_t cells = split(e->to->text, at, end, NULL, &shape);
    if (cells < 2) return;
    uint32_t *slot = e->slots + (shape >> 8) % SLOTS;
    const uint32_t here = (uint32_t)e->count++;
    rf_log_line *line = e->lines + here, *first = *slot > e->since ? e->lines + *slot - 1 : NULL;
    *line = (rf_log_line){.start = (uint32_t)at, .end = (uint32_t)end, .shape = shape, .cells = (uint32_t)cells, .last = here};
    if (first && first->shape == shape && first->cells == cells) {
        e->lines[first->last].next = here;
        first->last = here, first->rows++;
    } else
        *slot = here + 1, line->rows = 1;
}

/* The objects of a line of JSON that has several are lines each. */
static void take_objects(events *e, size_t at, size_t end) {
    const uint8_t *text = e->to->text;
    for (size_t from = at; from < end;) {
        const uint8_t *found = memchr(text + from, '{', end - from);
        if (!found) break;
        size_t next = (size_t)(found - text), before = next;
        while (before > at && next - before < 2 && (text[before - 1] == ',' || text[before - 1] == ' ')) before--;
        if (before > at && text[before - 1] == '}') take_line(e, at, before), at = next;
        from = next + 1;
    }
    take_line(e, at, end);
}

static void take_lines(events *e) {
    const uint8_t *text = e->to->text;
    const size_t size = e->to->size;
    for (size_t at = 0, end; at < size; at = end + 1) {
        const uint8_t *found = memchr(text + at, '\n', size - at);
        end = found ? (size_t)(found - text) : size;
        const uint8_t *zero = memchr(text + at, 0, end - at);
        if (zero) { /* the last line of a text that another one follows */
            if (at) take_objects(e, at, (size_t)(zero - text));
            for (at = end; text[at - 1];) at--;
            e->since = e->count;
        }
        if (found || !zero) take_objects(e, at, end);
    }
}

static uint32_t hash_of(const rf_spell *s, rf_cell w) {
    uint32_t hash = w.end - w.start;
    for (uint32_t at = w.start; at < w.end; at++) hash = (hash ^ s->text[at]) * 0x01000193u;
    return hash ^ hash >> 15;
}

/* Tells the streams of a shape apart by the cell `place` of its lines, and hangs the lines of each one behind the other. Gives how many there are;
 * 0: more than `most`. */
static size_t streams(events *e, uint32_t head, uint32_t place, size_t most) {
    size_t count = 0, slots = 2 * ROWS;
    while (slots < 2 * most + 2) slots *= 2;
    memset(e->slots, 0, slots * sizeof *e->slots);
    for (uint32_t line = head, n = 0; n < e->lines[head].rows; n++, line = e->lines[line].next) {
        const rf_cell w = e->cells[e->lines[line].first + place];
        rf_log_line *one = e->lines + line;
        one->go_on = one->last = line, one->of_stream = 0;
        for (size_t at = hash_of(e->to, w) & (slots - 1);; at = (at + 1) & (slots - 1)) {
            if (!e->slots[at]) {
                if (++count > most) return 0;
                e->slots[at] = line + 1;
                one->of_stream = 1;
                break;
            }
            rf_log_line *first = e->lines + e->slots[at] - 1;
            if (!rf_same_cell(e->to, w, e->cells[first->first + place])) continue;
            e->lines[first->last].go_on = line;
            first->last = line, first->of_stream++;
            break;
        }
    }
    return count;
}

/* With what a cell begins: a mark, or a quote before it; 0: with a letter or a digit. */
static unsigned mark_of(const uint8_t *text, rf_cell w) {
    if (w.start && text[w.start - 1] == '"') return '"';
    const unsigned c = w.start < w.end ? text[w.start] : 'a', small = c | 32u;
    return (c >= '0' && c <= '9') || (small >= 'a' && small <= 'z') || c > 127 ? 0 : c;
}

/* Whether the cells of a place all begin alike: numbers and times, what has its name or a mark before it. */
static int begin_alike(const events *e, uint32_t head, uint32_t place) {
    const uint8_t *text = e->to->text;
    uint32_t line = head;
    const rf_cell first = e->cells[e->lines[head].first + place];
    const unsigned mark = mark_of(text, first);
    if (!mark && first.end - first.start <= ALIKE) return 0;
    for (uint32_t n = 0; n < e->lines[head].rows; n++, line = e->lines[line].next) {
        const rf_cell w = e->cells[e->lines[line].first + place];
        if (mark ? mark_of(text, w) != mark : w.end - w.start <= ALIKE || memcmp(text + w.start, text + first.start, ALIKE)) return 0;
    }
    return 1;
}

/* The lines of each stream by themselves, where the cell `place` names it. */
static void take_streams(events *e, uint32_t head, uint32_t place, size_t most, const uint8_t *names) {
    if (!streams(e, head, place, most)) return;
    for (uint32_t line = head, n = 0; n < e->lines[head].rows; n++, line = e->lines[line].next)
        if (e->lines[line].of_stream >= ROWS)
            for (uint32_t i = 0; i < e->lines[head].cells; i++)
                if (i != place) rf_take_event_cells(e->to, e->cells, e->lines, line, e->lines[line].of_stream, i, names[i]);
}

static void take_shape(events *e, uint32_t head) {
    const uint32_t rows = e->lines[head].rows, count = e->lines[head].cells;
    const size_t most = rows / AGAIN < SLOTS / 4 ? rows / AGAIN : SLOTS / 4;
    size_t counts[CELLS], alike = 0;
    uint8_t names[CELLS]; /* whether the cell of a place comes again in many lines */
    uint32_t shape;
    for (uint32_t line = head, n = 0; n < rows; n++, line = e->lines[line].next) {
        rf_log_line *one = e->lines + line;
        one->first = n * count;
        split(e->to->text, one->start, one->end, e->cells + one->first, &shape);
    }
    for (uint32_t i = 0; i < count; i++) {
        names[i] = (counts[i] = streams(e, head, i, most)) > 0;
        alike += names[i] || begin_alike(e, head, i);
    }
    if (AGAIN * alike < count) return; /* prose */
    for (uint32_t line = head, n = 0; n < rows; n++, line = e->lines[line].next) e->lines[line].go_on = e->lines[line].next;
    for (uint32_t i = 0; i < count; i++) rf_take_event_cells(e->to, e->cells, e->lines, head, rows, i, names[i]);
    for (int taken = 0; taken < NAMES; taken++) { /* that of the fewest streams first */
        size_t best = CELLS;
        for (size_t i = 0; i < count; i++)
            if (counts[i] > 1 && (best == CELLS || counts[i] < counts[best])) best = i;
        if (best == CELLS) return;
        take_streams(e, head, (uint32_t)best, most, names);
        counts[best] = 0;
    }
}

size_t rf_spelled_events(const uint8_t *text, size_t size, rf_cell *cells, rf_log_line *lines, uint8_t *out, uint32_t *origins) {
    rf_spell spell = {.text = text, .size = size, .out = out, .origins = origins};
    events e = {.to = &spell, .cells = cells, .lines = lines};
    take_lines(&e);
    for (uint32_t i = 0; i < e.count; i++)
        if (lines[i].rows >= ROWS) take_shape(&e, i);
    return spell.written;
}
