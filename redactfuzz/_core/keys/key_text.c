#include "keys/key_text.h"

#include <string.h>

enum {
    SEQUENCE = 0x30,
    INTEGER = 0x02,
    OCTETS = 0x04,
    MOST_MEMBERS = 16,
    APART = 4, /* zeros between two stretches (RF_APART of spell_write.h), */
    OWN = 2,   /* and at the ends of one that may be its own, at most */
    LONGEST_KEY = 1 << 16, /* bytes of content: an RSA key of 16,384 bits has under 10,000 */
};

uint64_t rf_find_runs(const uint8_t *alphabet, const uint8_t *data, size_t size, size_t shortest, size_t longest, size_t *from, rf_place *places, uint64_t capacity) {
    uint64_t count = 0;
    /* Every run as long as that covers one of these places. */
    size_t at = *from ? *from : shortest - 1;
    for (; at < size && count < capacity; at += shortest) {
        if (!alphabet[data[at]]) continue;
        size_t start = at, end = at + 1;
        while (start > 0 && at - start < shortest && alphabet[data[start - 1]]) start--;
        /* It covered the place before as well, and was taken there. */
        if (at - start >= shortest) continue;
        while (end < size && end - start <= longest && alphabet[data[end]]) end++;
        if (end - start >= shortest && end - start <= longest) places[count++] = (rf_place){.offset = start, .length = end - start};
    }
    *from = at < size ? at : size;
    return count;
}

/* Where the next run of APART zeros or more begins, from `at` on, and in `*behind` where it ends; `size` in both where there is none. */
static size_t next_gap(const uint8_t *data, size_t size, size_t at, size_t *behind) {
    const size_t floor = at;
    /* Every such run covers one of these places. */
    for (at += APART - 1; at < size; at += APART) {
        if (data[at]) continue;
        size_t start = at, end = at + 1;
        while (start > floor && !data[start - 1]) start--;
        while (end < size && !data[end]) end++;
        if (end - start >= APART) {
            *behind = end;
            return start;
        }
    }
    *behind = size;
    return size;
}

uint64_t rf_find_stretches(const uint8_t *data, size_t size, size_t shortest, size_t *from, rf_place *places, uint64_t capacity) {
    uint64_t count = 0;
    size_t start = *from;
    while (start < size && count < capacity) {
        size_t behind, gap = next_gap(data, size, start + OWN, &behind), end = gap;
        if (gap < size) end += behind - gap - APART < OWN ? behind - gap - APART : OWN;
        if (end - start >= shortest) places[count++] = (rf_place){.offset = start, .length = end - start};
        start = gap == size ? size : behind - gap - APART < OWN ? gap + APART : behind - OWN;
    }
    *from = start;
    return count;
}

/* The header of a DER value of more than a few bytes: the offset of its content, 0 when it is none. */
static size_t content_of(const uint8_t *at, size_t room, size_t *length) {
    if (room < 4) return 0;
    if (at[1] < 0x80) {
        *length = at[1];
        return 2;
    }
    if (at[1] == 0x81 && at[2] >= 0x80) {
        *length = at[2];
        return 3;
    }
    if (at[1] == 0x82 && at[2] != 0) {
        *length = (size_t)at[2] << 8 | at[3];
        return 4;
    }
    return 0;
}

/* Whether values fill `size` bytes: the members of a SEQUENCE. A private key has under a dozen. */
static int values_fill(const uint8_t *at, size_t size) {
    for (int i = 0; i < MOST_MEMBERS && size > 0; i++) {
        size_t length = 0, content = size >= 2 && at[1] < 0x80 ? 2 : content_of(at, size, &length);
        if (content == 2) length = at[1];
        if (!content || content + length > size) return 0;
        at += content + length;
        size -= content + length;
    }
    return size == 0;
}

uint64_t rf_find_der(const uint8_t *data, size_t size, size_t *from, rf_place *places, uint64_t capacity) {
    uint64_t count = 0;
    size_t at = *from;
    while (at + 16 <= size && count < capacity) {
        const uint8_t *found = memchr(data + at, SEQUENCE, size - at - 15);
        if (!found) {
            at = size;
            break;
        }
        at = (size_t)(found - data);
        size_t length = 0, content = content_of(found, size - at, &length);
        const uint8_t *version = found + content;
        if (content && length >= 16 && length <= LONGEST_KEY && content + length <= size - at && version[0] == INTEGER && version[1] == 1
            && ((version[2] == 0 && (version[3] == INTEGER || version[3] == SEQUENCE))
                || (version[2] == 1 && (version[3] == OCTETS || version[3] == SEQUENCE || version[3] == INTEGER)))
            && values_fill(version, length))
            places[count++] = (rf_place){.offset = at, .length = content + length};
        at++;
    }
    *from = at + 16 <= size ? at : size;
    return count;
}
