/* The code in which HTTP/2 and HTTP/3 write values of headers: Huffman's, the same everywhere (RFC 7541, appendix B; RFC 9204). */
#include "match/match_forms.h"

/* Bits of the code of each byte. It is canonical: codes of one length follow one another in the order of their bytes. */
static const uint8_t lengths[256] = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
    28, 28, 28, 6,  10, 10, 12, 13, 6,  8,  11, 10, 10, 8,  11, 8,  6,  6,  6,  5,  5,  5,  6,  6,  6,  6,  6,  6,  6,
    7,  8,  15, 6,  12, 10, 13, 6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
    7,  8,  7,  8,  13, 19, 13, 14, 6,  15, 5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,  6,  7,  6,  5,
    5,  6,  7,  7,  7,  7,  7,  15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24,
    24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22,
    23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26,
    27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23,
    22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
};

enum { SHORTEST = 5, LONGEST = 30 };

/* The first code of each length. */
static void first_codes(uint32_t first[LONGEST + 1])
{
    uint32_t code = 0;
    for (uint32_t length = SHORTEST; length <= LONGEST; length++, code <<= 1) {
        first[length] = code;
        for (uint32_t b = 0; b < 256; b++)
            code += lengths[b] == length;
    }
}

static uint32_t code_of(uint32_t byte, const uint32_t first[LONGEST + 1])
{
    uint32_t before = 0;
    for (uint32_t b = 0; b < byte; b++)
        before += lengths[b] == lengths[byte];
    return first[lengths[byte]] + before;
}

/* The bytes that the secret alone determines where its first code begins behind `shift` bits of a byte. */
static void hpack(rf_out *o, const rf_clear *s, uint32_t shift)
{
    uint32_t first[LONGEST + 1];
    uint64_t bits = 0;
    first_codes(first);
    uint32_t count = shift, foreign = shift > 0;
    for (uint32_t i = 0; i < s->size; i++) {
        const uint32_t length = lengths[s->bytes[i]];
        o->unit = i; /* of the byte that its code completes: others may lie in it as well, and are not counted */
        bits = bits << length | code_of(s->bytes[i], first);
        for (count += length; count >= 8; count -= 8, foreign = 0) {
            if (!foreign)
                rf_put(o, bits >> (count - 8) & 255u);
        }
    }
}

void rf_hpack_0(rf_out *o, const rf_clear *s) { hpack(o, s, 0); }
void rf_hpack_1(rf_out *o, const rf_clear *s) { hpack(o, s, 1); }
void rf_hpack_2(rf_out *o, const rf_clear *s) { hpack(o, s, 2); }
void rf_hpack_3(rf_out *o, const rf_clear *s) { hpack(o, s, 3); }
void rf_hpack_4(rf_out *o, const rf_clear *s) { hpack(o, s, 4); }
void rf_hpack_5(rf_out *o, const rf_clear *s) { hpack(o, s, 5); }
void rf_hpack_6(rf_out *o, const rf_clear *s) { hpack(o, s, 6); }
void rf_hpack_7(rf_out *o, const rf_clear *s) { hpack(o, s, 7); }
