/* Base64 (RFC 4648 sections 4 and 5), in one line or in lines of equal length with whatever marks them or stands before them: MIME,
 * PEM, a list, a log. */
#include <string.h>

#include "spell/spell_runs.h"

/* How many letters of a run to leave out, so that groups begin where they did when it was written. */
static size_t phase(const rf_spell *s, size_t start, size_t end) { return rf_told_phase(s, start, end) % 4; }

/* Whether something is spelled between two places, in letters of its own. */
static int has_run(const rf_spell *s, size_t at, size_t end) {
    size_t letters = 0;
    for (; at < end && letters < RF_RUN; at++) letters = rf_letter(s, at) >= 0 ? letters + 1 : 0;
    return letters == RF_RUN;
}

static size_t put_line(rf_spell *s, size_t at, size_t end, uint32_t *group, unsigned *held) {
    for (; at < end; at++) {
        *group = *group << 6 | (uint32_t)rf_letter(s, at);
        if (++*held < 4) continue;
        for (unsigned i = 0; i < 3; i++) rf_spell_put(s, *group >> (16 - 8 * i) & 255u, at - 3 + i);
        *group = 0, *held = 0;
    }
    return end;
}

/* The plus or the minus with which a patch marks a line that is all base64, and which is a letter of it elsewhere: with it the letters are one
 * too many. 0: there is none. */
static unsigned sign_of(const rf_spell *s, size_t start, size_t end) {
    const unsigned sign = s->text[start];
    if ((sign != '+' && sign != '-') || end - start <= RF_LINE || (start > 0 && s->text[start - 1] != '\n')) return 0;
    while (end < s->size && s->text[end] == '=') end++;
    return (end - start) % 4 == 1 && (end == s->size || s->text[end] == '\r' || s->text[end] == '\n') ? sign : 0;
}

/* Where the letters begin that go on with those of [start, end), which are a whole `line`; 0 when none do. */
static size_t next_piece(const rf_spell *s, size_t start, size_t end, size_t skip) {
    size_t line = end - start;
    if (line < RF_LINE || line % 4) return 0;
    size_t next = rf_next_line(s, end);
    if (next && start > 0 && sign_of(s, start - 1, end))
        return s->text[next] == s->text[start - 1] && rf_run_end(s, next + 1) - next - 1 <= line ? next + 1 : 0;
    size_t behind = next ? rf_run_end(s, next) : 0;
    /* What a line begins with, as a date, is not what the lines go on with. */
    int closed = next && (behind == s->size || strchr("=\r\n\"',;)\\", s->text[behind]));
    size_t found = skip || (closed && behind - next == line) ? 0 : rf_next_among(s, start, end, closed ? behind - next + 1 : 2, line);
    if (found && rf_text_phase(s, found, rf_run_end(s, found)) % 4 == 0) next = found;
    return next && rf_run_end(s, next) - next <= line ? next : 0;
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
            at = rf_run_end(s, at);
            if (at < next && at - from >= RF_RUN) spell_run(s, from, at);
        }
        start = next, end = rf_run_end(s, next);
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
        start = next, end = rf_run_end(s, next);
        at = put_line(s, start, end, &group, &held);
    }
    if (held > 1) rf_spell_put(s, group >> (held == 3 ? 10 : 4) & 255u, at - 1);
    if (held > 2) rf_spell_put(s, group >> 2 & 255u, at - 1);
    rf_spell_close(s, written, at - 1);
    if (between) spell_between(s, first, behind_first, start);
    return end - start < line && next_piece(s, start, end, 0) ? start : at;
}

void rf_spell_base64(rf_spell *s) {
    s->letters = rf_base64_letters;
    for (size_t at = RF_RUN - 1; at < s->size; at += RF_RUN) {
        /* Every long run covers one of these places. */
        if (rf_letter(s, at) < 0) continue;
        size_t start = at;
        while (at - start < RF_RUN - 1 && rf_letter(s, start - 1) >= 0) start--;
        size_t end = rf_run_end(s, at);
        if (end - start < RF_RUN) continue;
        if (sign_of(s, start, end)) start++;
        if (rf_is_before_others(s, start, end)) {
            spell_run(s, start, end);
            at = end;
        } else {
            at = stretch(s, start, end);
        }
        at = at > RF_RUN ? at - 1 : at;
    }
}
