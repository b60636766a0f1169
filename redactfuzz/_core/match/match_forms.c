/* The encodings in which a secret may reach a dump: one small function each, and the table that lists them.
 *
 * A form holds only bytes that the secret alone determines: the characters of base64 that mix in a neighbour's bits, the
 * zero bytes that pad a number, are left out.
 */
#include "match/match_forms.h"

#include <string.h>

/* Each point (byte) of the secret in turn: its index i and the p (b) itself. Notes it as the unit being written. */
static int next(rf_out *out, uint32_t i, uint32_t count) {
    if (out->units) out->unit = i;
    return i < count;
}

#define EACH_POINT for (uint32_t i = 0, p; next(o, i, s->count) && (p = s->points[i], 1); i++)
#define EACH_BYTE for (uint32_t i = 0, b; next(o, i, s->size) && (b = s->bytes[i], 1); i++)
#define ENCODER(name) static void name(rf_out *o, const rf_clear *s)

static int is_one_of(uint32_t p, const char *set) { return p > 0 && p < 128 && strchr(set, (int)p) != NULL; }

/* -- characters */

ENCODER(as_bytes) { EACH_BYTE rf_put(o, b); }

ENCODER(as_utf8) { EACH_POINT rf_put_utf8(o, p); }

/* The utf-16 units of a point, each handed to `put` */
static void put_utf16(rf_out *o, uint32_t p, void (*put)(rf_out *, uint32_t)) {
    if (p < 0x10000) {
        put(o, p);
    } else {
        put(o, 0xd800u + ((p - 0x10000u) >> 10));
        put(o, 0xdc00u + ((p - 0x10000u) & 0x3ffu));
    }
}

static void utf16(rf_out *o, const rf_clear *s, void (*put)(rf_out *, uint32_t)) {
    EACH_POINT put_utf16(o, p, put);
}

static void put_le16(rf_out *o, uint32_t unit) { rf_put(o, unit & 255u), rf_put(o, unit >> 8); }
static void put_be16(rf_out *o, uint32_t unit) { rf_put(o, unit >> 8), rf_put(o, unit & 255u); }
static void put_u_lower(rf_out *o, uint32_t unit) { put_text(o, "\\u"), put_hex(o, unit, 4, 0); }
static void put_u_upper(rf_out *o, uint32_t unit) { put_text(o, "\\u"), put_hex(o, unit, 4, 1); }

void rf_utf16_le(rf_out *o, const rf_clear *s) { utf16(o, s, put_le16); }
ENCODER(utf16_be) { utf16(o, s, put_be16); }
static uint32_t upper(uint32_t p) { return p >= 'a' && p <= 'z' ? p - 32u : p; }
static uint32_t lower(uint32_t p) { return p >= 'A' && p <= 'Z' ? p + 32u : p; }

/* What stays to be guessed is one bit a letter. */
ENCODER(upper_case) { EACH_POINT rf_put_utf8(o, upper(p)); }
ENCODER(lower_case) { EACH_POINT rf_put_utf8(o, lower(p)); }
ENCODER(upper_case_utf16) { EACH_POINT put_utf16(o, upper(p), put_le16); }
ENCODER(lower_case_utf16) { EACH_POINT put_utf16(o, lower(p), put_le16); }

ENCODER(ucs4_le) { EACH_POINT put_le16(o, p & 0xffffu), put_le16(o, p >> 16); }
ENCODER(ucs4_be) { EACH_POINT put_be16(o, p >> 16), put_be16(o, p & 0xffffu); }

ENCODER(reversed_text) {
    for (uint32_t i = s->count; i-- > 0;) next(o, i, s->count), rf_put_utf8(o, s->points[i]);
}

ENCODER(reversed_bytes) {
    for (uint32_t i = s->size; i-- > 0;) next(o, i, s->size), rf_put(o, s->bytes[i]);
}

/* -- bytes as text */

ENCODER(hex_lower) { EACH_BYTE put_hex(o, b, 2, 0); }
ENCODER(hex_upper) { EACH_BYTE put_hex(o, b, 2, 1); }

static void separated_hex(rf_out *o, const rf_clear *s, const char *separator, int upper) {
    EACH_BYTE {
        if (i) put_text(o, separator);
        put_hex(o, b, 2, upper);
    }
}

