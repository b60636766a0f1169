/* Rows of a dump, whatever stands before each of them: the time of a log, the name of a program, a place. Of each line the longest row of
 * words in hexadecimal of one length is read; behind it there may be characters, of which some look as if they were words as well. A few lines
 * that hold no row may stand between two: the other members of an event. What is too long for a row holds some between quotes. */
#include <string.h>

#include "spell/spell_list.h"

enum {
    ROW = 4,        /* bytes of a row, at least; the last one may have fewer */
    GAP = 3,        /* blanks between two words, at most */
    WORD = 16,      /* digits of the longest word */
    FEWER = 8,      /* words at the end of a row that may be characters */
    LONG = 512,     /* characters of the longest row */
    SKIP = 40,      /* lines between two rows, at most: an event of a journal has thirty members */
    ALIKE = 4,      /* characters with which lines of rows begin alike */
    TEXT_DIGITS = 4 /* of words beside which bytes stand as characters in their order */
};

/* Words of a line. */
typedef struct row {
    size_t start, end;
    size_t words, digits; /* how many, and of each */
    size_t rest, rest_at; /* digits of one more word behind them, of bytes that do not fill it, and where that is */
    uint64_t first;       /* the value of the first one: it may be a place */
} row;

/* Lines that go on with one another. */
typedef struct rows {
    rf_spell *to;
    size_t from, behind; /* of the lines in the text */
    size_t count, bytes;
    size_t column, width; /* where the words of the last one begin in their line, and how many characters they have */
    size_t beginning, whole; /* where the first line begins, and bytes of its row */
    size_t skipped; /* lines since the last row */
    row last;
    size_t steps; /* how many rows begin with a word that is as much more than the one before as that has bytes */
    int placed;   /* whether the first word of each row is its place: it counts the bytes */
} rows;

static int is_word(unsigned c) { return rf_word_kind(c) != RF_SEPARATES; }

/* Behind what says at `at` that a number is hexadecimal; `at` where nothing does. */
static size_t behind_mark(const rf_spell *s, size_t at, size_t end) {
    return end - at > 2 && s->text[at] == '0' && (s->text[at + 1] | 32) == 'x' && rf_hex_digit(s->text[at + 2]) >= 0 ? at + 2 : at;
}

/* How many digits the word at `at` has, where it may be one of a row or its last one, and where it ends; 0: it is none. WinDbg has a mark in the midst. */
static size_t word_digits(const rf_spell *s, size_t at, size_t end, size_t *behind) {
    size_t digits = 0;
    while (at + digits < end && digits <= WORD && rf_hex_digit(s->text[at + digits]) >= 0) digits++;
    *behind = at + digits;
    if (2 * digits == WORD && *behind + digits < end && s->text[*behind] == '`' && rf_are_digits(s->text + *behind + 1, digits, 16)) {
        *behind += 1 + digits;
        digits = WORD;
    }
    if (*behind < end && is_word(s->text[*behind])) return 0;
    return digits <= WORD && digits % 2 == 0 ? digits : 0;
}

/* Whether what stands between two words is what does in a row. */
static int joins(const rf_spell *s, size_t from, size_t to) {
    if (to - from > 2 && (s->text[to - 1] | 32) == 'x') to -= 2; /* behind_mark */
    if (from < to && s->text[from] == ',') from++;
    if (to <= from + 1) return to == from || s->text[from] == ' ' || s->text[from] == '\t' || s->text[from] == '-';
    for (size_t at = from; at < to; at++)
        if (s->text[at] != ' ') return 0;
    return to - from <= GAP;
}

static size_t bytes_of(row r) { return (r.words * r.digits + r.rest) / 2; }

/* Of whole words. */
static int is_size(size_t digits) { return digits == 2 || digits == 4 || digits == 8 || digits == WORD; }

/* Where the word ends that begins at `at`, of a line that ends at `end`. */
static size_t word_end(const rf_spell *s, size_t at, size_t end) {
    while (at < end && is_word(s->text[at])) at++;
    return at;
}

/* The longest row of words between two places; of a single one there is none, but for bytes (see rf_spell_rows). */
static row longest(const rf_spell *s, size_t at, size_t end) {
    row best = {0}, now = {0};
    while (at < end) {
        if (!is_word(s->text[at])) {
            at++;
            continue;
        }
        at = behind_mark(s, at, end);
        size_t behind, digits = word_digits(s, at, end, &behind);
        if (!is_size(digits)) {
            now.words = 0;
            at = word_end(s, at, end);
            continue;
        }
        if (!now.words || now.digits != digits || !joins(s, now.end, at)) now = (row){.start = at, .digits = digits};
        now.words++, now.end = behind;
        if (bytes_of(now) > bytes_of(best)) best = now;
        at = behind;
    }
    return best;
}

/* Where the next word of a row begins, behind the one that begins at `at`. */
static size_t next_word(const rf_spell *s, row r, size_t at) {
    size_t behind;
    word_digits(s, at, r.end, &behind);
    while (behind < r.end && !is_word(s->text[behind])) behind++;
    return behind < r.end ? behind_mark(s, behind, r.end) : behind;
}

