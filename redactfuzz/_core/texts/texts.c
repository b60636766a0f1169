/* Where text lies among other bytes. */
#include "texts/texts.h"

#include <string.h>

enum {
    OTHERS = 48,        /* letters in a row that are none of ASCII, between letters that are: some words */
    WORTH = 2,          /* letters of ASCII or of utf-8 that are asked for each byte of another encoding; */
    CREDIT = 12,        /* so many of them count at most, */
    OWED = 6,           /* and so many may come later */
    STRANGE = 6,        /* bytes of another encoding in a row, at most */
    KNOWN = 8,          /* bytes in a row between those that are none, which count */
    KNOWN_IN_ALL = RF_TEXT_BYTES, /* of such, at least: in what is no text there are not so many */
    UNSURE = 256,       /* bytes in which so many are to be met, so that what is no text is not read again and again */
    KANA = 0x30,        /* the upper byte of Hiragana and Katakana, which ASCII has as a digit */
    PLACEHOLDER = '?',  /* for what is none of ASCII, where letters of two bytes become one */
    LITTLE = 1, BIG = 2 /* order of the two bytes, where it is known */
};

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

typedef uint8_t lanes __attribute__((vector_size(16)));

/* Whether all of the lanes are ASCII that is text: bytes above 126 are none, nor are 0 to 8, 14 to 26, and 28 to 31. */
static int all_ascii(const uint8_t *at) {
    lanes bytes;
    memcpy(&bytes, at, sizeof bytes);
    const lanes text = (lanes)(bytes - 32 < 95) | (lanes)(bytes - 9 < 5) | (lanes)(bytes == 27);
    uint64_t halves[2];
    memcpy(halves, &text, sizeof halves);
    return (halves[0] & halves[1]) == UINT64_MAX;
}

static size_t behind(const uint8_t *data, size_t size, size_t at) {
    while (at < size) {
        while (size - at >= sizeof(lanes) && all_ascii(data + at)) at += sizeof(lanes);
        if (at == size) break;
        size_t length = character(data, size, at);
        if (!length) break;
        at += length;
    }
    return at;
}

static size_t before(const uint8_t *data, size_t size, size_t at, size_t floor) {
    while (at > floor) {
        while (at - floor >= sizeof(lanes) && all_ascii(data + at - sizeof(lanes))) at -= sizeof(lanes);
        if (at == floor) break;
        size_t back = 1;
        while (back < 4 && at - back > floor && (data[at - back] & 0xc0u) == 0x80u) back++;
        if (character(data, size, at - back) != back) break;
        at -= back;
    }
    return at;
}

/* Whether a byte may be part of a letter in Latin-1, in Shift-JIS or in another encoding of one to four bytes: those of its second byte that
 * are ASCII are letters as well. */
static int is_strange(unsigned c) { return c >= 0x80 && c != 0xff; }

/* Behind the text that goes on from `at` over letters in another encoding, where enough that are known stand around them. To `*known` come
 * those of them that count. */
static size_t behind_strange(const uint8_t *data, size_t size, size_t from, size_t at, size_t *known) {
    int64_t credit = at - from < CREDIT ? (int64_t)(at - from) : CREDIT;
    while (at < size && is_strange(data[at]) && (at - from < UNSURE || *known >= KNOWN_IN_ALL)) {
        size_t next = at;
        while (next < size && next - at <= STRANGE && is_strange(data[next])) next++;
        const size_t end = behind(data, size, next);
        credit -= (int64_t)(WORTH * (next - at));
        if (end == next || next - at > STRANGE || credit + OWED < 0) break;
        credit += (int64_t)(end - next);
        *known += end - next < KNOWN ? 0 : end - next;
        if (credit > CREDIT) credit = CREDIT;
        at = end;
    }
    return at;
}

