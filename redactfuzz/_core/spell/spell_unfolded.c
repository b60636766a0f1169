/* Lines that were broken within a word because none may be longer: folded as mail, LDIF (RFC 2849) and vCard do, at the width of a
 * terminal, where a log splits them, in two literals of a source, by marks of HTML and of Word; and bodies of HTTP in chunks (RFC 9112
 * section 7.1). Each of them may have the same before it: the marks of a quotation or of a patch, what a log writes. The letters of the word on both sides are put
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
    PREFIX = 256,      /* characters that stand before the text of a line, at most */
    SPLIT = 1000,      /* characters of a line that is split because it would be too long, at least: RFC 3164 has 1,024 */
    SOFT = 8,          /* letters on both sides of a place where a word may be broken */
};

/* What is being read. */
typedef struct unfolded {
    rf_spell *to;
    size_t line;    /* where it begins: behind the last break, and behind what stands before each line */
    size_t whole;   /* where it begins, with that */
    size_t before;  /* where the one before it begins, which may be a part of the same */
    size_t chunk_end; /* where a chunk of HTTP ends, and the next one is to begin */
    size_t width;   /* characters of the last line that was broken */
    size_t run;     /* letters of the word that is open, without the breaks in it */
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
        if (!is_one_of(" \t\r\n+.&|\\", s->text[at])) return 0;
        apart |= is_one_of("\n+.&|", s->text[at]);
    }
    return apart && at < limit ? at + 1 : 0;
}

static int is_named(const uint8_t *name, size_t size, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == size && !memcmp(name, names[i], size)) return 1;
    return 0;
}

/* Whether a mark says where a long word may be broken, or how a part of it is shown. Of Word's all do (ECMA-376 part 1, section 17.3), but
 * for those of paragraphs, tables and blanks. */
static int is_within_word(const uint8_t *name, size_t size) {
    static const char *const within[] = {"wbr", "br", "span", "em", "strong", "mark", "b", "i", "u", "s", "code", "tt", "kbd", "samp", "font", "a"};
    static const char *const between[] = {"w:p", "w:br", "w:tab", "w:tbl", "w:tr", "w:tc"};
    if (size > 2 && !memcmp(name, "w:", 2)) return !is_named(name, size, between, sizeof between / sizeof *between);
    return is_named(name, size, within, sizeof within / sizeof *within);
}

/* Behind such marks at `at`; 0: there are none. */
static size_t behind_tags(const rf_spell *s, size_t at) {
    size_t behind = 0;
    while (at < s->size && s->text[at] == '<') {
        const size_t name = at + 1 + (at + 1 < s->size && s->text[at + 1] == '/');
        size_t end = name;
        while (end < s->size && end - name < ALIKE * ALIKE && ((s->text[end] | 32u) - 'a' < 26u || s->text[end] == ':')) end++;
        if (end == s->size || !is_within_word(s->text + name, end - name)) return 0;
        const uint8_t *close = memchr(s->text + end, '>', s->size - end < TAG ? s->size - end : TAG);
        if (!close) return 0;
        at = behind = (size_t)(close - s->text) + 1;
    }
    return behind;
}

/* Letters before `at` in its line. */
static size_t letters_before(const unfolded *u, size_t at) {
    size_t count = 0;
    while (at - count > u->line && count <= WIDTH_MOST && letters[u->to->text[at - count - 1]]) count++;
    return count;
}

static int is_width(size_t size) { return size >= WIDTH_LEAST && size <= WIDTH_MOST; }

/* Whether the line up to `at` is as long as lines become, or as the next one, which begins at `next` in another way: in a log all lines
 * begin alike, and none goes on with another. */
static int is_full(const unfolded *u, size_t at, size_t next) {
    const rf_spell *s = u->to;
    const size_t length = at - u->line, left = s->size - next;
    if (left >= ALIKE && !memcmp(s->text + u->line, s->text + next, ALIKE)) return 0;
    if (is_width(length) || is_width(letters_before(u, at))) return 1;
    if (left < length || (left > length && !is_one_of("\r\n", s->text[next + length]))) return length == u->width;
    return !memchr(s->text + next, '\n', length);
}

/* How many characters the line that begins at `next` begins with as the one before it does, any digits being alike: up to the last one that is
 * no letter of a token, or the first one where that is the mark of a patch. */
