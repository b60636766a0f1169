/* Writing forms: inline, because they are written byte by byte for every execution. */
#ifndef RF_MATCH_OUT_H
#define RF_MATCH_OUT_H

#include <stddef.h>
#include <stdint.h>

enum { RF_EXPANSION = 8 }; /* no encoding makes more than 8 bytes of one */

/* Where a form is written. `full` is set instead of writing past the end. */
typedef struct rf_out {
    uint8_t *at;
    uint8_t *end;
    uint8_t *start;
    uint32_t *units; /* NULL, or for each byte of the form the unit of the secret that it comes from */
    uint32_t unit;   /* the one being written */
    int full;
} rf_out;

static inline int rf_is_alnum(uint32_t p) { return (p >= '0' && p <= '9') || ((p | 32u) >= 'a' && (p | 32u) <= 'z'); }

static inline void rf_put(rf_out *out, unsigned byte) {
    if (out->at < out->end) {
        if (out->units) out->units[out->at - out->start] = out->unit;
        *out->at++ = (uint8_t)byte;
    } else {
        out->full = 1;
    }
}

static inline void put_text(rf_out *out, const char *text) {
    while (*text) rf_put(out, (unsigned char)*text++);
}

static inline void put_hex(rf_out *out, uint32_t value, int digits, int upper) {
    const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    for (int i = digits - 1; i >= 0; i--) rf_put(out, (unsigned char)alphabet[value >> (4 * i) & 15u]);
}

static inline void put_decimal(rf_out *out, uint32_t value) {
    char digits[10];
    int count = 0;
    do digits[count++] = (char)('0' + value % 10u);
    while (value /= 10u);
    while (count) rf_put(out, (unsigned char)digits[--count]);
}

static inline void rf_put_utf8(rf_out *out, uint32_t point) {
    if (point < 0x80) {
        rf_put(out, point);
    } else if (point < 0x800) {
        rf_put(out, 0xc0 | point >> 6);
        rf_put(out, 0x80 | (point & 63u));
    } else if (point < 0x10000) {
        rf_put(out, 0xe0 | point >> 12);
        rf_put(out, 0x80 | (point >> 6 & 63u));
        rf_put(out, 0x80 | (point & 63u));
    } else {
        rf_put(out, 0xf0 | point >> 18);
        rf_put(out, 0x80 | (point >> 12 & 63u));
        rf_put(out, 0x80 | (point >> 6 & 63u));
        rf_put(out, 0x80 | (point & 63u));
    }
}

/* Text that is not utf-8 is taken byte by byte. */
static inline uint32_t rf_decode_utf8(const uint8_t *text, uint32_t size, uint32_t *points) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < size;) {
        uint32_t first = text[i], more = first >= 0xf0 ? 3u : first >= 0xe0 ? 2u : first >= 0xc0 ? 1u : 0u;
        if (i + more >= size) more = 0;
        uint32_t point = more == 3 ? first & 7u : more == 2 ? first & 15u : more == 1 ? first & 31u : first;
        for (uint32_t k = 1; k <= more; k++) point = point << 6 | (text[i + k] & 63u);
        points[count++] = point;
        i += more + 1;
    }
    return count;
}

#endif
