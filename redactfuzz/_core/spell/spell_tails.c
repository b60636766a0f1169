/* Rows of bytes that end their lines, behind whatever a log or a language puts before each of them: numbers with one sign between them, a word
 * of base64 or hexadecimal, a literal of escapes. Rows with the same before them, any numbers being alike, go on with one another, whatever
 * other lines stand between; what stood around them is left out, so that they read as in a text of their own. */
#include "spell/spell_tail.h"

enum {
    OPEN = 16,    /* groups of rows that may go on */
    SKIP = 64,    /* lines between two rows of one, at most */
    BEFORE = 512, /* characters before a row, at most */
    DIGIT = 32,   /* of so many letters one is a digit at least: of random base64 one in six is, of names hardly any */
};

/* Rows that go on with one another. */
typedef struct group {
    uint64_t key; /* what stands before them, in short; 0: there is none */
    rf_tail_kind kind;
    uint32_t first, last; /* of the rows */
    size_t count, letters, digits, numbers, line;
    size_t length; /* of the first row */
    int told;      /* whether they are not read as they stand */
    int padded, whole;
} group;

typedef struct tails {
    rf_spell to;
    rf_tail *rows;
    uint32_t count;
    group open[OPEN];
    size_t going[RF_TAIL_KINDS]; /* behind the line of the last row of each kind that goes on with another one */
} tails;

/* What stands before a row, in short: words with digits are all alike, and so are blanks, and quotes. */
static uint64_t shape_of(const rf_spell *s, size_t at, size_t end, rf_tail_kind of) {
    uint64_t shape = 14695981039346656037u ^ (unsigned)of; /* FNV-1a */
    while (at < end) {
        const size_t from = at;
        int numbered = 0;
        for (; at < end && rf_is_name(s->text[at]); at++) numbered |= rf_is_digit(s->text[at]);
        if (at == from && rf_is_blank(s->text[at])) {
            while (at < end && rf_is_blank(s->text[at])) at++;
            shape = (shape ^ ' ') * 1099511628211u;
        } else if (numbered) {
            shape = (shape ^ '0') * 1099511628211u;
        } else {
            at += at == from;
            for (size_t i = from; i < at; i++) shape = (shape ^ (rf_is_quote(s->text[i]) ? '"' : s->text[i])) * 1099511628211u;
        }
    }
    return shape | 1;
}

/* Whether a line begins with a literal, with its type, or with what puts it behind another one. */
static int is_continuation(const rf_spell *s, size_t at, size_t start) {
    for (; at < start; at++)
        if (!rf_is_blank(s->text[at]) && !rf_is_quote(s->text[at]) && !strchr("+.&|(bBuULrR@", s->text[at])) return 0;
    return 1;
}

/* A literal without what is left out of an octal number at its end: the next one may begin with a digit. */
static void put_literal(rf_spell *s, rf_tail r) {
    size_t end = r.end, digits = 0;
    while (digits < 2 && end - digits > r.start && rf_is_octal(s->text[end - digits - 1])) digits++;
    const size_t mark = end - digits - 1;
    const int is_short = digits && mark + 1 > r.start && s->text[mark] == '\\' && !rf_is_escaped(s, r.start, mark);
    for (size_t at = r.start; at < end; at++) {
        rf_spell_put(s, s->text[at], at);
        for (size_t zeros = digits; is_short && at == mark && zeros < 3; zeros++) rf_spell_put(s, '0', at);
    }
}

static unsigned sextet(unsigned c) {
    if (c - 'A' < 26u) return c - 'A';
    if (c - 'a' < 26u) return c - 'a' + 26;
    if (rf_is_digit(c)) return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : 63;
}

/* The bytes of base64 that is whole. */
static void put_bytes(rf_spell *s, rf_tail r) {
    uint32_t bits = 0, held = 0;
    for (size_t at = r.start; at < r.end && s->text[at] != '='; at++) {
        bits = bits << 6 | sextet(s->text[at]), held += 6;
        if (held >= 8) held -= 8, rf_spell_put(s, bits >> held & 255u, at);
    }
}

/* Whether rows may be bytes of a secret, and are not read as they stand. */
static int is_worth(const group *g) {
    if (g->count < 2 || g->letters < 2 * RF_LEAST) return 0;
    if (g->kind == RF_LITERAL) return 1;
    if (g->kind == RF_NUMBERS) return g->told && g->numbers >= RF_LEAST;
    return (g->told || g->whole) && (g->padded || g->count > 2) && g->digits * DIGIT >= g->letters;
}

