#include "keys/key_ratio.h"

#include "keys/key_wide.h"

static uint64_t bytes_at(const uint8_t *at, uint32_t count) {
    uint64_t value = 0;
    for (uint32_t i = count; i-- > 0;) value = value << 8 | at[i];
    return value;
}

/* The highest 64 bits of the room that a number has; 0 when it is none. */
static uint64_t top(const rf_ratio *r, const uint8_t *at) {
    const uint8_t *end = at + r->bytes;
    if (r->form == RF_LITTLE_ENDIAN) return bytes_at(end - 8, 8);
    if (r->form == RF_BIG_ENDIAN) {
        uint64_t value = 0;
        for (uint32_t i = 0; i < 8; i++) value = value << 8 | at[i];
        return value;
    }
    uint64_t high = bytes_at(end - 4, 4), middle = bytes_at(end - 8, 4), low = bytes_at(end - 12, 4);
    return (high | middle | low) >> 30 ? 0 : high << 34 | middle << 4 | low >> 26;
}

static int is_near(const rf_ratio *r, uint64_t number) {
    uint64_t rest = number * r->whole + (uint64_t)((rf_wide)number * r->fraction >> 64);
    return number != 0 && (rest <= r->near || 0 - rest <= r->near);
}

uint32_t rf_find_near(const rf_ratio *r, const uint8_t *data, const rf_place *stretches, uint64_t stretch_count, size_t step, rf_cursor *from, uint64_t *offsets, uint32_t capacity) {
    uint32_t found = 0;
    for (; from->stretch < stretch_count; from->stretch++, from->offset = 0) {
        const rf_place *stretch = &stretches[from->stretch];
        from->offset += (step - (stretch->offset + from->offset) % step) % step;
        for (; from->offset + r->bytes <= stretch->length; from->offset += step) {
            uint64_t at = stretch->offset + from->offset;
            if (found == capacity) return found;
            if (is_near(r, top(r, data + at))) offsets[found++] = at;
        }
    }
    return found;
}
