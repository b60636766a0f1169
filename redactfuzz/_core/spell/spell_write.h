/* How what is spelled is written. Not for callers of spell.h. */
#ifndef RF_SPELL_WRITE_H
#define RF_SPELL_WRITE_H

#include "spell/spell.h"

enum {
    RF_LEAST = 16, /* bytes of a list that is worth a search */
    RF_APART = 4,  /* zeros after each stretch */
};

typedef struct rf_spell {
    const uint8_t *text;
    size_t size;
    uint8_t *out;
    uint32_t *origins;
    size_t written;
    const uint8_t *letters; /* of runs: see spell_runs.h */
} rf_spell;

static inline void rf_spell_put(rf_spell *s, unsigned byte, size_t origin) {
    if (s->origins) s->origins[s->written] = (uint32_t)origin;
    s->out[s->written++] = (uint8_t)byte;
}

/* The end of a stretch that began at `start` of what is written. What is short, or one byte again and again, is taken back. */
static inline void rf_spell_close(rf_spell *s, size_t start, size_t origin) {
    size_t same = start;
    while (same < s->written && s->out[same] == s->out[start]) same++;
    if (s->written - start < RF_LEAST || same == s->written) {
        s->written = start;
        return;
    }
    for (int i = 0; i < RF_APART; i++) rf_spell_put(s, 0, origin);
}

static inline int rf_hex_digit(unsigned c) {
    if (c >= '0' && c <= '9') return (int)(c - '0');
    c |= 32u;
    return c >= 'a' && c <= 'f' ? (int)(c - 'a') + 10 : -1;
}

/* Whether at a backslash begins hexadecimal as PostgreSQL writes a bytea, `\x3081...`: so many digits are no escape of one byte. */
static inline int rf_is_bytea(const rf_spell *s, size_t at) {
    enum { DIGITS = 16 };
    if (at + 2 + DIGITS > s->size || s->text[at] != '\\' || (s->text[at + 1] | 32) != 'x') return 0;
    for (size_t i = 0; i < DIGITS; i++)
        if (rf_hex_digit(s->text[at + 2 + i]) < 0) return 0;
    return 1;
}

void rf_spell_escapes(rf_spell *s);
void rf_spell_base64(rf_spell *s);
void rf_spell_base32(rf_spell *s);
void rf_spell_uuencoded(rf_spell *s);
void rf_spell_rows(rf_spell *s);
void rf_spell_unfolded(rf_spell *s);

#endif
