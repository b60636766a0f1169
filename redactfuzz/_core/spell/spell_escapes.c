/* Escapes of JSON and programming languages, of addresses of the web, of mail, of markup and of syslog, each taken back once. */
#include <string.h>

#include "spell/spell_write.h"

/* `digits` digits of a base at `at`; -1 when there are fewer. */
static int64_t number(const rf_spell *s, size_t at, size_t digits, int base) {
    int64_t value = 0;
    if (at + digits > s->size) return -1;
    for (size_t i = 0; i < digits; i++) {
        int digit = rf_hex_digit(s->text[at + i]);
        if (digit < 0 || digit >= base) return -1;
        value = value * base + digit;
    }
    return value;
}

static void put_point(rf_spell *s, uint32_t point, size_t origin) {
    if (point < 0x80) {
        rf_spell_put(s, point, origin);
    } else if (point < 0x800) {
        rf_spell_put(s, 0xc0u | point >> 6, origin);
        rf_spell_put(s, 0x80u | (point & 63u), origin);
    } else {
        if (point < 0x10000) {
            rf_spell_put(s, 0xe0u | point >> 12, origin);
        } else {
            rf_spell_put(s, 0xf0u | (point >> 18 & 7u), origin);
            rf_spell_put(s, 0x80u | (point >> 12 & 63u), origin);
        }
        rf_spell_put(s, 0x80u | (point >> 6 & 63u), origin);
        rf_spell_put(s, 0x80u | (point & 63u), origin);
    }
}

static size_t unicode(rf_spell *s, size_t at, size_t digits) {
    int64_t point = number(s, at + 2, digits, 16), low;
    size_t length = digits + 2;
    if (point < 0 || point >= 0x110000) return 0;
    if (point >= 0xd800 && point < 0xdc00 && at + 7 < s->size && s->text[at + 6] == '\\' && s->text[at + 7] == 'u') {
        low = number(s, at + 8, 4, 16);
        if (low >= 0xdc00 && low < 0xe000) {
            point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
            length = 12;
        }
    }
    put_point(s, (uint32_t)point, at);
    return length;
}

/* Each of these writes what the escape at `at` stands for and gives its length; 0 when it is none. */
static size_t backslash(rf_spell *s, size_t at) {
    static const char letters[] = "nrtbfav", bytes[] = "\n\r\t\b\f\a\v";
    if (at + 1 >= s->size) return 0;
    unsigned c = s->text[at + 1];
    const char *letter = c ? strchr(letters, (int)c) : NULL;
    if (letter) {
        rf_spell_put(s, (uint8_t)bytes[letter - letters], at);
        return 2;
    }
    if (c == '\n') return 2; /* a line that goes on */
    if (c == 'u') return unicode(s, at, 4);
    if (c == 'U') return unicode(s, at, 8);
    if (c == 'x') {
        int64_t value = number(s, at + 2, 2, 16);
        if (value < 0) return 0;
        rf_spell_put(s, (unsigned)value, at);
        return 4;
    }
    if (c >= '0' && c <= '7') {
        size_t digits = 1;
        while (digits < 3 && number(s, at + 1, digits + 1, 8) >= 0) digits++;
        rf_spell_put(s, (unsigned)number(s, at + 1, digits, 8) & 255u, at);
        return 1 + digits;
    }
    if (!c || !strchr("\\\"'/`$", (int)c)) return 0;
    rf_spell_put(s, c, at);
    return 2;
}

static size_t percent(rf_spell *s, size_t at) {
    int64_t value = number(s, at + 1, 2, 16);
    if (value < 0) return 0;
    rf_spell_put(s, (unsigned)value, at);
    return 3;
}

/* RFC 2045 section 6.7: digits in upper case, and a break of a line that is none. */
static size_t quoted(rf_spell *s, size_t at) {
    if (at + 1 < s->size && s->text[at + 1] == '\n') return 2;
    if (at + 2 < s->size && s->text[at + 1] == '\r' && s->text[at + 2] == '\n') return 3;
    int64_t value = number(s, at + 1, 2, 16);
    if (value < 0 || s->text[at + 1] >= 'a' || s->text[at + 2] >= 'a') return 0;
    rf_spell_put(s, (unsigned)value, at);
    return 3;
}

