/* Base64 (RFC 4648 sections 4 and 5), in one line or in lines of equal length with whatever marks them or stands before them: MIME,
 * PEM, a list, a log. */
#include <string.h>

#include "spell/spell_write.h"

enum {
    SHORTEST = 24, /* characters */
    LINE = 40,     /* of a line that the next one goes on with */
    BETWEEN = 32,  /* characters between two lines, at most */
    SAMPLE = 32,   /* that tell where groups of four begin */
    PREFIX = 256,  /* characters before the letters of a line, at most: what a log puts before each line */
    SUFFIX = 128,  /* and behind them: what is in a JSON event beside its text */
};

static int value_of(unsigned c) {
    if (c >= 'A' && c <= 'Z') return (int)(c - 'A');
    if (c >= 'a' && c <= 'z') return (int)(c - 'a') + 26;
    if (c >= '0' && c <= '9') return (int)(c - '0') + 52;
    if (c == '+' || c == '-') return 62;
    if (c == '/' || c == '_') return 63;
    return -1;
}

static size_t run_end(const rf_spell *s, size_t at) {
    while (at < s->size && value_of(s->text[at]) >= 0) at++;
    return at;
}

/* Whether the groups from `at` on, all letters, stand for printable text. */
static int is_text(const rf_spell *s, size_t at) {
    for (size_t i = 0; i < SAMPLE; i += 4) {
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) group = group << 6 | (uint32_t)value_of(s->text[at + i + k]);
        for (uint32_t shift = 24; shift;) {
            unsigned byte = group >> (shift -= 8) & 255u;
            if ((byte < 32 && byte != '\n' && byte != '\r' && byte != '\t') || byte >= 127) return 0;
        }
    }
    return 1;
}

static int is_one_of(const char *letters, unsigned c) { return c && strchr(letters, (int)c) != NULL; }

/* Whether the eight letters stand for how a key begins in DER: a SEQUENCE with a length of one to three bytes, and in it the number of a
 * version, or another SEQUENCE. "MII" alone would be there by chance in one of seven hundred lines. */
static int is_key(const uint8_t *at) {
    if (at[0] != 'M') return 0;
    if (at[1] != 'I') return at[1] >= 'A' && at[1] <= 'H' && at[3] == 'C' && at[4] == 'A' && at[5] == 'Q';
    if (at[2] == 'G' || at[2] == 'H') return !memcmp(at + 4, "AgE", 3) || (at[4] == 'M' && at[5] >= 'A' && at[5] <= 'P');
    if (at[2] < 'I' || at[2] > 'L') return 0;
    return (is_one_of("AQgw", at[5]) && at[6] == 'I' && at[7] == 'B') || (is_one_of("DTjz", at[5]) && at[6] >= 'A' && at[6] <= 'D');
}

/* Where groups of four begin by text that they give in the middle of a run; 4 where they give none. */
static size_t text_phase(const rf_spell *s, size_t start, size_t end) {
    if (end - start < 2 * SAMPLE) return 4;
    size_t middle = start + (end - start - SAMPLE) / 8 * 4;
    for (size_t skip = 0; skip < 4 && middle + skip + SAMPLE <= end; skip++)
        if (is_text(s, middle + skip)) return skip;
    return 4;
}

/* How many letters of a run to leave out, so that groups begin where they did when it was written: letters may stand before
 * it. Known by text that it gives in the middle, or by the beginning of a key. */
static size_t phase(const rf_spell *s, size_t start, size_t end) {
    if (end - start < 2 * SAMPLE) return 0;
    size_t skip = text_phase(s, start, end);
    if (skip < 4) return skip;
    for (size_t at = start; at + 8 < end && at < start + 2 * SAMPLE; at++)
        if (is_key(s->text + at)) return (at - start) % 4;
    return 0;
}

