/* A list of numbers that is being read, and how one of them is written. Not for callers of spell.h. */
#ifndef RF_SPELL_LIST_H
#define RF_SPELL_LIST_H

#include "spell/spell_write.h"

enum { RF_WORDS = 512 /* of a list in decimal that are written together */ };

/* Of RF_DECIMAL_WORDS, which have one width, known at the end. */
typedef struct rf_kept {
    size_t count;
    uint64_t words[RF_WORDS];
    uint32_t at[RF_WORDS];
    uint8_t negative[RF_WORDS];
} rf_kept;

typedef struct rf_list {
    rf_spell to;
    rf_kept *kept;
    uint32_t spelling;
    unsigned allowed; /* kinds of what a number may consist of */
    size_t start;     /* where it begins in what is written */
    size_t behind;    /* where its last number ends in the text */
    size_t resume;    /* before that in the text nothing is of this list */
    size_t digits;    /* of each word, with RF_HEX_WORDS */
    size_t in_line;   /* bytes */
    int addressed;    /* whether the line begins with a place */
    int marked;       /* with RF_HEX_BYTES: whether a number is written otherwise than as two digits */
} rf_list;

/* What a byte may be part of. */
enum { RF_BINARY_DIGIT = 1, RF_OCTAL_DIGIT = 2, RF_DECIMAL_DIGIT = 4, RF_HEX_DIGIT = 8, RF_MARK = 16, RF_OTHER = 32, RF_SEPARATES = 0 };

/* Of the letters of words; of what is none of them RF_SEPARATES. RF_MARK: what marks a hexadecimal number beside its digits. */
static const uint8_t rf_word_kinds[256] = {
    ['0' ... '1'] = RF_BINARY_DIGIT, ['2' ... '7'] = RF_OCTAL_DIGIT, ['8' ... '9'] = RF_DECIMAL_DIGIT,
    ['a' ... 'f'] = RF_HEX_DIGIT,    ['A' ... 'F'] = RF_HEX_DIGIT,   ['g'] = RF_OTHER,
    ['G'] = RF_OTHER,                ['h'] = RF_MARK,                ['H'] = RF_MARK,
    ['i' ... 't'] = RF_OTHER,        ['I' ... 'T'] = RF_OTHER,       ['u'] = RF_MARK,
    ['U'] = RF_MARK,                 ['v' ... 'z'] = RF_OTHER,       ['V' ... 'Z'] = RF_OTHER,
    [0x80 ... 0xff] = RF_OTHER,
};

static inline unsigned rf_word_kind(unsigned c) { return rf_word_kinds[c]; }

/* Whether the bytes, one and more, are digits of a base. */
int rf_are_digits(const uint8_t *at, size_t count, int base);

/* Writes the number that the word from `at` to before `end` is. Gives how many bytes it stands for; 0: it is none. */
size_t rf_list_put(rf_list *l, size_t at, size_t end);

/* How many bytes the rest of a line from `at` on stands for, behind the place of the first, where it has a character for each; 0: it is
 * written otherwise. And what writes them. */
size_t rf_characters(const rf_spell *s, size_t at);
void rf_put_characters(rf_spell *s, size_t at, size_t count);

/* Whether it has a number. */
static inline int rf_list_has(const rf_list *l) { return l->to.written > l->start || (l->spelling == RF_DECIMAL_WORDS && l->kept->count > 0); }

/* Writes what was kept of a list that ends. */
void rf_list_end(rf_list *l);

#endif