ENCODER(hex_colons) { separated_hex(o, s, ":", 0); }
ENCODER(hex_colons_upper) { separated_hex(o, s, ":", 1); }
ENCODER(hex_spaces) { separated_hex(o, s, " ", 0); }

static void decimal_list(rf_out *o, const rf_clear *s, const char *separator) {
    EACH_BYTE {
        if (i) put_text(o, separator);
        put_decimal(o, b);
    }
}

ENCODER(decimals_spaced) { decimal_list(o, s, ", "); }
ENCODER(decimals) { decimal_list(o, s, ","); }

/* Lists and escapes as rf_densify leaves them: whatever stood between the numbers is gone. */
ENCODER(decimals_dense) { decimal_list(o, s, ""); }
ENCODER(signed_decimals) { EACH_BYTE put_decimal(o, b < 128 ? b : 256 - b); }
ENCODER(octals) { EACH_BYTE rf_put(o, '0' + (b >> 6)), rf_put(o, '0' + (b >> 3 & 7u)), rf_put(o, '0' + (b & 7u)); }

static void put_u4(rf_out *o, uint32_t unit) { put_hex(o, unit, 4, 0); }
static void put_u4_upper(rf_out *o, uint32_t unit) { put_hex(o, unit, 4, 1); }

ENCODER(hex_utf16) { utf16(o, s, put_u4); }
ENCODER(hex_utf16_upper) { utf16(o, s, put_u4_upper); }

/* The bytes from the last to the first, each as two digits; `swap`: the digits as well, which is hex text reversed. */
static void hex_backwards(rf_out *o, const rf_clear *s, int swap, int upper) {
    for (uint32_t i = s->size; i-- > 0;) {
        uint32_t b = s->bytes[i];
        next(o, i, s->size);
        put_hex(o, swap ? (b << 4 | b >> 4) & 255u : b, 2, upper);
    }
}

ENCODER(hex_reversed) { hex_backwards(o, s, 1, 0); }
ENCODER(hex_reversed_upper) { hex_backwards(o, s, 1, 1); }
ENCODER(hex_of_reversed) { hex_backwards(o, s, 0, 0); }
ENCODER(hex_of_reversed_upper) { hex_backwards(o, s, 0, 1); }

/* -- escapes of every character or byte */

ENCODER(percent_all) { EACH_BYTE rf_put(o, '%'), put_hex(o, b, 2, 1); }
ENCODER(percent_all_lower) { EACH_BYTE rf_put(o, '%'), put_hex(o, b, 2, 0); }
ENCODER(u_lower) { utf16(o, s, put_u_lower); }
ENCODER(u_upper) { utf16(o, s, put_u_upper); }
ENCODER(x_lower) { EACH_BYTE put_text(o, "\\x"), put_hex(o, b, 2, 0); }
ENCODER(x_upper) { EACH_BYTE put_text(o, "\\x"), put_hex(o, b, 2, 1); }
ENCODER(entities) { EACH_POINT put_text(o, "&#"), put_decimal(o, p), rf_put(o, ';'); }

static void hex_entities(rf_out *o, const rf_clear *s, int upper) {
    EACH_POINT {
        put_text(o, "&#x");
        put_hex(o, p, p >= 0x10000 ? 5 : p >= 0x1000 ? 4 : p >= 0x100 ? 3 : p >= 16 ? 2 : 1, upper);
        rf_put(o, ';');
    }
}

ENCODER(entities_lower) { hex_entities(o, s, 0); }
ENCODER(entities_upper) { hex_entities(o, s, 1); }

/* -- escapes of what needs it */

static void percent(rf_out *o, const rf_clear *s, const char *safe, int plus, int upper) {
    EACH_BYTE {
        if (rf_is_alnum(b) || is_one_of(b, safe)) {
            rf_put(o, b);
        } else if (plus && b == ' ') {
            rf_put(o, '+');
        } else {
            rf_put(o, '%'), put_hex(o, b, 2, upper);
        }
    }
}

ENCODER(percent_component) { percent(o, s, "_.-~", 0, 1); }
ENCODER(percent_component_lower) { percent(o, s, "_.-~", 0, 0); }
ENCODER(percent_path) { percent(o, s, "_.-~/", 0, 1); }
ENCODER(percent_form) { percent(o, s, "_.-~", 1, 1); }

