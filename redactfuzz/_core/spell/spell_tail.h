/* A row of bytes at the end of a line. Not for callers of spell.h. */
#ifndef RF_SPELL_TAIL_H
#define RF_SPELL_TAIL_H

#include <string.h>

#include "spell/spell_list.h"

typedef enum rf_tail_kind { RF_NO_TAIL, RF_NUMBERS, RF_LITERAL, RF_LETTERS, RF_TAIL_KINDS } rf_tail_kind;

typedef struct rf_tail_row {
    size_t start, end;
    rf_tail_kind kind;
    size_t numbers;
    int begins; /* whether it may be the first one */
    int padded; /* whether it ends as base64 does where nothing follows it */
    int whole;  /* whether it is read as base64 by itself: lines of it are joined where they are longer */
} rf_tail_row;

/* The row of the line between two places. `going` has a bit for each kind of which there are rows that it may go on with: then it may be a short
 * word, or a literal without an escape. */
rf_tail_row rf_tail_of(const rf_spell *s, size_t line, size_t end, unsigned going);

/* The word before `end`: base64 in either alphabet, or hexadecimal. */
rf_tail_row rf_tail_letters(const rf_spell *s, size_t line, size_t end, unsigned going);

/* The numbers within a value of an object of JSON, the last one before `*end` that has so many: other members stand behind it. Leaves in `*end` where
 * to look on. */
rf_tail_row rf_tail_member(const rf_spell *s, size_t line, size_t *end, size_t least);

static inline int rf_is_blank(unsigned c) { return c == ' ' || c == '\t' || c == '\r'; }
static inline int rf_is_quote(unsigned c) { return c == '"' || c == '\'' || c == '`'; }
static inline int rf_is_name(unsigned c) { return rf_word_kind(c) != RF_SEPARATES || c == '_'; }
static inline int rf_is_digit(unsigned c) { return c - '0' < 10u; }
static inline int rf_is_octal(unsigned c) { return c - '0' < 8u; }

/* Whether the character at `at` has a backslash before it that is none itself. */
static inline int rf_is_escaped(const rf_spell *s, size_t from, size_t at) {
    size_t count = 0;
    while (at - count > from && s->text[at - count - 1] == '\\') count++;
    return count % 2 == 1;
}

/* Whether a line ends as an object of JSON does. */
static inline int rf_tail_is_object(const rf_spell *s, size_t line, size_t end) {
    while (end > line && (rf_is_blank(s->text[end - 1]) || s->text[end - 1] == ',')) end--;
    return end > line && s->text[end - 1] == '}';
}

#endif