/* Where the next line of letters begins, behind a break at `at` with marks of comments, quotes or commas; 0 when there is none. */
static size_t next_line(const rf_spell *s, size_t at) {
    size_t end = at + BETWEEN < s->size ? at + BETWEEN : s->size;
    if (at == end || strchr("\r\n\"',\\ \t", s->text[at]) == NULL || !s->text[at]) return 0;
    for (; at < end; at++) {
        unsigned c = s->text[at];
        if (c == '+' && strchr(" \t\r\n\"'", s->text[at - 1]) && at + 1 < end && strchr(" \t\r\n\"'", s->text[at + 1])) continue;
        if (value_of(c) >= 0) return at;
        if (!c || !strchr("\r\n \t\"',;>|*#.()[]\\", (int)c)) return 0;
    }
    return 0;
}

/* Whether something is spelled between two places, in letters of its own. */
static int has_run(const rf_spell *s, size_t at, size_t end) {
    size_t letters = 0;
    for (; at < end && letters < SHORTEST; at++) letters = value_of(s->text[at]) >= 0 ? letters + 1 : 0;
    return letters == SHORTEST;
}

/* Where the line ends that `at` is in; 0 when that is too far, or zeros come first, over which no text goes on. */
static size_t line_end(const rf_spell *s, size_t at, size_t most) {
    size_t limit = s->size - at > most ? at + most : s->size;
    const uint8_t *found = memchr(s->text + at, '\n', limit - at);
    size_t end = found ? (size_t)(found - s->text) : limit;
    return (!found && limit < s->size) || memchr(s->text + at, 0, end - at) ? 0 : end;
}

/* How many characters of its line stand before `at`; more than PREFIX where these are not all. */
static size_t column_of(const rf_spell *s, size_t at) {
    size_t column = 0;
    while (column < at && column <= PREFIX && s->text[at - column - 1] != '\n') column++;
    return column;
}

/* Where the letters begin with which a line ends that goes on with others before it; 0 when they are fewer than `least`. */
static size_t ending(const rf_spell *s, size_t line, size_t end, size_t least, size_t most) {
    while (end > line && s->text[end - 1] == '\r') end--;
    for (int padding = 0; padding < 2 && end > line && s->text[end - 1] == '='; padding++) end--;
    size_t start = end;
    while (start > line && value_of(s->text[start - 1]) >= 0) start--;
    return end - start >= least && end - start <= most ? start : 0;
}

/* Where the letters begin that the line behind the one of [start, end) goes on with, among whatever else there is in both; 0 when there
 * are none. They are as many, or they are the last ones, in the same column or at the end of the line. */
static size_t next_among(const rf_spell *s, size_t start, size_t end, size_t least, size_t most) {
    size_t line = line_end(s, end, SUFFIX), column = column_of(s, start), found = 0;
    if (!line || line == s->size) return 0;
    size_t last = line_end(s, ++line, PREFIX + most + SUFFIX);
    if (!last) return 0;
    for (size_t at = line, behind; at < last; at = behind + 1) {
        behind = run_end(s, at);
        if (behind - at == most && (!found || at - line == column)) found = at;
        if (at - line <= PREFIX && at - line == column && behind - at >= least && behind - at < most) return at;
    }
    return found ? found : ending(s, line, last, least, most);
}

static size_t put_line(rf_spell *s, size_t at, size_t end, uint32_t *group, unsigned *held) {
    for (; at < end; at++) {
        *group = *group << 6 | (uint32_t)value_of(s->text[at]);
        if (++*held < 4) continue;
        for (unsigned i = 0; i < 3; i++) rf_spell_put(s, *group >> (16 - 8 * i) & 255u, at - 3 + i);
        *group = 0, *held = 0;
    }
    return end;
}

