#include "carve/words.h"

#include "carve/deflate.h"

/* Letters of a word that is looked at, and how many of them are decoded: so many bytes tell whether a block begins. */
enum { LETTERS = 40, DECODED = 32, BYTES = DECODED / 4 * 3, NONE = 64, STORED = 0 };

/* What a letter stands for, in either alphabet of RFC 4648. */
static uint32_t sextet(uint8_t c) {
    if (c >= 'A' && c <= 'Z') return (uint32_t)c - 'A';
    if (c >= 'a' && c <= 'z') return (uint32_t)c - 'a' + 26;
    if (c >= '0' && c <= '9') return (uint32_t)c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    return c == '/' || c == '_' ? 63 : NONE;
}

static int is_letter(uint8_t c) { return sextet(c) != NONE; }

static int begins_deflated(const uint8_t *word) {
    uint8_t bytes[BYTES];
    for (uint32_t i = 0; i < DECODED; i += 4) {
        uint32_t four = sextet(word[i]) << 18 | sextet(word[i + 1]) << 12 | sextet(word[i + 2]) << 6 | sextet(word[i + 3]);
        for (uint32_t k = 0; k < 3; k++) bytes[i / 4 * 3 + k] = (uint8_t)(four >> (16 - 8 * k));
    }
    return (bytes[0] >> 1 & 3u) != STORED && rf_deflates(bytes, BYTES);
}

/* Or `stop`, where it goes on behind that: of a long word each search reads its own part. */
static size_t end_of_word(const uint8_t *data, size_t at, size_t stop) {
    while (at < stop && is_letter(data[at])) at++;
    return at;
}

size_t rf_deflated_word(const uint8_t *data, size_t size, size_t at, size_t stop) {
    if (stop > size) stop = size;
    if (at > 0 && at < stop && is_letter(data[at - 1])) at = end_of_word(data, at, stop);
    while (at < stop && size - at > LETTERS) {
        /* From behind: of most places that are no word the first look passes over many. */
        size_t first = at + LETTERS + 1;
        while (first > at && is_letter(data[first - 1])) first--;
        if (first > at) {
            at = first;
            continue;
        }
        size_t word = at + (at > 0 && data[at - 1] == '\\'); /* behind an escape, as \n in a string of JSON */
        if (begins_deflated(data + word)) return word < stop ? word : stop;
        at = end_of_word(data, at, stop);
    }
    return stop;
}
