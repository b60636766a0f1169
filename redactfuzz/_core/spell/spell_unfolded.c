/* Lines that were broken within a word because none may be longer: folded as mail, LDIF (RFC 2849) and vCard do, at the width of a
 * terminal, in two literals of a source, by marks of HTML; and bodies of HTTP in chunks (RFC 9112 section 7.1). The letters of the word on both sides are put
 * together, in the lines in which that is so and the one before them. What is joined wrongly is no harm: the lines are searched as they are, too. */
#include <string.h>

#include "spell/spell_runs.h"

enum {
    LINE = 40,         /* characters of a line that is broken because it would be too long, at least */
    BETWEEN = 64,      /* between two literals, at most: indentation */
    TAG = 128,         /* characters of a mark of HTML, at most */
    SIZE_DIGITS = 8,   /* of how long a chunk is */
    BLANKS_IN_ROW = 1, /* with which a line begins that goes on with the one before it */
    WIDTH_LEAST = 60, WIDTH_MOST = 80, /* characters of lines in mail and on a terminal */
    ALIKE = 4,         /* characters with which lines begin alike */
};

/* What is being read. */
typedef struct unfolded {
    rf_spell *to;
    size_t line;    /* where it begins: behind the last break */
    size_t before;  /* where the one before it begins, which may be a part of the same */
    size_t chunk_end; /* where a chunk of HTTP ends, and the next one is to begin */
    size_t width;   /* characters of the last line that was broken */
    size_t run;     /* letters of the word that is open */
    size_t from;    /* what is to be written and was not */
    size_t start;   /* where the stretch begins in what is written */
    size_t touched; /* where the last line ends that has a break taken out of it */
    int open;       /* whether there is a stretch */
    int fits;       /* whether the line that is read has such a break at its beginning */
    int told;       /* whether the stretch has what base64 and hexadecimal in lines, which are read elsewhere, have not */
} unfolded;

/* Letters of tokens: base64 in both alphabets, and what stands between their parts. */
static const uint8_t letters[256] = {
    ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['+'] = 1, ['/'] = 1, ['='] = 1, ['~'] = 1, ['%'] = 1, ['-'] = 2, ['_'] = 2, ['.'] = 2,
};

static int is_one_of(const char *set, unsigned c) { return c && strchr(set, (int)c) != NULL; }

static int has_letter(const rf_spell *s, size_t at) { return at < s->size && letters[s->text[at]]; }

/* Behind a break of a line at `at`; `at` where there is none. */
static size_t behind_break(const rf_spell *s, size_t at) {
    if (at < s->size && s->text[at] == '\r') at++;
    return at < s->size && s->text[at] == '\n' ? at + 1 : at;
}

/* Behind what says at `at` how long the next chunk is, if that ends where it says, or another one has ended here; 0: there is none. */
static size_t behind_chunk(unfolded *u, size_t at) {
    const rf_spell *s = u->to;
    const int goes_on = at == u->chunk_end;
    size_t size = 0, digits = 0, left = s->size - at;
    if (left < 6 || s->text[at] != '\r' || s->text[at + 1] != '\n') return 0;
    for (at += 2; digits <= SIZE_DIGITS && at < s->size && rf_hex_digit(s->text[at]) >= 0; at++, digits++)
        size = size << 4 | (size_t)rf_hex_digit(s->text[at]);
    if (!digits || digits > SIZE_DIGITS || !size || s->size - at < 2 || s->text[at] != '\r' || s->text[at + 1] != '\n') return 0;
    at += 2, left = s->size - at;
    const int ends = size <= left && (left - size < 2 || (s->text[at + size] == '\r' && s->text[at + size + 1] == '\n'));
    if (!ends && !(goes_on && size > left)) return 0; /* the text may break off before its end */
    u->chunk_end = at + size;
    return at;
}

/* Behind the end of a literal and the beginning of another one that goes on with it; 0: there is none. */
static size_t behind_quotes(const rf_spell *s, size_t at) {
    const unsigned quote = s->text[at];
    const size_t limit = s->size - at > BETWEEN ? at + BETWEEN : s->size;
    int apart = 0;
    if (!is_one_of("\"'`", quote)) return 0;
    for (at++; at < limit && s->text[at] != quote; at++) {
        if (!is_one_of(" \t\r\n+.&\\", s->text[at])) return 0;
        apart |= is_one_of("\n+.&", s->text[at]);
    }
    return apart && at < limit ? at + 1 : 0;
}

