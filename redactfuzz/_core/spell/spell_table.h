/* Tables, and lines of one shape, as they are read from a text, and how what lies apart in them is written. Not for callers of spell.h. */
#ifndef RF_SPELL_TABLE_H
#define RF_SPELL_TABLE_H

#include "spell/spell_list.h"

enum {
    RF_ROW = 48, /* words of the longest row that is known by its separators alone */
    RF_BLOCK = 2048, /* words of a table of which it is asked together what they may be, and that are looked back at */
    RF_HEAD = 64, /* words at the beginning of a line by which its shape is known */
    RF_PIECE = 7, /* bytes of the longest cell that is a piece of a text: longer ones are found as they are, */
    RF_WORD = 32 /* and stand among such, as words of prose do, */
};

/* The line that is being read, if it may be one of a shape. */
typedef struct rf_head {
    rf_line line;
    int open; /* whether the words that are read belong to it; the rest of the line is of any shape */
} rf_head;

typedef struct rf_table {
    rf_spell *to;
    size_t seen;              /* words */
    size_t first;             /* word of the table that is open */
    size_t period;            /* words of its rows; 0: none is open */
    size_t singles;           /* words up to the last one that are one letter each and stand apart in the same way */
    uint16_t last[RF_ROW];    /* what stood before the words until now, the last one first */
    uint16_t run[RF_ROW];     /* for how many words that has been as it was a row of 1, 2, ... before */
    rf_cell *cells; /* all of them, by their number: what is written of a secret may be as long as the text */
    rf_line *lines; /* those that hold a short piece between quotes */
    size_t lines_count;
    uint32_t tables; /* that were read */
    rf_head head;
} rf_table;

/* A column: from the cell `from` to before `to`, each `step`th. */
typedef struct rf_column {
    size_t from, to, step;
} rf_column;

static inline rf_cell rf_cell_at(const rf_table *t, size_t index) { return t->cells[index]; }

/* Whether three of four cells, of all or of as many as a secret has at least, are another one than the one before. */
int rf_varies(const rf_table *t, rf_column c);

/* Writes what a column may hold of a secret: as numbers, or as pieces of a text. */
void rf_take_column(rf_table *t, rf_column c);

/* The same, as pieces of a text alone. */
void rf_take_pieces(rf_table *t, rf_column c);

/* The line that was read is over, and the last word that was read begins another one. */
void rf_begin_line(rf_table *t);

/* The next word of a line, behind `separator`. A list of numbers has as many as there are bytes in a piece: the rest of its line may stand
 * anywhere. */
static inline void rf_go_on(rf_table *t, rf_cell w, uint32_t separator)
{
    rf_head *h = &t->head;
    const uint8_t *first = t->to->text + w.start;
    h->open = h->line.words < RF_HEAD && !(first[-1] == '[' && first[0] >= '0' && first[0] <= '9');
    h->line.shape = (h->line.shape ^ separator) * 0x9e3779b1u;
}

/* Whether a word is short and stands between quotes. */
int rf_is_piece(const rf_spell *s, rf_cell w);

static inline void rf_take_of_line(rf_table *t, rf_cell w)
{
    const unsigned before = w.start ? t->to->text[w.start - 1] : 0;
    if ((before == '"' || before == '\'') && rf_is_piece(t->to, w)) t->head.line.pieces |= (uint64_t)1 << t->head.line.words;
    t->head.line.words++;
}

/* The lines from the word `first` on are rows of one table that was read. */
void rf_mark_lines(rf_table *t, size_t first);

/* All lines of one shape, wherever they lie, once the text has ended; those that are rows of one table were read. */
void rf_take_shapes(rf_table *t);

#endif
