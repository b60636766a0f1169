/* The ways to write a list of numbers, or a text in groups, are endless (one a line, indented, xxd, C arrays, wrapped
 * base64); what stays of them without the separators is one form each. */
#include "match/match_dense.h"

#include "match/match_out.h"
#include "match/match_steps.h"

static int is_hex_digit(unsigned c) { return (c >= '0' && c <= '9') || ((c | 32u) >= 'a' && (c | 32u) <= 'f'); }

/* The ASCII that always stays, as a bit map: most bytes do. */
static int stays(unsigned c) {
    static const uint64_t map[2] = {0x3fe8800ffffc1ffu, 0x87fffffe07fffffeu}; /* controls, + / 1..9, letters */
    return c >= 128 || (map[c >> 6] >> (c & 63u) & 1u);
}

/* How many bytes at `at` are left out; 0: the byte there stays. */
static size_t left_out(const uint8_t *text, size_t size, size_t at) {
    unsigned c = text[at];
    if (stays(c)) return 0;
    unsigned after = at + 1 < size ? text[at + 1] : 0, third = at + 2 < size ? text[at + 2] : 0;
    if (c == '0') return (after | 32u) == 'x' && is_hex_digit(third) && (at == 0 || !rf_is_alnum(text[at - 1])) ? 2 : 0;
    if (c == '\\' && (after == 'n' || after == 'r' || after == 't')) return 2;
    if (c == '\\' && (after == 'x' || after == 'u' || after == 'U') && is_hex_digit(third)) return 2;
    if (c == '#' && (after | 32u) == 'x' && is_hex_digit(third)) return 2;
    return 1;
}

size_t rf_densify(const uint8_t *text, size_t size, uint8_t *out) {
    uint8_t *to = out;
    for (size_t at = 0; at < size;) {
        size_t skipped = left_out(text, size, at);
        if (skipped) at += skipped;
        else *to++ = text[at++];
    }
    return (size_t)(to - out);
}

static size_t step(const uint8_t *text, size_t size, size_t at, size_t *bytes) {
    size_t skipped = left_out(text, size, at);
    *bytes = !skipped;
    return skipped ? skipped : 1;
}

size_t rf_densify_marks(const uint8_t *text, size_t size, rf_mark *marks) { return rf_marks_of(step, text, size, marks); }

size_t rf_densify_origin(const uint8_t *text, size_t size, const rf_mark *marks, size_t count, size_t position) {
    return rf_origin_of(step, text, size, marks, count, position);
}
