/* Slashes and pluses are letters of base64, so rf_densify leaves them where they are; between shards they are separators. */
#include "match/match_shards.h"

#include <string.h>

#include "match/match_out.h"

enum { SEPARATOR = 4, SHARD = 16, FEWEST = 8 };

static int separates(unsigned c) { return c == '/' || c == '+' || c == ' ' || c == '\\'; }

/* Where the next / or + is. */
static size_t next_mark(const uint8_t *text, size_t size, size_t at) {
    while (at < size && text[at] != '/' && text[at] != '+') at++;
    return at;
}

static size_t end_of_word(const uint8_t *text, size_t size, size_t at) {
    while (at < size && rf_is_alnum(text[at])) at++;
    return at;
}

static size_t end_of_separator(const uint8_t *text, size_t size, size_t at) {
    while (at < size && separates(text[at])) at++;
    return at;
}

static void take(const uint8_t *text, size_t start, size_t end, rf_shards *to) {
    if (end - start > 2 && text[start] == '0' && (text[start + 1] | 32u) == 'x') start += 2;
    if (to->out) {
        to->marks[to->count] = (rf_mark){.at = start, .written = to->written};
        memcpy(to->out + to->written, text + start, end - start);
    }
    to->count++;
    to->written += end - start;
}

/* The row whose first word is text[start..end]: where its last word begins. `equal`: how many words are as long as the one
 * before. */
static size_t walk(const uint8_t *text, size_t size, size_t start, size_t end, size_t *equal, rf_shards *to) {
    const size_t between = end, length = end_of_separator(text, size, end) - end;
    *equal = 0;
    for (size_t last = 0;;) {
        const size_t next = end + length, stop = end_of_word(text, size, next);
        take(text, start, end, to);
        if (end - start == last && last <= SHARD) ++*equal;
        if (stop == next || end_of_separator(text, size, end) != next || memcmp(text + end, text + between, length) != 0) return start;
        last = end - start;
        start = next;
        end = stop;
    }
}

/* Most rows are paths and do not count, so a row is walked first, and only then written. */
static size_t row(const uint8_t *text, size_t size, size_t start, size_t end, rf_shards *to) {
    rf_shards its = {NULL, NULL, 0, 0, 0, 0};
    size_t equal, last = walk(text, size, start, end, &equal, &its);
    if (!equal || its.written < FEWEST) return last;
    if (to->written + its.written < to->room && to->count + its.count <= to->words) {
        walk(text, size, start, end, &equal, to);
        to->out[to->written++] = '\n';
    } else {
        to->written += its.written + 1;
        to->count += its.count;
    }
    return last;
}

void rf_find_shards(const uint8_t *text, size_t size, rf_shards *to) {
    to->written = to->count = 0;
    size_t last = 0; /* where the last word of the row before begins */
    for (size_t at = next_mark(text, size, 0); at < size; at = next_mark(text, size, at)) {
        size_t end = at, stop = end_of_separator(text, size, at);
        while (end > last && at - end < SEPARATOR && separates(text[end - 1])) end--;
        size_t start = end;
        if (stop - end <= SEPARATOR)
            while (start > last && rf_is_alnum(text[start - 1])) start--;
        if (start < end && end_of_word(text, size, stop) > stop) {
            last = row(text, size, start, end, to);
            stop = end_of_word(text, size, last);
        }
        at = stop;
    }
}
