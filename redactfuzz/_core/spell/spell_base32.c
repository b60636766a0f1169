/* Base32 (RFC 4648 section 6), in capitals or in small letters, in one line, in lines of equal length, or in labels of a name of DNS. */
#include "spell/spell_runs.h"

enum {
    LEAST = 32, /* letters of a run, at least: 20 bytes, as of a token; words of prose are shorter */
    BITS = 5,   /* of a letter */
};

static const uint8_t capitals[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11,
    ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22,
    ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['2'] = 27, ['3'] = 28, ['4'] = 29, ['5'] = 30, ['6'] = 31, ['7'] = 32,
};

static const uint8_t small_ones[256] = {
    ['a'] = 1,  ['b'] = 2,  ['c'] = 3,  ['d'] = 4,  ['e'] = 5,  ['f'] = 6,  ['g'] = 7,  ['h'] = 8,  ['i'] = 9,  ['j'] = 10, ['k'] = 11,
    ['l'] = 12, ['m'] = 13, ['n'] = 14, ['o'] = 15, ['p'] = 16, ['q'] = 17, ['r'] = 18, ['s'] = 19, ['t'] = 20, ['u'] = 21, ['v'] = 22,
    ['w'] = 23, ['x'] = 24, ['y'] = 25, ['z'] = 26, ['2'] = 27, ['3'] = 28, ['4'] = 29, ['5'] = 30, ['6'] = 31, ['7'] = 32,
};

/* Where the letters begin that go on with those that end at `end`; 0: none do. */
static size_t next_piece(const rf_spell *s, size_t end) {
    if (end + 1 < s->size && s->text[end] == '.' && rf_letter(s, end + 1) >= 0) return end + 1;
    return rf_next_line(s, end);
}

/* All pieces from the one of [start, end) on, each as long as the first, the last one shorter. Gives where they end. */
static size_t stretch(rf_spell *s, size_t start, size_t end) {
    const size_t line = end - start, written = s->written;
    uint32_t value = 0;
    unsigned held = 0; /* bits of it that are not written yet */
    for (;;) {
        for (size_t at = start; at < end; at++) {
            value = value << BITS | (uint32_t)rf_letter(s, at), held += BITS;
            if (held >= 8) rf_spell_put(s, value >> (held -= 8) & 255u, at);
        }
        const size_t next = end - start == line ? next_piece(s, end) : 0, behind = next ? rf_run_end(s, next) : 0;
        if (!next || behind - next > line) break;
        start = next, end = behind;
    }
    rf_spell_close(s, written, end - 1);
    return end;
}

/* Of 32 random letters one in 800 has none; of letters of one case that are something else, as an alphabet or a word, nearly all. */
static int has_digit(const rf_spell *s, size_t at, size_t end) {
    while (at < end && s->text[at] > '9') at++;
    return at < end;
}

static void spell(rf_spell *s, const uint8_t *letters) {
    s->letters = letters;
    for (size_t at = LEAST - 1; at < s->size; at += LEAST) {
        /* Every long run covers one of these places. */
        if (rf_letter(s, at) < 0) continue;
        size_t start = at;
        while (at - start < LEAST - 1 && rf_letter(s, start - 1) >= 0) start--;
        const size_t end = rf_run_end(s, at);
        if (end - start < LEAST) continue;
        at = (has_digit(s, start, end) ? stretch(s, start, end) : end) - 1; /* no run is gone through twice */
    }
}

void rf_spell_base32(rf_spell *s) {
    spell(s, capitals);
    spell(s, small_ones);
}
