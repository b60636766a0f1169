/* Base 64 and base 32, in which a secret looks different for every number of bytes that stand before it. */
#include "match/match_forms.h"

/* The digits of a base of `width` bits that `bytes` alone determine when `shift` unknown bytes stand before them. */
static void digits(rf_out *o, const uint8_t *bytes, uint32_t size, uint32_t shift, uint32_t width, const char *alphabet) {
    uint32_t first = shift * 8u, end = (shift + size) * 8u;
    for (uint32_t at = (first + width - 1u) / width * width; at + width <= end; at += width) {
        uint32_t index = at / 8u - shift;
        uint32_t pair = (uint32_t)bytes[index] << 8 | (index + 1u < size ? bytes[index + 1u] : 0u);
        o->unit = index;
        rf_put(o, (unsigned char)alphabet[pair >> (16u - width - at % 8u) & ((1u << width) - 1u)]);
    }
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL_LETTERS "abcdefghijklmnopqrstuvwxyz"

static void base64(rf_out *o, const uint8_t *bytes, uint32_t size, uint32_t shift, int url) {
    digits(o, bytes, size, shift, 6, url ? LETTERS SMALL_LETTERS "0123456789-_" : LETTERS SMALL_LETTERS "0123456789+/");
}

static void base32(rf_out *o, const rf_clear *s, uint32_t shift, int lower) {
    digits(o, s->bytes, s->size, shift, 5, lower ? SMALL_LETTERS "234567" : LETTERS "234567");
}

/* Digits in their order, which keeps that of the bytes (RFC 4648, section 7). */
static void base32_hex(rf_out *o, const rf_clear *s, uint32_t shift, int lower)
{
    digits(o, s->bytes, s->size, shift, 5, lower ? "0123456789" SMALL_LETTERS : "0123456789" LETTERS);
}

/* Base 64 once more; a zero is a space, or what is no space. */
static void uu(rf_out *o, const rf_clear *s, uint32_t shift, const char *zero) {
    char alphabet[64];
    for (int i = 0; i < 64; i++) alphabet[i] = (char)(i ? ' ' + i : *zero);
    digits(o, s->bytes, s->size, shift, 6, alphabet);
}

/* `outer` unknown characters stand before what the secret determines of the inner base64. */
static void base64_twice(rf_out *o, const rf_clear *s, uint32_t inner, uint32_t outer) {
    rf_out once = {.at = s->wide, .end = s->wide + (size_t)s->size * 4u};
    base64(&once, s->bytes, s->size, inner, 0);
    base64(o, s->wide, (uint32_t)(once.at - s->wide), outer, 0);
}

static void base64_wide(rf_out *o, const rf_clear *s, uint32_t shift, int url) {
    rf_out wide = {.at = s->wide, .end = s->wide + (size_t)s->size * 4u};
    rf_utf16_le(&wide, s);
    base64(o, s->wide, (uint32_t)(wide.at - s->wide), shift, url);
}

#define ENCODER(name) void name(rf_out *o, const rf_clear *s)

ENCODER(rf_base32_0) { base32(o, s, 0, 0); }
ENCODER(rf_base32_1) { base32(o, s, 1, 0); }
ENCODER(rf_base32_2) { base32(o, s, 2, 0); }
ENCODER(rf_base32_3) { base32(o, s, 3, 0); }
ENCODER(rf_base32_4) { base32(o, s, 4, 0); }
ENCODER(rf_base32_lower_0) { base32(o, s, 0, 1); }
ENCODER(rf_base32_lower_1) { base32(o, s, 1, 1); }
ENCODER(rf_base32_lower_2) { base32(o, s, 2, 1); }
ENCODER(rf_base32_lower_3) { base32(o, s, 3, 1); }
ENCODER(rf_base32_lower_4) { base32(o, s, 4, 1); }
ENCODER(rf_base32_hex_0) { base32_hex(o, s, 0, 0); }
ENCODER(rf_base32_hex_1) { base32_hex(o, s, 1, 0); }
ENCODER(rf_base32_hex_2) { base32_hex(o, s, 2, 0); }
ENCODER(rf_base32_hex_3) { base32_hex(o, s, 3, 0); }
ENCODER(rf_base32_hex_4) { base32_hex(o, s, 4, 0); }
ENCODER(rf_base32_hex_lower_0) { base32_hex(o, s, 0, 1); }
ENCODER(rf_base32_hex_lower_1) { base32_hex(o, s, 1, 1); }
ENCODER(rf_base32_hex_lower_2) { base32_hex(o, s, 2, 1); }
ENCODER(rf_base32_hex_lower_3) { base32_hex(o, s, 3, 1); }
ENCODER(rf_base32_hex_lower_4) { base32_hex(o, s, 4, 1); }
ENCODER(rf_base64_twice_0_0) { base64_twice(o, s, 0, 0); }
ENCODER(rf_base64_twice_0_1) { base64_twice(o, s, 0, 1); }
ENCODER(rf_base64_twice_0_2) { base64_twice(o, s, 0, 2); }
ENCODER(rf_base64_twice_1_0) { base64_twice(o, s, 1, 0); }
ENCODER(rf_base64_twice_1_1) { base64_twice(o, s, 1, 1); }
ENCODER(rf_base64_twice_1_2) { base64_twice(o, s, 1, 2); }
ENCODER(rf_base64_twice_2_0) { base64_twice(o, s, 2, 0); }
ENCODER(rf_base64_twice_2_1) { base64_twice(o, s, 2, 1); }
ENCODER(rf_base64_twice_2_2) { base64_twice(o, s, 2, 2); }
ENCODER(rf_uu_0) { uu(o, s, 0, " "); }
ENCODER(rf_uu_1) { uu(o, s, 1, " "); }
ENCODER(rf_uu_2) { uu(o, s, 2, " "); }
ENCODER(rf_uu_grave_0) { uu(o, s, 0, "`"); }
ENCODER(rf_uu_grave_1) { uu(o, s, 1, "`"); }
ENCODER(rf_uu_grave_2) { uu(o, s, 2, "`"); }
ENCODER(rf_base64_0) { base64(o, s->bytes, s->size, 0, 0); }
ENCODER(rf_base64_1) { base64(o, s->bytes, s->size, 1, 0); }
ENCODER(rf_base64_2) { base64(o, s->bytes, s->size, 2, 0); }
ENCODER(rf_base64url_0) { base64(o, s->bytes, s->size, 0, 1); }
ENCODER(rf_base64url_1) { base64(o, s->bytes, s->size, 1, 1); }
ENCODER(rf_base64url_2) { base64(o, s->bytes, s->size, 2, 1); }
ENCODER(rf_base64_wide_0) { base64_wide(o, s, 0, 0); }
ENCODER(rf_base64_wide_1) { base64_wide(o, s, 1, 0); }
ENCODER(rf_base64_wide_2) { base64_wide(o, s, 2, 0); }
ENCODER(rf_base64url_wide_0) { base64_wide(o, s, 0, 1); }
ENCODER(rf_base64url_wide_1) { base64_wide(o, s, 1, 1); }
ENCODER(rf_base64url_wide_2) { base64_wide(o, s, 2, 1); }
