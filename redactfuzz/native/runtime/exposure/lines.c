#include "exposure/lines.h"

#include <stddef.h>

#include "base/addresses.h"
#include "base/hidden.h"

enum { LINES = 1 << 17, PER_LINE = RFN_LINE / 8 /* words */ };

typedef struct kept_line {
    const uint64_t *at; /* NULL: nobody's */
    uint64_t round;     /* in which it was kept */
    uint64_t words[PER_LINE];
} kept_line;

static kept_line *lines;
static uint32_t line_count;
static uint64_t rounds;
static uint8_t lines_full;

void rfn_lines_begins(void) { lines = rfn_hidden(LINES * sizeof *lines); }

void rfn_lines_forget(void) { rounds++; }

int rfn_lines_full(void) { return lines_full; }

static kept_line *place_of(const uint64_t *line)
{
    uint64_t key = (uintptr_t)line / RFN_LINE;
    uint32_t slot = (uint32_t)(key + (key >> 15) * 0x9e3779b1u) & (LINES - 1);
    while (lines[slot].at != NULL && lines[slot].at != line) {
        slot = (slot + 1) & (LINES - 1);
    }
    return &lines[slot];
}

int rfn_line_changed(const uint64_t *line)
{
    kept_line *kept = place_of(line);
    uint64_t differs = kept->round ^ rounds;
    if (kept->at == NULL) {
        if (line_count == LINES / 4 * 3) {
            lines_full = 1;
            return 1;
        }
        line_count++;
        kept->at = line;
    }
    for (uint32_t i = 0; i < PER_LINE; i++) {
        differs |= kept->words[i] ^ line[i];
        kept->words[i] = line[i];
    }
    kept->round = rounds;
    return differs != 0;
}