static void json(rf_out *o, const rf_clear *s, int ascii, int slash) {
    static const char named[] = "\b\f\n\r\t", names[] = "bfnrt";
    EACH_POINT {
        if (p == '"' || p == '\\' || (slash && p == '/')) {
            rf_put(o, '\\'), rf_put(o, p);
        } else if (is_one_of(p, named)) {
            rf_put(o, '\\'), rf_put(o, (unsigned char)names[strchr(named, (int)p) - named]);
        } else if (p < 32 || (ascii && p > 126)) {
            put_utf16(o, p, put_u_lower);
        } else {
            rf_put_utf8(o, p);
        }
    }
}

ENCODER(json_ascii) { json(o, s, 1, 0); }
ENCODER(json_utf8) { json(o, s, 0, 0); }
ENCODER(json_slash) { json(o, s, 1, 1); }

/* The quote that Python's repr chooses. */
static uint32_t python_quote(const uint32_t *points, uint32_t count) {
    int single = 0, twice = 0;
    for (uint32_t i = 0; i < count; i++) {
        single |= points[i] == '\'';
        twice |= points[i] == '"';
    }
    return single && !twice ? '"' : '\'';
}

static void python(rf_out *o, const uint32_t *points, uint32_t count, uint32_t verbatim_from) {
    uint32_t quote = python_quote(points, count);
    for (uint32_t i = 0; next(o, i, count); i++) {
        uint32_t p = points[i];
        if (p == quote || p == '\\') {
            rf_put(o, '\\'), rf_put(o, p);
        } else if (p == '\n' || p == '\r' || p == '\t') {
            rf_put(o, '\\'), rf_put(o, p == '\n' ? 'n' : p == '\r' ? 'r' : 't');
        } else if ((p >= 32 && p < 127) || (p >= verbatim_from && p != 0xad)) {
            rf_put_utf8(o, p);
        } else if (p < 0x100) {
            put_text(o, "\\x"), put_hex(o, p, 2, 0);
        } else if (p < 0x10000) {
            put_text(o, "\\u"), put_hex(o, p, 4, 0);
        } else {
            put_text(o, "\\U"), put_hex(o, p, 8, 0);
        }
    }
}

ENCODER(python_repr) { python(o, s->points, s->count, 0xa1); }
ENCODER(python_ascii) { python(o, s->points, s->count, 0xffffffffu); }

ENCODER(python_bytes) {
    uint32_t *points = (uint32_t *)(void *)s->wide;
    for (uint32_t i = 0; i < s->size; i++) points[i] = s->bytes[i];
    python(o, points, s->size, 0xffffffffu);
}

static void markup(rf_out *o, const rf_clear *s, const char *quot, const char *apos) {
    EACH_POINT {
        if (p == '&') put_text(o, "&amp;");
        else if (p == '<') put_text(o, "&lt;");
        else if (p == '>') put_text(o, "&gt;");
        else if (p == '"') put_text(o, quot);
        else if (p == '\'') put_text(o, apos);
        else rf_put_utf8(o, p);
    }
}

ENCODER(xml_text) { markup(o, s, "\"", "'"); }
ENCODER(xml_attribute) { markup(o, s, "&quot;", "&apos;"); }
ENCODER(xml_quoted) { markup(o, s, "&quot;", "'"); }
ENCODER(html) { markup(o, s, "&quot;", "&#x27;"); }
ENCODER(html_decimal) { markup(o, s, "&#34;", "&#39;"); }

static void replaced(rf_out *o, const rf_clear *s, uint32_t what, const char *by) {
    EACH_POINT {
        if (p == what) put_text(o, by);
        else rf_put_utf8(o, p);
    }
}

static void prefixed(rf_out *o, const rf_clear *s, const char *set, unsigned prefix) {
    EACH_POINT {
        if (is_one_of(p, set)) rf_put(o, prefix);
        rf_put_utf8(o, p);
    }
}

ENCODER(shell_quoted) { replaced(o, s, '\'', "'\"'\"'"); }
ENCODER(shell_spliced) { replaced(o, s, '\'', "'\\''"); }
ENCODER(shell_double) { prefixed(o, s, "\"\\$`", '\\'); }
ENCODER(shell_backslash) { prefixed(o, s, " !\"#$&'()*;<=>?[\\]^`{|}~", '\\'); }
ENCODER(powershell_single) { replaced(o, s, '\'', "''"); }
ENCODER(powershell_double) { prefixed(o, s, "`\"$", '`'); }

/* -- the table. Of two forms with the same bytes the first one counts. */

