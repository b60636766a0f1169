/* Lines of one shape: their words stand apart in the same way, and other lines may stand between them. What stands between quotes in one
 * place of each is put together: pieces that a service sends one by one, keys that are typed. */
#include "spell/spell_table.h"

enum {
    ROWS = 3, /* lines of a shape, at least */
    SLOTS = 256, /* shapes that are open at once */
    WORDS = 2 /* of a line, at least */
};

/* The lines of a shape that were met. */
typedef struct shape {
    size_t first, last, rows;
    int apart; /* whether they are not all rows of one table */
} shape;

int rf_is_piece(const rf_spell *s, rf_cell w) {
    return w.end < s->size && w.end - w.start <= RF_WORD && s->text[w.end] == s->text[w.start - 1];
}

static void end_line(rf_table *t) {
    const rf_line line = t->head.line;
    if (line.pieces && line.words >= WORDS) t->lines[t->lines_count++] = line;
}

void rf_begin_line(rf_table *t) {
    end_line(t);
    t->head = (rf_head){.line = {.first = (uint32_t)(t->seen - 1)}, .open = 1};
}

void rf_mark_lines(rf_table *t, size_t first) {
    t->tables++;
    for (size_t i = t->lines_count; i && t->lines[i - 1].first >= first; i--) t->lines[i - 1].table = t->tables;
    if (t->head.line.first >= first) t->head.line.table = t->tables;
}

/* One column behind the other. */
static void close_shape(rf_table *t, shape found) {
    if (found.rows < ROWS || !found.apart) return;
    const uint64_t pieces = t->lines[found.first].pieces;
    for (size_t i = 0; pieces >> i; i++) {
        rf_column c = {t->seen, t->seen, 1};
        if (!(pieces >> i & 1)) continue;
        for (size_t row = found.first, n = 0; n < found.rows; row = t->lines[row].next, n++)
            t->cells[c.to++] = rf_cell_at(t, t->lines[row].first + i);
        if (rf_varies(t, c)) rf_take_pieces(t, c);
        if (i + 1 == RF_HEAD) break;
    }
}

void rf_take_shapes(rf_table *t) {
    shape slots[SLOTS] = {{0, 0, 0, 0}};
    end_line(t);
    for (size_t i = 0; i < t->lines_count; i++) {
        rf_line *line = t->lines + i;
        shape *at = slots + (line->shape >> 8) % SLOTS;
        const rf_line *last = t->lines + at->last;
        if (at->rows && last->shape == line->shape && last->words == line->words) {
            t->lines[at->last].next = (uint32_t)i;
            at->apart |= line->table != last->table;
            at->last = i, at->rows++;
        } else {
            close_shape(t, *at);
            *at = (shape){i, i, 1, !line->table};
        }
    }
    for (size_t i = 0; i < SLOTS; i++) close_shape(t, slots[i]);
}