/* The same before the text that begins at `at` and goes on up to `to`. */
static size_t before_strange(const uint8_t *data, size_t to, size_t size, size_t at, size_t floor, size_t *known) {
    int64_t credit = to - at < CREDIT ? (int64_t)(to - at) : CREDIT;
    while (at > floor && is_strange(data[at - 1]) && (to - at < UNSURE || *known >= KNOWN_IN_ALL)) {
        size_t next = at;
        while (next > floor && at - next <= STRANGE && is_strange(data[next - 1])) next--;
        const size_t start = before(data, size, next, floor);
        credit -= (int64_t)(WORTH * (at - next));
        if (start == next || at - next > STRANGE || credit + OWED < 0) break;
        credit += (int64_t)(next - start);
        *known += next - start < KNOWN ? 0 : next - start;
        if (credit > CREDIT) credit = CREDIT;
        at = start;
    }
    return at;
}

static int zeros(const uint8_t *at, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (at[i]) return 0;
    return 1;
}

/* Whether two bytes are a letter of a script that is in use, and none of ASCII. */
static int is_other(unsigned low, unsigned high) {
    if (high == 0) return low >= 0xa0;
    return high <= 6 || (high >= 9 && high <= 0x10) || (high >= 0x1e && high <= 0x27) || high == 0x30 || high == 0x31 ||
           (high >= 0x4e && high <= 0x9f) || (high >= 0xac && high <= 0xdf) || (high >= 0xfe && low < 0xfe);
}

/* Where the letter of ASCII is that stands behind other letters of utf-16, the first of which is at `at`, or before them (`step` -2); 0:
 * there is none. Where all bytes are ASCII as well, that is what they are. */
static size_t over_others(const uint8_t *data, size_t floor, size_t size, size_t at, int step, int order, size_t *wide_ones) {
    size_t others = 0, ascii = 0, two_bytes = 0;
    for (; others <= OTHERS && at >= floor && at < size && size - at >= 2; at += (size_t)(int64_t)step) {
        const unsigned low = data[at + (order == BIG)], high = data[at + (order == LITTLE)];
        if (high == 0 && is_ascii(low)) {
            const int is_text = others && (others == 1 || 3 * (others - ascii) >= others);
            *wide_ones += is_text ? two_bytes : 0;
            return is_text ? at + (order == BIG) : 0;
        }
        if (!is_other(low, high)) return 0;
        others++;
        two_bytes += high != 0;
        ascii += is_ascii(low) && is_ascii(high) && high != KANA;
    }
    return 0;
}

/* Letters of utf-16 of which some are none of ASCII: where it begins and ends, and the order of its bytes. */
typedef struct wide {
    size_t first, last; /* the letters at its ends, which are ASCII */
    size_t letters;     /* of ASCII */
    size_t wide_ones;   /* letters of which no byte is zero */
    int order;          /* 0: it is not known, there are no others */
} wide;

/* Letters of ASCII with zeros between them, whatever the order. */
static void take_ascii(const uint8_t *data, size_t size, size_t floor, size_t width, wide *w) {
    while (w->first >= floor + width && is_ascii(data[w->first - width]) && zeros(data + w->first - width + 1, width - 1)) w->first -= width, w->letters++;
    while (w->last + width < size && is_ascii(data[w->last + width]) && zeros(data + w->last + 1, width - 1)) w->last += width, w->letters++;
}

/* Whether a letter of ASCII is at `at`, with its own zero: beside it may be one of another script, whose first byte looks like ASCII. */
static int is_letter(const uint8_t *data, size_t size, size_t floor, size_t at, int order) {
    if (at < floor || at >= size || !is_ascii(data[at])) return 0;
    return order == BIG ? at > floor && data[at - 1] == 0 : at + 1 == size || data[at + 1] == 0;
}

