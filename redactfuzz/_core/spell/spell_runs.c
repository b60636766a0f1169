/* Runs of letters that spell bytes, and where the next line of them begins: behind marks, or among whatever else is in both lines. */
#include "spell/spell_runs.h"

#include <string.h>

enum {
    BETWEEN = 32,  /* characters between two lines, at most */
    SAMPLE = 32,   /* that tell where groups of four begin, */
    FEWER = 24,    /* and in a run of fewer than two samples */
    PREFIX = 256,  /* characters before the letters of a line, at most: what a log puts before each line */
    SUFFIX = 128,  /* and behind them: what is in a JSON event beside its text */
};

const uint8_t rf_base64_letters[256] = {
    ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10, ['K'] = 11,
    ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22,
    ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33,
    ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44,
    ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55,
    ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['-'] = 63, ['/'] = 64, ['_'] = 64,
};

const uint8_t rf_hex_letters[256] = {
    ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10, ['a'] = 11,
    ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

size_t rf_run_end(const rf_spell *s, size_t at) {
    while (at < s->size && rf_letter(s, at) >= 0) at++;
    return at;
}

/* Whether the groups from `at` on, all letters, `sample` of them, stand for printable text. */
static int is_text(const rf_spell *s, size_t at, size_t sample) {
    for (size_t i = 0; i < sample; i += 4) {
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) group = group << 6 | (uint32_t)rf_letter(s, at + i + k);
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

/* How many of the first four letters to leave out so that `sample` letters in the middle of a run stand for text; 4: none. */
static size_t text_phase(const rf_spell *s, size_t start, size_t end, size_t sample) {
    size_t middle = start + (end - start - sample) / 8 * 4;
    for (size_t skip = 0; skip < 4 && middle + skip + sample <= end; skip++)
        if (is_text(s, middle + skip, sample)) return skip;
    return 4;
}

size_t rf_text_phase(const rf_spell *s, size_t start, size_t end) {
    return end - start < 2 * SAMPLE ? 4 : text_phase(s, start, end, SAMPLE);
}

/* The same by the signs with which the last group is filled up; 4: there are none. Behind those of an assignment stand letters. */
static size_t padded_phase(const rf_spell *s, size_t start, size_t end) {
    size_t behind = end;
    while (behind < s->size && behind < end + 3 && s->text[behind] == '=') behind++;
    const size_t signs = behind - end;
    if (!signs || signs > 2 || (behind < s->size && rf_letter(s, behind) >= 0)) return 4;
    return (end - start + signs) % 4;
}

size_t rf_told_phase(const rf_spell *s, size_t start, size_t end) {
    if (end - start < FEWER) return 4;
    const int few = end - start < 2 * SAMPLE;
    size_t skip = text_phase(s, start, end, few ? FEWER : SAMPLE);
    if (skip < 4) return skip;
    for (size_t at = start; !few && at + 8 < end && at < start + 2 * SAMPLE; at++)
        if (is_key(s->text + at)) return (at - start) % 4;
    return padded_phase(s, start, end);
}

size_t rf_next_line(const rf_spell *s, size_t at) {
    size_t end = at + BETWEEN < s->size ? at + BETWEEN : s->size;
    if (at == end || strchr("\r\n\"',\\ \t", s->text[at]) == NULL || !s->text[at]) return 0;
    int outside = 0; /* of the literals of a program, behind a quote that has closed one: only there a plus joins, and is no letter */
    for (; at < end; at++) {
        unsigned c = s->text[at];
        outside ^= c == '"' || c == '\'';
        if (outside && c == '+' && strchr(" \t\r\n\"'", s->text[at - 1]) && at + 1 < end && strchr(" \t\r\n\"'", s->text[at + 1])) continue;
        if (s->letters[c]) return at;
        if (!c || !strchr("\r\n \t\"',;>|*#.()[]\\", (int)c)) return 0;
    }
    return 0;
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
    while (start > line && rf_letter(s, start - 1) >= 0) start--;
    return end - start >= least && end - start <= most ? start : 0;
}

size_t rf_next_among(const rf_spell *s, size_t start, size_t end, size_t least, size_t most) {
    size_t line = line_end(s, end, SUFFIX), column = column_of(s, start), found = 0;
    if (!line || line == s->size) return 0;
    size_t last = line_end(s, ++line, PREFIX + most + SUFFIX);
    if (!last) return 0;
    for (size_t at = line, behind; at < last; at = behind + 1) {
        behind = rf_run_end(s, at);
        if (behind - at == most && (!found || at - line == column)) found = at;
        if (at - line <= PREFIX && at - line == column && behind - at >= least && behind - at < most) return at;
    }
    return found ? found : ending(s, line, last, least, most);
}

int rf_is_before_others(const rf_spell *s, size_t start, size_t end) {
    size_t length = end - start > RF_LINE ? end - start : RF_LINE, stop = s->size - end > PREFIX + length ? end + PREFIX + length : s->size;
    size_t next = rf_next_line(s, end);
    if (next && rf_run_end(s, next) - next <= end - start) return 0; /* the next piece of a list */
    for (size_t at = end; at < stop && s->text[at] && s->text[at] != '\n';) {
        size_t from = at;
        at = rf_run_end(s, at);
        if (at - from >= length) return 1;
        at += at == from;
    }
    return 0;
}
