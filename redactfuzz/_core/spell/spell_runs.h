/* Runs of letters that spell bytes, and how their lines go on. Not for callers of spell.h. */
#ifndef RF_SPELL_RUNS_H
#define RF_SPELL_RUNS_H

#include "spell/spell_write.h"

enum {
    RF_RUN = 24,  /* letters that are looked at, at least */
    RF_LINE = 40, /* of a line that the next one goes on with */
};

/* What each letter stands for and one more; 0 is none. */
extern const uint8_t rf_base64_letters[256], rf_hex_letters[256];

/* What the letter at `at` stands for; -1: it is none. */
static inline int rf_letter(const rf_spell *s, size_t at) { return s->letters[s->text[at]] - 1; }

size_t rf_run_end(const rf_spell *s, size_t at);

/* How many letters of a run of base64 to leave out, so that groups of four begin where they did when it was written; 4: nothing tells.
 * rf_text_phase knows it by text that the run gives in its middle, rf_told_phase by how a key begins as well: letters may stand before it. */
size_t rf_text_phase(const rf_spell *s, size_t start, size_t end);
size_t rf_told_phase(const rf_spell *s, size_t start, size_t end);

/* Where the next line of letters begins, behind a break at `at` with marks of comments, quotes or commas; 0 when there is none. */
size_t rf_next_line(const rf_spell *s, size_t at);

/* Where the letters begin that the line behind the one of [start, end) goes on with, among whatever else there is in both; 0 when there
 * are none. They are `most`, or they are the last ones and at least so many, in the same column or at the end of the line. */
size_t rf_next_among(const rf_spell *s, size_t start, size_t end, size_t least, size_t most);

/* Whether as many letters or more stand behind those of [start, end) in the same line, with more than marks between: then those are what its
 * lines go on with, and these are a path or a number before them. */
int rf_is_before_others(const rf_spell *s, size_t start, size_t end);

#endif