/* The next letter of ASCII before or behind the one at `at` (`step` -2 or 2), with nothing or others between them; 0: there is none. */
static size_t next_letter(const uint8_t *data, size_t size, size_t floor, size_t at, int step, wide *w) {
    const int order = w->order;
    const size_t next = at + (size_t)(int64_t)step, beside = order == BIG ? next - 1 : next;
    if (step < 0 && at < floor + 2 + (order == BIG)) return 0;
    return is_letter(data, size, floor, next, order) ? next : over_others(data, floor, size, beside, step, order, &w->wide_ones);
}

/* The text around the letter at `at`, or the one beside it, in one order of its bytes; without letters where none of them has its zero. */
static wide in_order(const uint8_t *data, size_t size, size_t at, size_t floor, int order) {
    if (!is_letter(data, size, floor, at, order)) at = order == BIG ? at + 2 : at >= floor + 2 ? at - 2 : size;
    wide w = {.first = at, .last = at, .letters = 1, .order = order};
    if (!is_letter(data, size, floor, at, order)) return (wide){0};
    for (size_t next; (next = next_letter(data, size, floor, w.first, -2, &w)); w.letters++) w.first = next;
    for (size_t next; (next = next_letter(data, size, floor, w.last, 2, &w)); w.letters++) w.last = next;
    return w;
}

static size_t reach(const wide *w) { return w->last - w->first; }

/* The text around the letter at `at`: in the order in which it is the longer one, or begins at an even place. What was walked over in vain is
 * shorter than what is found, or has few letters: no byte is walked over again and again. The order is not known where all letters are ASCII,
 * or those of one byte with a zero beside it. To `*other` comes the one in the other order, where that may be it as well: Chinese is Chinese
 * in both. */
static wide any_order(const uint8_t *data, size_t size, size_t at, size_t floor, wide *other) {
    const wide little = in_order(data, size, at, floor, LITTLE), big = in_order(data, size, at, floor, BIG);
    *other = (wide){0};
    if (!little.letters || !big.letters) return little.letters ? little : big;
    const int is_little = reach(&little) > reach(&big) || (reach(&little) == reach(&big) && little.first % 2 == 0);
    const wide one = is_little ? little : big, second = is_little ? big : little;
    if (one.wide_ones && second.wide_ones && 4 * reach(&second) >= 3 * reach(&one)) *other = second;
    return one;
}

static rf_text text_of(const wide *w) {
    const size_t length = w->letters >= RF_TEXT_BYTES / 4 ? reach(w) + 1 : 0;
    return (rf_text){.offset = w->first, .length = length, .width = 2, .order = (uint32_t)w->order};
}

/* Text around a place, and another one where it may be read in two ways; a length of 0 is none. The one that begins first is the first. */
typedef struct two_texts {
    rf_text first, second;
} two_texts;

static two_texts both(rf_text one, rf_text other) {
    const int swapped = other.length && other.offset < one.offset;
    return swapped ? (two_texts){other, one} : (two_texts){one, other};
}

/* Text of `width` bytes a character around the letter at `at`. Between two letters there are zeros alone, whatever the order. */
static two_texts wide_text(const uint8_t *data, size_t size, size_t at, size_t floor, size_t width) {
    wide w = {.first = at, .last = at, .letters = 1}, other;
    take_ascii(data, size, floor, width, &w);
    size_t first = w.first, last = w.last;
    if (width == 2) {
        w = any_order(data, size, at, floor, &other);
        if (text_of(&w).length && reach(&w) > last - first) return both(text_of(&w), text_of(&other));
    }
    /* Where other text is right beside it, the letter at one end is a part of that: the first one in big-endian order, of which the
     * zero would stand before it, the last one in little-endian. Where either may be, the text is given without the one, and then
     * without the other; a blank or the end of a line is left out in any case. */
    int little = last + width <= size && zeros(data + last + 1, width - 1), big = first >= width - 1 && zeros(data + first - width + 1, width - 1);
    int either = !little && !big && last > first;
    if (either && data[first] <= ' ') first += width, either = 0;
    if (either) last -= width;
    rf_text text = {.offset = first, .length = last - first + 1, .width = (uint32_t)width}, later = text;
    later.offset += width;
    return both(text, either ? later : (rf_text){0});
}