/* Behind marks of HTML at `at` that say where a long word may be broken, or how a part of it is shown; 0: there are none. */
static size_t behind_tags(const rf_spell *s, size_t at) {
    static const char *const names[] = {"wbr", "br", "span"};
    size_t behind = 0;
    while (at < s->size && s->text[at] == '<') {
        const size_t name = at + 1 + (at + 1 < s->size && s->text[at + 1] == '/'), left = s->size - name;
        const uint8_t *end = memchr(s->text + at, '>', s->size - at < TAG ? s->size - at : TAG);
        size_t known = 0;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            known |= left > strlen(names[i]) && !memcmp(s->text + name, names[i], strlen(names[i]));
        if (!end || !known) return 0;
        at = behind = (size_t)(end - s->text) + 1;
    }
    return behind;
}

/* Whether the line up to `at` is as long as lines become, or as the next one, which begins at `next` in another way: in a log all lines
 * begin alike, and none goes on with another. */
static int is_full(const unfolded *u, size_t at, size_t next) {
    const rf_spell *s = u->to;
    const size_t length = at - u->line, left = s->size - next;
    if (left >= ALIKE && !memcmp(s->text + u->line, s->text + next, ALIKE)) return 0;
    if (length >= WIDTH_LEAST && length <= WIDTH_MOST) return 1;
    if (left < length || (left > length && !is_one_of("\r\n", s->text[next + length]))) return length == u->width;
    return !memchr(s->text + next, '\n', length);
}

/* Where the word goes on behind what stands at `at`; 0: it ends there. */
static size_t goes_on(const unfolded *u, size_t at) {
    const rf_spell *s = u->to;
    size_t next = s->text[at] == '<' ? behind_tags(s, at) : behind_quotes(s, at);
    int full = 1;
    if (!next && at - u->line >= LINE) {
        size_t blank = at + (s->text[at] == ' ' && at + 1 < s->size && s->text[at + 1] == '\r'); /* readline writes both at the width */
        next = behind_break(s, blank);
        if (next == blank) next = blank > at ? blank + 1 : 0;
        else if (next < s->size && (s->text[next] == ' ' || s->text[next] == '\t')) next += BLANKS_IN_ROW;
        else full = 0;
    }
    if (!next || !has_letter(s, next)) return 0;
    size_t both = u->run;
    for (size_t i = next; both < RF_RUN && has_letter(s, i); i++) both++;
    return both >= RF_RUN && (full || is_full(u, at, next)) ? next : 0;
}

/* Writes what is left of a stretch, up to `end`, and drops it where it is nothing but letters that are read as base64. */
static void close_stretch(unfolded *u, size_t end) {
    rf_spell *s = u->to;
    for (size_t at = u->from; at < end; at++) rf_spell_put(s, s->text[at], at);
    if (!u->told) s->written = u->start;
    else if (s->written + RF_APART <= end) rf_spell_close(s, u->start, end - 1);
    u->open = 0;
}

/* A break from `at` to before `next` is left out. */
static void take_out(unfolded *u, size_t at, size_t next) {
    rf_spell *s = u->to;
    if (!u->open) u->from = u->before, u->start = s->written, u->open = 1, u->told = 0;
    for (; u->from < at; u->from++) rf_spell_put(s, s->text[u->from], u->from);
    u->width = at - u->line;
    u->from = u->line = next;
    u->fits = 1;
}

void rf_spell_unfolded(rf_spell *s) {
    unfolded u = {.to = s};
    for (size_t at = 0; at < s->size;) {
        const unsigned c = s->text[at];
        if (letters[c]) {
            u.told |= letters[c] == 2;
            u.run++, at++;
            continue;
        }
        size_t next = c == '\r' ? behind_chunk(&u, at) : 0;
        if (!next && u.run) next = goes_on(&u, at);
        if (next) {
            const int told = u.told;
            take_out(&u, at, next);
            u.told |= told;
            u.run = 0, at = next;
            continue;
        }
        u.told |= u.open && c != '\n' && c != '\r';
        u.run = 0;
        if (c == '\n' || c == 0) {
            if (u.open && u.fits) u.touched = at;
            if (u.open && (!u.fits || c == 0)) close_stretch(&u, u.touched);
            u.before = c == 0 || at == u.line ? at + 1 : u.line;
            u.line = at + 1, u.fits = 0;
            if (!u.open) u.told = 0;
        }
        at++;
    }
    if (u.open) close_stretch(&u, u.fits ? s->size : u.touched);
}