static size_t same_beginning(const unfolded *u, size_t at, size_t next) {
    const rf_spell *s = u->to;
    const unsigned first = s->text[u->whole];
    size_t same = 0;
    for (size_t i = 0; i < PREFIX && u->whole + i < at && next + i < s->size; i++) {
        const unsigned one = s->text[u->whole + i], other = s->text[next + i];
        if (one != other && !(one - '0' < 10u && other - '0' < 10u)) break;
        if (!letters[one]) same = i + 1;
    }
    return !same && (first == '+' || first == '-') && next < s->size && s->text[next] == first ? 1 : same;
}

/* Whether the line up to `at` was broken for its length, of which the next one, which begins at `next`, has the same before it. In a log most
 * lines do, and none goes on with another: long ones must have been split, others end in a long word. */
static int is_full_behind(const unfolded *u, size_t at, size_t next, size_t same) {
    const rf_spell *s = u->to;
    const size_t line = u->line > u->whole + same ? u->line : u->whole + same, length = at > line ? at - line : 0;
    if (s->size - next >= ALIKE && !memcmp(s->text + line, s->text + next, ALIKE)) return 0;
    if (length >= SPLIT) return 1;
    const size_t here = letters_before(u, at);
    return here >= RF_RUN && (is_width(length) || is_width(here) || length == u->width);
}

/* Where the word goes on in the line that begins at `next`, behind what stands right before the word of the line up to `at`, which has other
 * text before that: the first of some lines may stand in the midst of one, as in JSON. 0: it does not. */
static size_t behind_same(const unfolded *u, size_t at, size_t next) {
    const rf_spell *s = u->to;
    const size_t here = letters_before(u, at), word = at - here, limit = s->size - next > PREFIX ? next + PREFIX : s->size;
    size_t from = next, i = next;
    if (!is_width(here)) return 0;
    for (; i < limit && s->text[i] != '\n' && i - from < RF_RUN; i++)
        if (!letters[s->text[i]]) from = i + 1;
    const size_t same = from - next;
    if (!same || i - from < RF_RUN || same > word) return 0;
    for (i = 0; i < same; i++) {
        const unsigned one = s->text[word - same + i], other = s->text[next + i];
        if (one != other && !(one - '0' < 10u && other - '0' < 10u)) return 0;
    }
    return from;
}

/* Where the word goes on behind a break of a line that ends at `at`, before `next`; 0: it does not. */
static size_t behind_line(const unfolded *u, size_t at, size_t next) {
    const rf_spell *s = u->to;
    const int folded = next < s->size && is_one_of(" \t", s->text[next]) && has_letter(s, next + BLANKS_IN_ROW);
    if (folded) return next + BLANKS_IN_ROW;
    const size_t same = same_beginning(u, at, next);
    if (same && has_letter(s, next + same) && is_full_behind(u, at, next + same, same)) return next + same;
    const size_t behind = same ? 0 : behind_same(u, at, next);
    if (behind) return behind;
    const int marked = same && is_one_of("+-", s->text[next]);
    return !marked && has_letter(s, next) && is_full(u, at, next) ? next : 0;
}

/* Where the word goes on behind what stands at `at`; 0: it ends there. */
static size_t goes_on(const unfolded *u, size_t at) {
    const rf_spell *s = u->to;
    const int soft = s->text[at] == '<' && s->size - at > 4 && s->text[at + 1] == 'w';
    size_t next = s->text[at] == '<' ? behind_tags(s, at) : behind_quotes(s, at);
    if (!next && at - u->whole >= LINE) {
        const size_t blank = at + (s->text[at] == ' ' && at + 1 < s->size && s->text[at + 1] == '\r'); /* readline writes both at the width */
        next = behind_break(s, blank);
        if (next == blank) next = blank > at ? blank + 1 : 0;
        else next = behind_line(u, at, next);
    }
    if (!next || !has_letter(s, next)) return 0;
    size_t both = u->run;
    for (size_t i = next; both < RF_RUN && has_letter(s, i); i++) both++;
    return both >= (soft ? SOFT : RF_RUN) ? next : 0;
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
    while (next > at && s->text[next - 1] != '\n') next--;
    if (next > at) u->whole = next;
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
            at = next;
            continue;
        }
        u.told |= u.open && c != '\n' && c != '\r';
        u.run = 0;
        if (c == '\n' || c == 0) {
            if (u.open && u.fits) u.touched = at;
            if (u.open && (!u.fits || c == 0)) close_stretch(&u, u.touched);
            u.before = c == 0 || at == u.line ? at + 1 : u.line;
            u.line = u.whole = at + 1, u.fits = 0;
            if (!u.open) u.told = 0;
        }
        at++;
    }
    if (u.open) close_stretch(&u, u.fits ? s->size : u.touched);
}
