#include "carve/slots.h"

#include <string.h>

enum { FOREIGN, EMPTY, FILLED };

static int kind(const rf_slots *slots, const uint8_t *at) {
    uint64_t low, high = 0;
    memcpy(&low, at, sizeof low);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    low = __builtin_bswap64(low);
#endif
    if (slots->width > 8) memcpy(&high, at + 8, sizeof high);
    if ((low & ~slots->mask) | high) return FOREIGN;
    if (!low) return EMPTY;
    return !slots->odd || (low & 1u) ? FILLED : FOREIGN;
}

size_t rf_slots_next(const rf_slots *slots, const uint8_t *data, size_t size, size_t at, size_t stop, size_t *end) {
    const size_t width = slots->width;
    for (; at < stop && size >= width && at <= size - width; at += width) {
        if (kind(slots, data + at) != FILLED) continue;
        size_t start = at, last = at + width;
        for (int before = FILLED, now; last <= size - width; last += width, before = now) {
            now = kind(slots, data + last);
            if (now == FOREIGN || (now == EMPTY && before == EMPTY)) break;
        }
        at = last - width; /* looked at as the beginning of none */
        if (last - start >= width * slots->least) {
            *end = last;
            return start;
        }
    }
    return stop;
}
