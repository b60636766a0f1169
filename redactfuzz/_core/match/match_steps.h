/* A text walked through in steps: what the marks of match_marks.h are made of. Not for callers. */
#ifndef RF_MATCH_STEPS_H
#define RF_MATCH_STEPS_H

#include "match/match_marks.h"

/* The bytes that one step at `at` takes, at least one; it writes `*bytes`. */
typedef size_t (*rf_walk_step)(const uint8_t *text, size_t size, size_t at, size_t *bytes);

static inline size_t rf_marks_of(rf_walk_step step, const uint8_t *text, size_t size, rf_mark *marks) {
    size_t count = 0, written = 0, bytes = 0;
    for (size_t at = 0; at < size; written += bytes) {
        if (at >= count * RF_MARKED) marks[count++] = (rf_mark){.at = at, .written = written};
        at += step(text, size, at, &bytes);
    }
    return count;
}

static inline size_t rf_origin_of(rf_walk_step step, const uint8_t *text, size_t size, const rf_mark *marks, size_t count,
                                  size_t position) {
    size_t low = 0, high = count;
    while (low < high) { /* the last mark before which no more was written */
        size_t middle = low + (high - low) / 2;
        if (marks[middle].written <= position) low = middle + 1;
        else high = middle;
    }
    size_t at = low ? marks[low - 1].at : 0, written = low ? marks[low - 1].written : 0, bytes = 0;
    while (at < size) {
        size_t length = step(text, size, at, &bytes);
        if (written + bytes > position) return at;
        written += bytes;
        at += length;
    }
    return size;
}

#endif