/* A byte in two digits. */
static unsigned byte_at(const rf_spell *s, size_t at) { return (unsigned)(rf_hex_digit(s->text[at]) << 4 | rf_hex_digit(s->text[at + 1])); }

/* Whether the characters from `text` on are the bytes of the first `count` words of a row, and of its rest where these are all. */
static int are_characters(const rf_spell *s, row r, size_t count, size_t text) {
    size_t at = r.start;
    for (size_t i = 0; i < count || (i == count && count == r.words && r.rest); i++) {
        const size_t digits = i < count ? r.digits : r.rest, from = i < count ? at : r.rest_at;
        for (size_t k = 0; k < digits; k += 2, text++) {
            unsigned byte = byte_at(s, from + k), c = s->text[text];
            if (c != '.' && (c != byte || byte < ' ' || byte >= 127)) return 0;
        }
        at = i < count ? next_word(s, r, at) : at;
    }
    return 1;
}

/* Whether what stands behind the first `count` words of a row, up to `behind`, are their bytes as characters: all that is left of the line. */
static int are_beside(const rf_spell *s, row r, size_t count, size_t behind, size_t end) {
    size_t first = behind, size = (count * r.digits + (count == r.words ? r.rest : 0)) / 2;
    while (first < end && (s->text[first] == ' ' || s->text[first] == '|' || s->text[first] == '\'')) first++;
    while (end > behind && (s->text[end - 1] == '\r' || s->text[end - 1] == '|' || s->text[end - 1] == '\'')) end--;
    if (end - behind <= size || end - size > first) return 0;
    return are_characters(s, r, count, end - size);
}

/* The same row without what are characters beside it. */
static row without_characters(const rf_spell *s, row r, size_t end) {
    size_t ends[FEWER + 1], kept = 0, at = r.start;
    if (r.digits > TEXT_DIGITS || (r.rest && are_beside(s, r, r.words, r.end, end))) return r;
    for (size_t i = 0; i < r.words; i++, at = next_word(s, r, at)) ends[kept++ % (FEWER + 1)] = at + r.digits;
    for (size_t count = r.words; count > 0 && r.words - count <= FEWER; count--) {
        const size_t behind = ends[(count - 1) % (FEWER + 1)];
        row shorter = {.start = r.start, .end = behind, .words = count, .digits = r.digits, .first = r.first};
        if (are_beside(s, shorter, count, behind, end)) return shorter;
    }
    return r;
}

/* The same row with what is left of its bytes: a word behind it that has fewer digits. */
static row with_rest(const rf_spell *s, row r, size_t end) {
    size_t at = r.words ? r.end + 1 : r.start, behind;
    if (at >= end || (r.words && !joins(s, r.end, at)) || !is_word(s->text[at])) return r;
    const size_t digits = word_digits(s, at, end, &behind);
    if (!digits || digits >= r.digits) return r;
    r.rest = digits, r.rest_at = at, r.end = behind;
    return r;
}

/* The row of words of `digits` each at a place; empty where there is none. */
static row row_at(const rf_spell *s, size_t at, size_t end, size_t digits) {
    row r = {.start = at, .digits = digits, .end = at};
    if (at > 0 && at < end && is_word(s->text[at - 1]) && (s->text[at - 1] | 32) != 'x') return r;
    for (size_t behind; at < end && is_word(s->text[at]) && (!r.words || joins(s, r.end, at)); at = behind) {
        if (word_digits(s, at, end, &behind) != digits) break;
        r.words++, r.end = behind;
        while (behind < end && !is_word(s->text[behind])) behind++;
        if (behind < end) behind = behind_mark(s, behind, end);
    }
    return r;
}

static uint64_t value_at(const rf_spell *s, row r) {
    uint64_t value = 0;
    for (size_t at = r.start, digits = 0; digits < r.digits; at++) {
        int digit = rf_hex_digit(s->text[at]);
        if (digit >= 0) value = value << 4 | (uint64_t)digit, digits++;
    }
    return value;
}

/* The row of a line, as it goes on with those before it. */
static row read_row(const rows *t, size_t line, size_t end) {
    const rf_spell *s = t->to;
    row found = longest(s, line, end);
    const int is_short = bytes_of(found) < ROW || (found.digits > TEXT_DIGITS && found.words < 2);
    if (!t->count && is_short) return (row){0};
    if (t->count && (is_short || found.digits != t->last.digits)) {
        if (t->column >= end - line) return (row){0};
        found = row_at(s, line + t->column, end, t->last.digits);
    }
    /* No row has more than the one before it, where that ends. */
    const int in_column = t->count && found.start - line == t->column && found.digits == t->last.digits;
    if (in_column && found.end - found.start > t->width) found = row_at(s, found.start, found.start + t->width, found.digits);
    found = without_characters(s, with_rest(s, found, end), end);
    if (found.words) found.first = value_at(s, found);
    return found;
}