static size_t entity(rf_spell *s, size_t at) {
    static const struct { const char *name; unsigned stands_for; } names[] = {
        {"quot;", '"'}, {"amp;", '&'}, {"apos;", '\''}, {"lt;", '<'}, {"gt;", '>'}, {"nbsp;", ' '},
    };
    if (at + 3 < s->size && s->text[at + 1] == '#') {
        int base = (s->text[at + 2] | 32) == 'x' ? 16 : 10;
        size_t start = at + (base == 16 ? 3 : 2), digits = 0;
        while (digits < 7 && number(s, start, digits + 1, base) >= 0) digits++;
        int64_t point = digits ? number(s, start, digits, base) : -1;
        if (point < 0 || point >= 0x110000 || start + digits >= s->size || s->text[start + digits] != ';') return 0;
        put_point(s, (uint32_t)point, at);
        return start + digits + 1 - at;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i].name);
        if (at + 1 + length <= s->size && memcmp(s->text + at + 1, names[i].name, length) == 0) {
            rf_spell_put(s, names[i].stands_for, at);
            return 1 + length;
        }
    }
    return 0;
}

/* As rsyslog writes a control character. */
static size_t hash(rf_spell *s, size_t at) {
    int64_t value = number(s, at + 1, 3, 8);
    if (value < 0 || (value >= 32 && value != 127)) return 0;
    rf_spell_put(s, (unsigned)value, at);
    return 4;
}

/* The text from `from` to before `to` as it is. */
static void keep(rf_spell *s, size_t from, size_t to) {
    memcpy(s->out + s->written, s->text + from, to - from);
    for (size_t i = from; s->origins && i < to; i++) s->origins[s->written + i - from] = (uint32_t)i;
    s->written += to - from;
}

/* Whether an escape of bytes at `at` writes one beyond ASCII: what is escaped once more counts as well. */
static int writes_byte(const rf_spell *s, size_t at) {
    int64_t value = s->text[at] != '\\'                                 ? number(s, at + 1, 2, 16)
                    : at + 1 < s->size && s->text[at + 1] == 'x' ? number(s, at + 2, 2, 16)
                                                                 : number(s, at + 1, 3, 8);
    return value >= 0x80;
}

/* What begins the escapes of a line that writes bytes; 0 where it writes none. Bytes are written in one way: a percent sign
 * between them stands for itself, and what was escaped in another way before is taken back from what comes out. */
static unsigned way_of_bytes(const rf_spell *s, size_t from, size_t to) {
    static const uint8_t ways[] = {'\\', '%', '='};
    size_t most = 0;
    unsigned way = 0;
    for (size_t i = 0; i < sizeof ways; i++) {
        size_t count = 0;
        for (size_t at = from; at < to; at++) {
            const uint8_t *found = memchr(s->text + at, ways[i], to - at);
            if (!found) break;
            at = (size_t)(found - s->text);
            count += (size_t)writes_byte(s, at);
        }
        if (count > most) most = count, way = ways[i];
    }
    return way;
}

/* A line, from `from` to before `to`, with what its escapes stand for. Gives how many there were. */
static size_t line(rf_spell *s, size_t from, size_t to) {
    static const uint8_t begins[256] = {['\\'] = 1, ['%'] = 1, ['='] = 1, ['&'] = 1, ['#'] = 1};
    size_t kept = from, count = 0, at = from;
    unsigned way = way_of_bytes(s, from, to);
    while (at < to) {
        unsigned c = s->text[at];
        if (!begins[c] || (way && c != way)) {
            at++;
            continue;
        }
        keep(s, kept, at);
        size_t length = c == '\\' ? backslash(s, at) : c == '%' ? percent(s, at) : c == '=' ? quoted(s, at) : c == '&' ? entity(s, at) : hash(s, at);
        count += length > 0;
        kept = at + length;
        at += length ? length : 1;
    }
    if (kept < to) keep(s, kept, to);
    return count;
}

/* Lines with escapes, and the one before and behind each. Of others, which are read as they are, zeros are left. */
void rf_spell_escapes(rf_spell *s) {
    size_t dropped = 0, before = 0; /* where lines that were left out begin, and the last of them */
    int near = 0;
    for (size_t at = 0; at < s->size;) {
        const uint8_t *found = memchr(s->text + at, '\n', s->size - at);
        size_t end = found ? (size_t)(found - s->text) + 1 : s->size, start = s->written;
        /* What is left out must be longer than the zeros in its place. */
        int apart = before >= dropped + RF_APART, has = line(s, at, end) > 0;
        if (has && dropped < at) {
            s->written = start;
            for (int i = 0; apart && i < RF_APART; i++) rf_spell_put(s, 0, dropped);
            keep(s, apart ? before : dropped, at);
            line(s, at, end);
        }
        if (has || near) {
            dropped = end;
        } else {
            s->written = start;
        }
        before = has || near ? end : at;
        near = has;
        at = end;
    }
}
