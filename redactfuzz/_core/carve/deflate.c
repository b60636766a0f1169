#include "carve/deflate.h"

#include <string.h>

enum { SYMBOLS = 256, WORD = 8, LITERALS = 29, DISTANCES = 29, END = 256, LEAST = 8 };
/* A stream may be cut off, and something else follow: so many bytes came out before, and of the literals, which are so many at
 * least, all but one in eight are letters of a text. By chance half of them are. */
enum { CUT = 64, OF_TEXT = 24, IN_EIGHT = 7, DICTIONARY = 1 << 15 };

/* 57 bits and more from a place on, the first of them lowest. */
static uint64_t word_at(const uint8_t *at, uint32_t place) {
    uint64_t word;
    memcpy(&word, at + place / 8, WORD);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word >> (place & 7u);
}

static uint32_t take(uint64_t *word, uint32_t count) {
    uint32_t value = (uint32_t)*word & ((1u << count) - 1u);
    *word >>= count;
    return value;
}

/* A code of up to 8 bits stands with its first bit first (the reversal is that of Sean Anderson's Bit Twiddling Hacks). */
static uint32_t code(uint64_t *word, uint32_t count) {
    uint32_t bits = take(word, count);
    return (uint32_t)((bits * 0x0202020202u & 0x010884422010u) % 1023u) >> (8 - count);
}

/* RFC 1951 section 3.2.6 */
static uint32_t fixed_symbol(uint64_t *word, uint32_t *used) {
    uint32_t value = code(word, 7);
    *used = 7;
    if (value < 24) return END + value;
    value = value << 1 | take(word, 1);
    *used = 8;
    if (value < 192) return value - 48;
    if (value < 200) return 280 + value - 192;
    *used = 9;
    return 144 + (value << 1 | take(word, 1)) - 400;
}

/* Whether a length of 3 to 258 and a distance back into the `given` bytes stand there; adds to them. */
static int match(uint64_t *word, uint32_t symbol, uint32_t *used, uint32_t *given) {
    uint32_t index = symbol - 257, more = index < 8 || index == 28 ? 0 : index / 4 - 1;
    if (index > 28) return 0;
    uint32_t length = index < 8 ? index + 3 : index == 28 ? 258 : ((4 + index % 4) << more) + 3;
    length += take(word, more);
    uint32_t far = code(word, 5), wide = far < 4 ? 0 : far / 2 - 1;
    if (far > DISTANCES) return 0;
    uint32_t distance = (far < 4 ? far : (2 + far % 2) << wide) + 1 + take(word, wide);
    *used += more + 5 + wide;
    if (distance > *given) return 0;
    *given += length;
    return 1;
}

static int is_text(uint32_t literals, uint32_t text) { return literals >= OF_TEXT && text * 8 >= literals * IN_EIGHT; }

static int fixed_block(const uint8_t *at, size_t left, uint32_t dictionary)
{
    uint32_t given = dictionary, place = 3, used = 0, literals = 0, text = 0;
    for (uint32_t i = 0; i < SYMBOLS && place / 8 + WORD < left; i++, place += used) {
        uint64_t word = word_at(at, place);
        uint32_t symbol = fixed_symbol(&word, &used);
        /* What ends so soon is too short for a secret, and the kind of the block that follows is one of three. */
        if (symbol == END && dictionary)
            return is_text(literals, text);
        if (symbol == END) return at[0] & 1u ? given >= LEAST : (word & 6u) != 6;
        if (symbol < END) {
            given++, literals++;
            text += (symbol >= ' ' && symbol <= '~') || (symbol >= '\t' && symbol <= '\r');
        } else if (!match(&word, symbol, &used, &given)) {
            return given >= CUT && is_text(literals, text);
        }
    }
    return !dictionary || is_text(literals, text);
}

/* Whether the lengths of the codes that describe the codes fit one another (section 3.2.7). */
static int dynamic_block(const uint8_t *at) {
    uint64_t word = word_at(at, 3);
    uint32_t literals = take(&word, 5), distances = take(&word, 5), count = take(&word, 4) + 4, used = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t three = word_at(at, 17 + 3 * i);
        uint32_t length = take(&three, 3);
        if (length) used += 128u >> length;
    }
    return literals <= LITERALS && distances <= DISTANCES && used == 128;
}

int rf_deflates(const uint8_t *at, size_t left) {
    if (left < 20) return left >= 2 && (at[0] & 6u) != 6;
    switch (at[0] >> 1 & 3u) {
    case 0: return at[1] == (uint8_t)~at[3] && at[2] == (uint8_t)~at[4]; /* its length stands there twice */
    case 1:
        return fixed_block(at, left, 0);
    case 2: return dynamic_block(at);
    default: return 0;
    }
}

int rf_deflates_with_dictionary(const uint8_t *at, size_t left)
{
    if (left < 20)
        return 0;
    return (at[0] & 6u) == 4 ? dynamic_block(at) : (at[0] & 6u) == 2 && fixed_block(at, left, DICTIONARY);
}
