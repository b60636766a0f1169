/* Encodings that few programs use: looked for in dumps that exist, not in each execution of a campaign. */
#include "match/match_forms.h"

/* Groups of four bytes as five digits of base 85, with `shift` unknown bytes before: only a whole group is determined. */
static void base85(rf_out *o, const rf_clear *s, uint32_t shift, const char *alphabet) {
    for (uint32_t at = (4u - shift) % 4u; at + 4u <= s->size; at += 4u) {
        uint32_t value = 0, power = 85u * 85u * 85u * 85u;
        for (uint32_t i = 0; i < 4; i++) value = value << 8 | s->bytes[at + i];
        for (uint32_t i = 0; i < 5; i++, power /= 85u) rf_put(o, (unsigned char)alphabet[value / power % 85u]);
    }
}

/* RFC 1924, as Git and Python have it; PostScript; ZeroMQ */
static const char rfc1924[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
static const char ascii85[] = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstu";
static const char z85[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/* Pairs of bytes as three digits of base 45, the lowest first (RFC 9285). */
static void base45(rf_out *o, const rf_clear *s, uint32_t shift) {
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    for (uint32_t at = shift; at + 2u <= s->size; at += 2u) {
        uint32_t value = (uint32_t)s->bytes[at] << 8 | s->bytes[at + 1u];
        for (uint32_t i = 0; i < 3; i++, value /= 45u) rf_put(o, (unsigned char)alphabet[value % 45u]);
    }
}

#define ENCODER(name) void name(rf_out *o, const rf_clear *s)
#define FOUR(name, alphabet) \
    ENCODER(name##_0) { base85(o, s, 0, alphabet); } \
    ENCODER(name##_1) { base85(o, s, 1, alphabet); } \
    ENCODER(name##_2) { base85(o, s, 2, alphabet); } \
    ENCODER(name##_3) { base85(o, s, 3, alphabet); }
FOUR(rf_base85, rfc1924)
FOUR(rf_ascii85, ascii85)
FOUR(rf_z85, z85)

ENCODER(rf_base45_0) { base45(o, s, 0); }
ENCODER(rf_base45_1) { base45(o, s, 1); }

/* Of the bytes as one number: Bitcoin's alphabet. Quadratic in the size, as the decimal form. */
ENCODER(rf_base58) {
    static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    rf_in_base(o, s, 58, 5, alphabet);
}

/* Code page 1047, which agrees with 037 and 500 in letters, digits and most of the rest. What is not ASCII becomes a
 * question mark. */
ENCODER(rf_ebcdic) {
    static const uint8_t table[] = {
        0x40, 0x5a, 0x7f, 0x7b, 0x5b, 0x6c, 0x50, 0x7d, 0x4d, 0x5d, 0x5c, 0x4e, 0x6b, 0x60, 0x4b, 0x61, /* space to / */
        0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0x7a, 0x5e, 0x4c, 0x7e, 0x6e, 0x6f, /* 0 to ? */
        0x7c, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, /* @ to O */
        0xd7, 0xd8, 0xd9, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xad, 0xe0, 0xbd, 0x5f, 0x6d, /* P to _ */
        0x79, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, /* ` to o */
        0x97, 0x98, 0x99, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xc0, 0x4f, 0xd0, 0xa1,       /* p to ~ */
    };
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t p = s->points[i];
        o->unit = i;
        rf_put(o, p >= ' ' && p <= '~' ? table[p - ' '] : 0x6f);
    }
}
