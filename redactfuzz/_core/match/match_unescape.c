/* Backslash escapes taken back, so that an escaped secret is seen as what it is. */
#include "match/match.h"
#include "match/match_forms.h"
#include "match/match_steps.h"

static int hex_value(unsigned c) {
    if (c >= '0' && c <= '9') return (int)(c - '0');
    c |= 32u;
    return c >= 'a' && c <= 'f' ? (int)(c - 'a') + 10 : -1;
}

/* `digits` hexadecimal digits at `at`; -1 when there are fewer. */
static int64_t hex_number(const uint8_t *text, size_t size, size_t at, size_t digits) {
    int64_t value = 0;
    if (at + digits > size) return -1;
    for (size_t i = 0; i < digits; i++) {
        int digit = hex_value(text[at + i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t unicode_escape(const uint8_t *text, size_t size, size_t at, uint32_t *point) {
    int64_t high = hex_number(text, size, at + 2, 4);
    if (high < 0) return 0;
    *point = (uint32_t)high;
    if (high >= 0xd800 && high < 0xdc00 && at + 7 < size && text[at + 6] == '\\' && text[at + 7] == 'u') {
        int64_t low = hex_number(text, size, at + 8, 4);
        if (low >= 0xdc00 && low < 0xe000) {
            *point = 0x10000u + (((uint32_t)high & 0x3ffu) << 10) + ((uint32_t)low & 0x3ffu);
            return 12;
        }
    }
    return 6;
}

/* The escape at `at` (a backslash): its length and what it stands for. Length 0: it is none, the backslash stays. */
static size_t escape(const uint8_t *text, size_t size, size_t at, uint32_t *point) {
    int64_t value;
    if (at + 1 >= size) return 0;
    switch (text[at + 1]) {
    case '\\': case '"': case '\'': case '/': case '`': case '$':
        *point = text[at + 1];
        return 2;
    case 'n': *point = '\n'; return 2;
    case 'r': *point = '\r'; return 2;
    case 't': *point = '\t'; return 2;
    case 'b': *point = '\b'; return 2;
    case 'f': *point = '\f'; return 2;
    case 'u': return unicode_escape(text, size, at, point);
    case 'U':
        value = hex_number(text, size, at + 2, 8);
        *point = (uint32_t)value;
        return value >= 0 && value < 0x110000 ? 10 : 0;
    case 'x':
        value = hex_number(text, size, at + 2, 2);
        *point = (uint32_t)value;
        return value >= 0 ? 4 : 0;
    default: return 0;
    }
}

size_t rf_unescape(const uint8_t *text, size_t size, uint8_t *out) {
    rf_out to = {.at = out, .end = out + size};
    for (size_t at = 0; at < size;) {
        uint32_t point;
        size_t length = text[at] == '\\' ? escape(text, size, at, &point) : 0;
        if (length) {
            rf_put_utf8(&to, point);
        } else {
            rf_put(&to, text[at]);
            length = 1;
        }
        at += length;
    }
    return (size_t)(to.at - out);
}

static size_t step(const uint8_t *text, size_t size, size_t at, size_t *bytes) {
    uint8_t scratch[4];
    uint32_t point;
    size_t length = text[at] == '\\' ? escape(text, size, at, &point) : 0;
    *bytes = 1;
    if (!length) return 1;
    rf_out to = {.at = scratch, .end = scratch + sizeof scratch};
    rf_put_utf8(&to, point);
    *bytes = (size_t)(to.at - scratch);
    return length;
}

size_t rf_unescape_marks(const uint8_t *text, size_t size, rf_mark *marks) { return rf_marks_of(step, text, size, marks); }

size_t rf_unescape_origin(const uint8_t *text, size_t size, const rf_mark *marks, size_t count, size_t position) {
    return rf_origin_of(step, text, size, marks, count, position);
}