static void close_group(tails *t, group *g) {
    rf_spell *s = &t->to;
    const size_t start = s->written;
    if (is_worth(g)) {
        for (uint32_t at = g->first, i = 0; i < g->count; at = t->rows[at].next, i++) {
            const rf_tail r = t->rows[at];
            if (g->whole) put_bytes(s, r);
            else if (g->kind == RF_LITERAL) put_literal(s, r);
            else for (size_t k = r.start; k < r.end; k++) rf_spell_put(s, s->text[k], k);
            if (g->kind != RF_LITERAL && !g->whole) rf_spell_put(s, '\n', r.end - 1);
        }
        rf_spell_close(s, start, t->rows[g->last].end - 1);
    }
    *g = (group){0};
}

/* The group that a row goes on with; NULL: there is none. */
static group *group_of(tails *t, rf_tail_row r, uint64_t key, size_t before, size_t line) {
    group *beside = NULL;
    for (group *g = t->open; g < t->open + OPEN; g++) {
        if (!g->key || g->kind != r.kind || line - g->line > SKIP) continue;
        if (g->key == key) return g;
        if (g->kind == RF_LITERAL && g->count == 1 && g->line + 1 == line && is_continuation(&t->to, before, r.start)) beside = g;
    }
    if (beside) beside->key = key;
    return beside;
}

/* Room for another group: that of the one that is the oldest. */
static group *empty(tails *t) {
    group *oldest = t->open;
    for (group *g = t->open; g < t->open + OPEN; g++)
        if (!g->key || (oldest->key && g->line < oldest->line)) oldest = g;
    close_group(t, oldest);
    return oldest;
}

/* The kinds of rows that may go on with others in a line. */
static unsigned going_at(const tails *t, size_t line) {
    unsigned going = 0;
    for (unsigned i = 0; i < RF_TAIL_KINDS; i++) going |= (unsigned)(t->going[i] && line - t->going[i] < SKIP) << i;
    return going;
}

/* The row of a line that begins at `before`. Gives whether it goes on with others, or others may with it. */
static int take(tails *t, rf_tail_row r, size_t before, size_t line) {
    if (!r.kind) return 0;
    const rf_spell *s = &t->to;
    size_t from = r.start;
    while (from > before && r.start - from <= BEFORE && s->text[from - 1]) from--; /* a text begins behind zeros as well */
    before = from;
    if (r.start - before > BEFORE || (!r.begins && !(going_at(t, line) & 1u << r.kind))) return 0;
    const uint64_t key = shape_of(s, before, r.start, r.kind);
    const size_t length = r.end - r.start;
    group *g = group_of(t, r, key, before, line);
    /* Words are of one length; the last may be shorter. */
    if (g && r.kind == RF_LETTERS && !g->padded && length > g->length) close_group(t, g), g = NULL;
    if (!g && !r.begins) return 0;
    if (!g) {
        g = empty(t);
        *g = (group){.key = key, .kind = r.kind, .first = t->count, .line = line, .length = length, .padded = r.padded, .whole = r.whole};
    } else {
        t->rows[g->last].next = t->count;
    }
    size_t blank = before;
    while (blank < r.start && rf_is_blank(s->text[blank])) blank++;
    g->told |= blank < r.start || line - g->line > 1;
    t->rows[t->count] = (rf_tail){.start = (uint32_t)r.start, .end = (uint32_t)r.end};
    g->last = t->count++, g->line = line, g->count++, g->letters += length, g->numbers += r.numbers;
    for (size_t at = r.start; at < r.end; at++) g->digits += (size_t)rf_is_digit(s->text[at]);
    if (g->count > 1 || r.kind == RF_LITERAL) t->going[r.kind] = line + 1;
    if (r.kind == RF_LETTERS && !g->padded && length < g->length) close_group(t, g);
    return 1;
}

/* The row of a line, in whatever way it goes on with others. */
static void take_line(tails *t, size_t at, size_t end, size_t line) {
    const rf_spell *s = &t->to;
    const unsigned going = going_at(t, line);
    rf_tail_row r;
    if (going & 1u << RF_NUMBERS && rf_tail_is_object(s, at, end))
        for (size_t close = end; (r = rf_tail_member(s, at, &close, 1)).kind;) {
            r.begins = 0;
            if (take(t, r, at, line)) return;
        }
    r = rf_tail_of(s, at, end, going);
    /* What may be a number may be a word. */
    if (!take(t, r, at, line) && r.kind == RF_NUMBERS) take(t, rf_tail_letters(s, at, r.end, going), at, line);
}

size_t rf_spelled_tails(const uint8_t *text, size_t size, rf_tail *rows, uint8_t *out, uint32_t *origins) {
    tails t = {.to = {.text = text, .size = size, .out = out, .origins = origins}, .rows = rows};
    size_t line = 0;
    for (size_t at = 0, end; at < size; at = end + 1, line++) {
        const uint8_t *found = memchr(text + at, '\n', size - at);
        end = found ? (size_t)(found - text) : size;
        take_line(&t, at, end, line);
    }
    for (group *g = t.open; g < t.open + OPEN; g++)
        if (g->key) close_group(&t, g);
    return t.to.written;
}
