/* Dumps that have a character for each byte, in cells of four: of `od -c`, `od -a` and `hexdump -c`. What stands for a byte is told from
 * its place in the line alone: a space is a character, too. */
#include <string.h>

#include "spell/spell_list.h"

enum { CELL = 4, NAME = 3 };

/* The byte that a cell stands for; -1: it is none. */
static int character(const uint8_t *cell) {
    /* Of 0 to 32, as `od -a` has them; `od -c` writes some as in C, and others in octal. */
    static const char names[] = "nulsohstxetxeotenqackbel bs ht nl vt ff cr so sidledc1dc2dc3dc4naksynetbcan emsubesc fs gs rs us sp";
    static const char letters[] = "0abtnvfr";
    static const uint8_t stand_for[] = {0, '\a', '\b', '\t', '\n', '\v', '\f', '\r'};
    const uint8_t *at = cell + 1;
    if (cell[0] != ' ') return -1;
    if (at[0] == ' ' && at[1] == ' ') return at[2] >= ' ' && at[2] < 127 ? at[2] : -1;
    if (at[0] == ' ' && at[1] == '\\') {
        const char *letter = at[2] ? strchr(letters, at[2]) : NULL;
        return letter ? stand_for[letter - letters] : -1;
    }
    if (rf_are_digits(at, NAME, 8)) return at[0] < '4' ? (at[0] - '0') << 6 | (at[1] - '0') << 3 | (at[2] - '0') : -1;
    for (int i = 0; i <= ' '; i++)
        if (!memcmp(at, names + NAME * i, NAME)) return i;
    return memcmp(at, "del", NAME) ? -1 : 127;
}

size_t rf_characters(const rf_spell *s, size_t at) {
    size_t count = 0;
    for (; at < s->size && s->text[at] != '\n' && s->text[at] != '\r'; at += CELL, count++)
        if (s->size - at < CELL || character(s->text + at) < 0) return 0;
    return count;
}

void rf_put_characters(rf_spell *s, size_t at, size_t count) {
    for (size_t i = 0; i < count; i++) rf_spell_put(s, (unsigned)character(s->text + at + CELL * i), at + CELL * i);
}