/* Where the letters begin that go on with those of [start, end), which are a whole `line`; 0 when none do. */
static size_t next_piece(const rf_spell *s, size_t start, size_t end, size_t skip) {
    size_t line = end - start;
    if (line < LINE || line % 4) return 0;
    size_t next = next_line(s, end), behind = next ? run_end(s, next) : 0;
    /* What a line begins with, as a date, is not what the lines go on with. */
    int closed = next && (behind == s->size || strchr("=\r\n\"',;)\\", s->text[behind]));
    size_t found = skip || (closed && behind - next == line) ? 0 : next_among(s, start, end, closed ? behind - next + 1 : 2, line);
    if (found && text_phase(s, found, run_end(s, found)) % 4 == 0) next = found;
    return next && run_end(s, next) - next <= line ? next : 0;
}

/* Whether as many letters or more stand behind those of [start, end) in the same line, with more than marks between: then those are what its
 * lines go on with, and these are a path or a number before them. */
static int is_before_others(const rf_spell *s, size_t start, size_t end) {
    size_t length = end - start > LINE ? end - start : LINE, stop = s->size - end > PREFIX + length ? end + PREFIX + length : s->size;
    size_t next = next_line(s, end);
    if (next && run_end(s, next) - next <= end - start) return 0; /* the next piece of a list */
    for (size_t at = end; at < stop && s->text[at] && s->text[at] != '\n';) {
        size_t from = at;
        at = run_end(s, at);
        if (at - from >= length) return 1;
        at += at == from;
    }
    return 0;
}

/* A stretch of its own: letters from `start` to `end`, of one line. */
static void spell_run(rf_spell *s, size_t start, size_t end) {
    size_t written = s->written;
    uint32_t group = 0;
    unsigned held = 0;
    put_line(s, start + phase(s, start, end), end, &group, &held);
    rf_spell_close(s, written, end - 1);
}

/* What is spelled between the pieces of a stretch, which goes from the one of [start, end) to `last`: a number of a request before each. */
static void spell_between(rf_spell *s, size_t start, size_t end, size_t last) {
    while (end < last) {
        size_t next = next_piece(s, start, end, 0);
        if (!next) return;
        for (size_t at = end; at < next; at++) {
            size_t from = at;
            at = run_end(s, at);
            if (at < next && at - from >= SHORTEST) spell_run(s, from, at);
        }
        start = next, end = run_end(s, next);
    }
}

/* All lines from the one of `start` to `end` on. Gives where to go on: behind them, or at the last one, where that is shorter, so that it may
 * be the first of others as well. */
static size_t stretch(rf_spell *s, size_t start, size_t end) {
    const size_t first = start, behind_first = end, line = end - start, written = s->written, skip = phase(s, start, end);
    uint32_t group = 0;
    unsigned held = 0;
    int between = 0;
    size_t at = put_line(s, start + skip, end, &group, &held), next;
    while (end - start == line && (next = next_piece(s, start, end, skip))) {
        between |= has_run(s, end, next);
        start = next, end = run_end(s, next);
        at = put_line(s, start, end, &group, &held);
    }
    if (held > 1) rf_spell_put(s, group >> (held == 3 ? 10 : 4) & 255u, at - 1);
    if (held > 2) rf_spell_put(s, group >> 2 & 255u, at - 1);
    rf_spell_close(s, written, at - 1);
    if (between) spell_between(s, first, behind_first, start);
    return end - start < line && next_piece(s, start, end, 0) ? start : at;
}

void rf_spell_base64(rf_spell *s) {
    for (size_t at = SHORTEST - 1; at < s->size; at += SHORTEST) {
        /* Every long run covers one of these places. */
        if (value_of(s->text[at]) < 0) continue;
        size_t start = at;
        while (at - start < SHORTEST - 1 && value_of(s->text[start - 1]) >= 0) start--;
        size_t end = run_end(s, at);
        if (end - start < SHORTEST) continue;
        if (is_before_others(s, start, end)) {
            spell_run(s, start, end);
            at = end;
        } else {
            at = stretch(s, start, end);
        }
        at = at > SHORTEST ? at - 1 : at;
    }
}
