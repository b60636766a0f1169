/* Where text lies among other bytes. */
#include "spell/spell.h"

#include <string.h>

static int is_ascii(unsigned c) { return (c >= 32 && c < 127) || (c >= 9 && c <= 13) || c == 27; }

/* The bytes of the character that begins at `at`: 0 when it is none. utf-8 as RFC 3629 has it, but for the rarer limits. */
static size_t character(const uint8_t *data, size_t size, size_t at) {
    unsigned first = data[at];
    if (first < 0x80) return (size_t)is_ascii(first);
    size_t length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    if (length == 0 || length > size - at) return 0;
    for (size_t i = 1; i < length; i++)
        if ((data[at + i] & 0xc0u) != 0x80u) return 0;
    return length;
}

static size_t behind(const uint8_t *data, size_t size, size_t at) {
    while (at < size) {
        size_t length = character(data, size, at);
        if (!length) break;
        at += length;
    }
    return at;
}

static size_t before(const uint8_t *data, size_t size, size_t at, size_t floor) {
    while (at > floor) {
        size_t back = 1;
        while (back < 4 && at - back > floor && (data[at - back] & 0xc0u) == 0x80u) back++;
        if (character(data, size, at - back) != back) break;
        at -= back;
    }
    return at;
}

static int zeros(const uint8_t *at, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (at[i]) return 0;
    return 1;
}

/* Text of `width` bytes a character around the letter at `at`. Between two letters there are zeros alone, whatever the order. */
static rf_text wide_text(const uint8_t *data, size_t size, size_t at, size_t floor, size_t width) {
    size_t first = at, last = at;
    while (first >= floor + width && is_ascii(data[first - width]) && zeros(data + first - width + 1, width - 1)) first -= width;
    while (last + width < size && is_ascii(data[last + width]) && zeros(data + last + 1, width - 1)) last += width;
    /* Where other text is right beside it, the letter at one end is a part of that: the first one in big-endian order, of which the
     * zero would stand before it, the last one in little-endian. Where either may be, the text is given without the one, and then
     * without the other; a blank or the end of a line is left out in any case. */
    int little = last + width <= size && zeros(data + last + 1, width - 1), big = first >= width - 1 && zeros(data + first - width + 1, width - 1);
    int either = !little && !big && last > first;
    if (either && data[first] <= ' ') first += width, either = 0;
    if (either) last -= width;
    return (rf_text){.offset = first, .length = last - first + 1, .width = (uint32_t)width, .either = (uint32_t)either};
}

/* utf-8 around the character at `at`. Most bytes that look like text are not: fewer than that on both sides cost no more. */
static rf_text narrow_text(const uint8_t *data, size_t size, size_t at, size_t floor) {
    size_t end = behind(data, size, at), start = before(data, size, at, floor);
    /* Its last letter may be the first one of a text in utf-16 or ucs4. */
    for (size_t width = 2; width <= 4 && end > at; width += 2)
        if (end + width < size && zeros(data + end, width - 1) && is_ascii(data[end + width - 1]) && zeros(data + end + width, 1)) {
            end--;
            break;
        }
    return (rf_text){.offset = start, .length = end - start >= RF_TEXT_BYTES ? end - start : 0, .width = 1};
}

static rf_text any_wide_text(const uint8_t *data, size_t size, size_t at, size_t floor) {
    size_t letter = at, end = size - at < 4 ? size : at + 4;
    while (letter < end && data[letter] == 0) letter++;
    for (size_t width = 2; letter < end && is_ascii(data[letter]) && width <= 4; width += 2) {
        rf_text text = wide_text(data, size, letter, floor, width);
        if (text.length >= RF_TEXT_BYTES - 1) return text;
    }
    return (rf_text){0};
}

/* The text that covers the byte at `at`; its length is 0 when there is none. */
static rf_text text_at(const uint8_t *data, size_t size, size_t at, size_t floor) {
    unsigned here = data[at], next = at + 1 < size ? data[at + 1] : 1;
    if (here == 0 || (is_ascii(here) && next == 0)) return any_wide_text(data, size, at, floor);
    for (size_t back = 0; back < 4 && at >= floor + back; back++) {
        if (character(data, size, at - back) > back) return narrow_text(data, size, at - back, floor);
        if ((data[at - back] & 0xc0u) != 0x80u) break;
    }
    return (rf_text){0};
}

uint64_t rf_find_texts(const uint8_t *data, size_t size, size_t *from, rf_text *texts, uint64_t capacity) {
    uint64_t count = 0;
    size_t floor = *from, at = floor;
    /* Every text covers one of these places, or is found from its beginning. */
    while (at < size && count + 1 < capacity) {
        uint64_t word = 1;
        if (size - at >= sizeof word) memcpy(&word, data + at, sizeof word);
        rf_text text = word ? text_at(data, size, at, floor) : (rf_text){0};
        if (!text.length) {
            at = (at / RF_TEXT_BYTES + 1) * RF_TEXT_BYTES;
            continue;
        }
        texts[count++] = text;
        at = floor = (size_t)(text.offset + text.length);
        if (text.either) {
            text.offset += text.width;
            texts[count++] = text;
        }
    }
    *from = at < size ? at : size;
    return count;
}

size_t rf_join_texts(const uint8_t *data, size_t stop, const rf_text *texts, uint64_t count, uint32_t width, uint8_t *out) {
    size_t written = 0;
    for (const rf_text *text = texts; text < texts + count && text->offset < stop; text++) {
        if (text->width != width) continue;
        const size_t apart = written ? RF_TEXTS_APART : 0, characters = (size_t)((text->length + width - 1) / width);
        const uint8_t *from = data + text->offset;
        if (out) {
            memset(out + written, 0, apart);
            uint8_t *to = out + written + apart;
            if (width == 1) memcpy(to, from, characters);
            for (size_t i = 0; width > 1 && i < characters; i++) to[i] = from[i * width];
        }
        written += apart + characters;
    }
    return written;
}