enum { T = 1 << RF_TEXT, B = 1 << RF_BYTES, N = 1 << RF_NUMBER, RARE = 2, OF_ANY_BYTES = 3 };

#define SHIFTED(name, n, rare, encode) {name " (shift " n ")", T | B, rare, RF_UNIT_BYTE, encode}
#define FIVE(name, rare, encode) \
    {name, T | B, rare, RF_UNIT_BYTE, encode##_0}, SHIFTED(name, "1", rare, encode##_1), \
        SHIFTED(name, "2", rare, encode##_2), SHIFTED(name, "3", rare, encode##_3), SHIFTED(name, "4", rare, encode##_4)
#define HPACK "Huffman code of HTTP"

const rf_encoding rf_encodings[] = {
    {"raw bytes", B, 1, RF_UNIT_BYTE, as_bytes},
    {"utf-8", T | B, 1, RF_UNIT_POINT, as_utf8},
    {"utf-16-le", T | B, 0, RF_UNIT_POINT, rf_utf16_le},
    {"utf-16-be", T | B, 0, RF_UNIT_POINT, utf16_be},
    {"ucs4-le", T | B, 0, RF_UNIT_POINT, ucs4_le},
    {"ucs4-be", T | B, 0, RF_UNIT_POINT, ucs4_be},
    {"decimal", N, 1, RF_UNIT_NONE, rf_decimal},
    {"big-endian", N, 0, RF_UNIT_NONE, rf_big_endian},
    {"little-endian limbs", N, 0, RF_UNIT_NONE, rf_limbs},
    {"30-bit digits", N, 0, RF_UNIT_NONE, rf_digits_30},
    {"hex", T | B, 0, RF_UNIT_BYTE, hex_lower},
    {"hex (upper case)", T | B, 0, RF_UNIT_BYTE, hex_upper},
    {"hex number", N, 0, RF_UNIT_NONE, rf_hex_number_lower},
    {"hex number (upper case)", N, 0, RF_UNIT_NONE, rf_hex_number_upper},
    {"hex with colons", T | B, 0, RF_UNIT_BYTE, hex_colons},
    {"hex with colons (upper case)", T | B, 0, RF_UNIT_BYTE, hex_colons_upper},
    {"hex with spaces", T | B, 0, RF_UNIT_BYTE, hex_spaces},
    {"base64", T | B, 0, RF_UNIT_BYTE, rf_base64_0},
    {"base64 (shift 1)", T | B, 0, RF_UNIT_BYTE, rf_base64_1},
    {"base64 (shift 2)", T | B, 0, RF_UNIT_BYTE, rf_base64_2},
    {"base64url", T | B, 0, RF_UNIT_BYTE, rf_base64url_0},
    {"base64url (shift 1)", T | B, 0, RF_UNIT_BYTE, rf_base64url_1},
    {"base64url (shift 2)", T | B, 0, RF_UNIT_BYTE, rf_base64url_2},
    {"base64 of utf-16-le", T, 0, RF_UNIT_NONE, rf_base64_wide_0},
    {"base64 of utf-16-le (shift 1)", T, 0, RF_UNIT_NONE, rf_base64_wide_1},
    {"base64 of utf-16-le (shift 2)", T, 0, RF_UNIT_NONE, rf_base64_wide_2},
    {"base64url of utf-16-le", T, 0, RF_UNIT_NONE, rf_base64url_wide_0},
    {"base64url of utf-16-le (shift 1)", T, 0, RF_UNIT_NONE, rf_base64url_wide_1},
    {"base64url of utf-16-le (shift 2)", T, 0, RF_UNIT_NONE, rf_base64url_wide_2},
    {"percent (every byte)", T | B, 0, RF_UNIT_BYTE, percent_all},
    {"percent (every byte, lower case)", T | B, 0, RF_UNIT_BYTE, percent_all_lower},
    {"percent", T | B, 0, RF_UNIT_BYTE, percent_component},
    {"percent (lower case)", T | B, 0, RF_UNIT_BYTE, percent_component_lower},
    {"percent (path)", T | B, 0, RF_UNIT_BYTE, percent_path},
    {"percent (form)", T | B, 0, RF_UNIT_BYTE, percent_form},
    {"\\u escapes", T, 0, RF_UNIT_POINT, u_lower},
    {"\\u escapes (upper case)", T, 0, RF_UNIT_POINT, u_upper},
    {"\\x escapes", T | B, 0, RF_UNIT_BYTE, x_lower},
    {"\\x escapes (upper case)", T | B, 0, RF_UNIT_BYTE, x_upper},
    {"JSON escape", T | B, 0, RF_UNIT_POINT, json_ascii},
    {"JSON escape (utf-8)", T | B, 0, RF_UNIT_POINT, json_utf8},
    {"JSON escape (with slashes)", T, 0, RF_UNIT_POINT, json_slash},
    {"Python repr", T | B, 0, RF_UNIT_POINT, python_repr},
    {"Python ascii", T, 0, RF_UNIT_POINT, python_ascii},
    {"Python bytes repr", T | B, 0, RF_UNIT_BYTE, python_bytes},
    {"XML escape", T, 0, RF_UNIT_POINT, xml_text},
    {"XML escape (quotes)", T, 0, RF_UNIT_POINT, xml_quoted},
    {"XML escape (attribute)", T, 0, RF_UNIT_POINT, xml_attribute},
    {"HTML escape", T, 0, RF_UNIT_POINT, html},
    {"HTML escape (decimal quotes)", T, 0, RF_UNIT_POINT, html_decimal},
    {"HTML entities", T, 0, RF_UNIT_POINT, entities},
    {"HTML entities (hex)", T, 0, RF_UNIT_POINT, entities_lower},
    {"HTML entities (hex, upper case)", T, 0, RF_UNIT_POINT, entities_upper},
    {"shell quoting", T, 0, RF_UNIT_POINT, shell_quoted},
    {"shell quoting (spliced)", T, 0, RF_UNIT_POINT, shell_spliced},
    {"shell quoting (double)", T, 0, RF_UNIT_POINT, shell_double},
    {"shell backslash", T, 0, RF_UNIT_POINT, shell_backslash},
    {"PowerShell escape", T, 0, RF_UNIT_POINT, powershell_single},
    {"PowerShell escape (double)", T, 0, RF_UNIT_POINT, powershell_double},
    {"reversed", T, 0, RF_UNIT_POINT, reversed_text},
    {"reversed", B, 0, RF_UNIT_BYTE, reversed_bytes},
    {"decimal list", T | B, 0, RF_UNIT_BYTE, decimals_spaced},
    {"decimal list (no spaces)", T | B, 0, RF_UNIT_BYTE, decimals},
    {"decimal list (no separators)", T | B, 0, RF_UNIT_DIGITS, decimals_dense},
    {"signed decimal list (no separators)", B, 0, RF_UNIT_DIGITS, signed_decimals},
    {"octal", T | B, 0, RF_UNIT_BYTE, octals},
    {"hex of utf-16-be", T, 0, RF_UNIT_POINT, hex_utf16},
    {"hex of utf-16-be (upper case)", T, 0, RF_UNIT_POINT, hex_utf16_upper},
    {"reversed hex", T | B, 0, RF_UNIT_BYTE, hex_reversed},
    {"reversed hex (upper case)", T | B, 0, RF_UNIT_BYTE, hex_reversed_upper},
    {"hex of the reversed", T | B, 0, RF_UNIT_BYTE, hex_of_reversed},
    {"hex of the reversed (upper case)", T | B, 0, RF_UNIT_BYTE, hex_of_reversed_upper},
    FIVE("base32", 0, rf_base32),
    FIVE("base32 in lower case", 0, rf_base32_lower),
    {"base64 of base64", T | B, 0, RF_UNIT_NONE, rf_base64_twice_0_0},
    {"base64 of base64 (shifts 0 and 1)", T | B, 0, RF_UNIT_NONE, rf_base64_twice_0_1},
    {"base64 of base64 (shifts 0 and 2)", T | B, 0, RF_UNIT_NONE, rf_base64_twice_0_2},
    {"base64 of base64 (shifts 1 and 0)", T | B, 0, RF_UNIT_NONE, rf_base64_twice_1_0},
    {"base64 of base64 (shifts 1 and 1)", T | B, 0, RF_UNIT_NONE, rf_base64_twice_1_1},
    {"base64 of base64 (shifts 1 and 2)", T | B, 0, RF_UNIT_NONE, rf_base64_twice_1_2},
    {"base64 of base64 (shifts 2 and 0)", T | B, 0, RF_UNIT_NONE, rf_base64_twice_2_0},
    {"base64 of base64 (shifts 2 and 1)", T | B, 0, RF_UNIT_NONE, rf_base64_twice_2_1},
    {"base64 of base64 (shifts 2 and 2)", T | B, 0, RF_UNIT_NONE, rf_base64_twice_2_2},
    {"upper case", T, 0, RF_UNIT_POINT, upper_case},
    {"lower case", T, 0, RF_UNIT_POINT, lower_case},
    {"upper case in utf-16-le", T, 0, RF_UNIT_POINT, upper_case_utf16},
    {"lower case in utf-16-le", T, 0, RF_UNIT_POINT, lower_case_utf16},
    {"base85", T | B, RARE, RF_UNIT_NONE, rf_base85_0},
    {"base85 (shift 1)", T | B, RARE, RF_UNIT_NONE, rf_base85_1},
    {"base85 (shift 2)", T | B, RARE, RF_UNIT_NONE, rf_base85_2},
    {"base85 (shift 3)", T | B, RARE, RF_UNIT_NONE, rf_base85_3},
    {"ascii85", T | B, RARE, RF_UNIT_NONE, rf_ascii85_0},
    {"ascii85 (shift 1)", T | B, RARE, RF_UNIT_NONE, rf_ascii85_1},
    {"ascii85 (shift 2)", T | B, RARE, RF_UNIT_NONE, rf_ascii85_2},
    {"ascii85 (shift 3)", T | B, RARE, RF_UNIT_NONE, rf_ascii85_3},
    {"z85", T | B, RARE, RF_UNIT_NONE, rf_z85_0},
    {"z85 (shift 1)", T | B, RARE, RF_UNIT_NONE, rf_z85_1},
    {"z85 (shift 2)", T | B, RARE, RF_UNIT_NONE, rf_z85_2},
    {"z85 (shift 3)", T | B, RARE, RF_UNIT_NONE, rf_z85_3},
    {"uuencode", T | B, RARE, RF_UNIT_BYTE, rf_uu_0},
    {"uuencode (shift 1)", T | B, RARE, RF_UNIT_BYTE, rf_uu_1},
    {"uuencode (shift 2)", T | B, RARE, RF_UNIT_BYTE, rf_uu_2},
    {"uuencode without spaces", T | B, RARE, RF_UNIT_BYTE, rf_uu_grave_0},
    {"uuencode without spaces (shift 1)", T | B, RARE, RF_UNIT_BYTE, rf_uu_grave_1},
    {"uuencode without spaces (shift 2)", T | B, RARE, RF_UNIT_BYTE, rf_uu_grave_2},
    {"base45", T | B, RARE, RF_UNIT_NONE, rf_base45_0},
    {"base45 (shift 1)", T | B, RARE, RF_UNIT_NONE, rf_base45_1},
    FIVE("base32hex", RARE, rf_base32_hex),
    FIVE("base32hex in lower case", RARE, rf_base32_hex_lower),
    {"32-bit words, highest first", N, RARE, RF_UNIT_NONE, rf_words_down},
    {"26-bit digits", N, RARE, RF_UNIT_NONE, rf_digits_26},
    {"28-bit digits", N, RARE, RF_UNIT_NONE, rf_digits_28},
    {"base58", T | B, RARE, RF_UNIT_NONE, rf_base58},
    {"EBCDIC", T, RARE, RF_UNIT_POINT, rf_ebcdic},
    {"punycode", T, RARE, RF_UNIT_POINT, rf_punycode},
    {"punycode in lower case", T, RARE, RF_UNIT_POINT, rf_punycode_lower},
    {HPACK, T | B, OF_ANY_BYTES, RF_UNIT_BYTE, rf_hpack_0},
    SHIFTED(HPACK, "1", OF_ANY_BYTES, rf_hpack_1),
    SHIFTED(HPACK, "2", OF_ANY_BYTES, rf_hpack_2),
    SHIFTED(HPACK, "3", OF_ANY_BYTES, rf_hpack_3),
    SHIFTED(HPACK, "4", OF_ANY_BYTES, rf_hpack_4),
    SHIFTED(HPACK, "5", OF_ANY_BYTES, rf_hpack_5),
    SHIFTED(HPACK, "6", OF_ANY_BYTES, rf_hpack_6),
    SHIFTED(HPACK, "7", OF_ANY_BYTES, rf_hpack_7),
    {NULL, 0, 0, 0, NULL},
};