/* utf-8 around the character at `at`. Most bytes that look like text are not: fewer than that on both sides cost no more. */
static rf_text narrow_text(const uint8_t *data, size_t size, size_t at, size_t floor) {
    size_t end = behind(data, size, at), start = before(data, size, at, floor);
    const size_t first = start, last = end;
    size_t known = end - start < KNOWN ? 0 : end - start;
    start = before_strange(data, last, size, first, floor, &known);
    end = behind_strange(data, size, first, last, &known);
    if (known < KNOWN_IN_ALL) start = first, end = last;
    /* Its last letter may be the first one of a text in utf-16 or ucs4. */
    for (size_t width = 2; width <= 4 && end > at; width += 2)
        if (end + width < size && zeros(data + end, width - 1) && is_ascii(data[end + width - 1]) && zeros(data + end + width, 1)) {
            end--;
            break;
        }
    return (rf_text){.offset = start, .length = end - start >= RF_TEXT_BYTES ? end - start : 0, .width = 1};
}

static two_texts any_wide_text(const uint8_t *data, size_t size, size_t at, size_t floor) {
    size_t letter = at, end = size - at < 4 ? size : at + 4;
    while (letter < end && data[letter] == 0) letter++;
    for (size_t width = 2; letter < end && is_ascii(data[letter]) && width <= 4; width += 2) {
        const two_texts found = wide_text(data, size, letter, floor, width);
        if (found.first.length >= RF_TEXT_BYTES - 1) return found;
    }
    return (two_texts){0};
}

static rf_text narrow_text_at(const uint8_t *data, size_t size, size_t at, size_t floor) {
    for (size_t back = 0; back < 4 && at >= floor + back; back++) {
        if (character(data, size, at - back) > back) return narrow_text(data, size, at - back, floor);
        if ((data[at - back] & 0xc0u) != 0x80u) break;
    }
    for (size_t back = 1; is_strange(data[at]) && back <= STRANGE && at >= floor + back; back++)
        if (is_ascii(data[at - back])) return narrow_text(data, size, at - back, floor);
    return (rf_text){0};
}

/* The text that covers the byte at `at`, in two ways at most. */
static two_texts text_at(const uint8_t *data, size_t size, size_t at, size_t floor) {
    unsigned here = data[at], next = at + 1 < size ? data[at + 1] : 1;
    if (here == 0 || (is_ascii(here) && next == 0)) return any_wide_text(data, size, at, floor);
    return (two_texts){.first = narrow_text_at(data, size, at, floor)};
}

uint64_t rf_find_texts(const uint8_t *data, size_t size, size_t *from, rf_text *texts, uint64_t capacity) {
    uint64_t count = 0;
    size_t floor = *from, at = floor;
    /* Every text covers one of these places, or is found from its beginning. */
    while (at < size && count + 1 < capacity) {
        uint64_t word = 1;
        if (size - at >= sizeof word) memcpy(&word, data + at, sizeof word);
        const two_texts found = word ? text_at(data, size, at, floor) : (two_texts){0};
        if (!found.first.length) {
            at = (at / RF_TEXT_BYTES + 1) * RF_TEXT_BYTES;
            continue;
        }
        texts[count++] = found.first;
        if (found.second.length) texts[count++] = found.second;
        at = floor = (size_t)(found.first.offset + found.first.length); /* a letter behind it may be one of other text */
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
            for (size_t i = 1; text->order && i + 1 < characters; i++) /* the first and the last one are ASCII */
                if (from[text->order == LITTLE ? 2 * i + 1 : 2 * i - 1] || !is_ascii(to[i])) to[i] = PLACEHOLDER;
        }
        written += apart + characters;
    }
    return written;
}
