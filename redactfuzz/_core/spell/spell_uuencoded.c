/* What uuencode writes (POSIX.1-2024, uuencode): lines of up to 45 bytes, each of them four characters from blank to grave accent for three bytes,
 * behind a character that says how many bytes it has. Mails, and archives of shar. */
#include <string.h>

#include "spell/spell_write.h"

enum {
    FULL = 45,           /* bytes of a line that others follow */
    LETTERS = FULL / 3 * 4,
    BLANK = 32, ACCENT = 96, /* stand for 0; between them is what stands for 1 to 63 */
    LEAST = 24,          /* letters of a line by which one is known: 16 bytes, and what says so */
};

static int is_letter(unsigned c) { return c >= BLANK && c <= ACCENT; }
static unsigned value_of(unsigned c) { return (c - BLANK) & 63u; }

/* Whether a line ends at `at`, and where the next one begins; 0: none does. */
static size_t behind_line(const rf_spell *s, size_t at) {
    if (at == s->size) return at;
    if (s->text[at] == '\r' && at + 1 < s->size) at++;
    return s->text[at] == '\n' ? at + 1 : 0;
}

/* Whether the line at `at` has so many bytes as it says, blanks at its end may be left out. Gives where the next one begins; 0: it has
 * not. */
static size_t line_of(const rf_spell *s, size_t at, size_t *bytes) {
    if (at >= s->size || !is_letter(s->text[at])) return 0;
    *bytes = value_of(s->text[at]);
    const size_t letters = (*bytes + 2) / 3 * 4, first = at + 1;
    if (!*bytes || *bytes > FULL) return 0;
    size_t end = first;
    while (end < s->size && end - first <= letters && is_letter(s->text[end])) end++; /* some write a checksum of one letter */
    return end - first + 3 < letters ? 0 : behind_line(s, end);
}

/* Of the line that ends before `end`: blanks that are lost stand for 0. */
static unsigned letter_at(const rf_spell *s, size_t at, size_t end) { return at < end && is_letter(s->text[at]) ? value_of(s->text[at]) : 0; }

static void put_line(rf_spell *s, size_t at, size_t end, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        const size_t from = at + 1 + i / 3 * 4 + i % 3;
        const unsigned both = letter_at(s, from, end) << 6 | letter_at(s, from + 1, end);
        rf_spell_put(s, both >> (4 - 2 * (i % 3)) & 255u, from < end ? from : end - 1);
    }
}

/* The lines from the one at `at` on: full ones, and one more. Gives where they end. */
static size_t stretch(rf_spell *s, size_t at) {
    const size_t written = s->written, start = at;
    size_t bytes = FULL, next;
    while (bytes == FULL && (next = line_of(s, at, &bytes))) {
        put_line(s, at, next, bytes);
        if (next == at) break;
        at = next;
    }
    rf_spell_close(s, written, at > start ? at - 1 : start);
    return at;
}

/* Whether what was encoded ends at `at`: a line of no bytes, or the word behind it. */
static int is_end(const rf_spell *s, size_t at) {
    const unsigned c = at < s->size ? s->text[at] : 0;
    if (c == ACCENT || c == BLANK) return behind_line(s, at + 1) != 0;
    if (at < s->size && behind_line(s, at)) at = behind_line(s, at); /* the blank is lost */
    return s->size - at >= 3 && !memcmp(s->text + at, "end", 3);
}

/* Where the line begins that holds the letter at `at`: a full one, or the last one. `at` where there is none. */
static size_t line_around(const rf_spell *s, size_t at) {
    size_t start = at, bytes = 0;
    while (start > 0 && at - start <= LETTERS && is_letter(s->text[start - 1])) start--;
    if (start > 0 && s->text[start - 1] != '\n') return at;
    const size_t next = line_of(s, start, &bytes);
    return next && (bytes == FULL || is_end(s, next)) ? start : at;
}

void rf_spell_uuencoded(rf_spell *s) {
    size_t from = 0;
    for (size_t at = LEAST - 1; at < s->size; at += LEAST) {
        /* Every line that is long enough covers one of these places. */
        if (!is_letter(s->text[at])) continue;
        const size_t start = line_around(s, at);
        if (start == at || start < from) continue;
        from = stretch(s, start);
        if (from > at) at = from - 1;
    }
}
