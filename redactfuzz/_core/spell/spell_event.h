/* Lines of one shape, and how what stands in one place of them is written. Not for callers of spell.h. */
#ifndef RF_SPELL_EVENT_H
#define RF_SPELL_EVENT_H

#include <string.h>

#include "spell/spell_write.h"

static inline int rf_same_cell(const rf_spell *s, rf_cell one, rf_cell other) {
    const uint32_t size = one.end - one.start;
    return size == other.end - other.start && !memcmp(s->text + one.start, s->text + other.start, size);
}

/* Writes what the cells `place` of so many lines from `line` on, each of which names the next one by `go_on`, may hold of a secret. `again`: each
 * of them comes again in many lines, so that they are none but single letters and bytes. */
void rf_take_event_cells(rf_spell *s, const rf_cell *cells, const rf_log_line *lines, uint32_t line, uint32_t rows, uint32_t place, int again);

#endif