static void put_word(rf_spell *s, size_t at, size_t digits, int turned) {
    size_t places[WORD];
    for (size_t i = 0; i < digits; at++)
        if (rf_hex_digit(s->text[at]) >= 0) places[i++] = at;
    for (size_t i = 0; i < digits; i += 2) {
        size_t k = turned ? digits - 2 - i : i;
        rf_spell_put(s, (unsigned)(rf_hex_digit(s->text[places[k]]) << 4 | rf_hex_digit(s->text[places[k + 1]])), places[k]);
    }
}

/* With what a part of a long line ends. */
static const uint8_t ends_part[256] = {['"'] = 1, ['\''] = 1, ['\n'] = 1};

/* Where a line ends; a part of a long one ends at a quote, and begins behind one. */
static size_t line_end(const rf_spell *s, size_t at) {
    const size_t limit = s->size - at > LONG ? at + LONG : s->size;
    const uint8_t *found = at == 0 || s->text[at - 1] == '\n' ? memchr(s->text + at, '\n', limit - at) : NULL;
    if (found) return (size_t)(found - s->text);
    while (at < s->size && !ends_part[s->text[at]]) at++;
    return at;
}

/* Whether a line begins as the first one of these rows, any digits being alike. */
static int begins_alike(const rows *t, size_t line) {
    const uint8_t *one = t->to->text + t->beginning, *other = t->to->text + line;
    for (size_t i = 0; i < ALIKE && i < t->column; i++)
        if (one[i] != other[i] && (rf_hex_digit(one[i]) < 0 || rf_hex_digit(other[i]) < 0)) return 0;
    return 1;
}

/* Whether right before a row of the line stands what does before the last one, any digits being alike. */
static int stands_alike(const rows *t, row found, size_t line) {
    const uint8_t *one = t->to->text + t->last.start, *other = t->to->text + found.start;
    for (ptrdiff_t i = 1; i <= ALIKE && (size_t)i <= t->column && (size_t)i <= found.start - line; i++)
        if (one[-i] != other[-i] && (rf_hex_digit(one[-i]) < 0 || rf_hex_digit(other[-i]) < 0)) return 0;
    return 1;
}

/* The row of a line, if it goes on with those before it. */
static row next_row(const rows *t, size_t line, size_t end) {
    const row found = read_row(t, line, end);
    if (!t->count) return found;
    if (!bytes_of(found) || found.digits != t->last.digits) return (row){0};
    /* The last row has fewer bytes; so has a number that stands there in a line of another writer. */
    const int stands = bytes_of(found) >= t->whole || stands_alike(t, found, line);
    return stands && (!t->skipped || begins_alike(t, line)) ? found : (row){0};
}

static void take(rows *t, row found, size_t line, size_t end) {
    t->last = found, t->column = found.start - line, t->width = found.end - found.start;
    if (!t->count) t->beginning = line, t->whole = bytes_of(found);
    t->count++, t->bytes += bytes_of(found), t->behind = end, t->skipped = 0;
}

/* All rows once more, with their words as they are written, or turned as those of a little-endian machine. */
static void put_rows(const rows *t, int turned) {
    rf_spell *s = t->to;
    const size_t start = s->written;
    rows again = {.to = s};
    if (start + t->bytes + RF_APART > t->behind) return;
    for (size_t line = t->from, end; line < t->behind; line = end + 1) {
        end = line_end(s, line);
        row r = next_row(&again, line, end);
        for (size_t i = 0, at = r.start; i < r.words; i++, at = next_word(s, r, at))
            if (i || !t->placed) put_word(s, at, r.digits, turned);
        if (r.rest) put_word(s, r.rest_at, r.rest, turned);
        if (bytes_of(r)) take(&again, r, line, end);
        else again.skipped++;
    }
    rf_spell_close(s, start, t->behind - 1);
}

static void close_rows(rows *t) {
    t->placed = 2 * t->steps + 1 >= t->count; /* the last line may be none of them */
    if (t->count > 1) put_rows(t, 0);
    if (t->count > 1 && t->last.digits > 2) put_rows(t, 1);
    /* Two bytes count by chance in one dump of 256. */
    if (t->count > 1 && t->last.digits == 2 && t->placed) {
        t->placed = 0;
        put_rows(t, 0);
    }
    *t = (rows){.to = t->to};
}

void rf_spell_rows(rf_spell *s) {
    rows t = {.to = s};
    for (size_t line = 0, end; line < s->size; line = end + 1) {
        end = line_end(s, line);
        row r = next_row(&t, line, end);
        if (t.count && !bytes_of(r)) {
            const rows none = {.to = s};
            r = read_row(&none, line, end);
            t.skipped++;
            /* A row that is shorter is the last one. */
            if (!bytes_of(r) && t.skipped <= SKIP && bytes_of(t.last) == t.whole) continue;
            close_rows(&t);
        }
        if (!bytes_of(r)) continue;
        if (!t.count) t.from = line;
        t.steps += t.count && r.first - t.last.first == bytes_of(t.last) - t.last.digits / 2;
        take(&t, r, line, end);
    }
    close_rows(&t);
}
