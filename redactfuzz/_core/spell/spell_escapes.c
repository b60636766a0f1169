/* Escapes of JSON and programming languages, of addresses of the web, of mail, of markup, of syslog and of `cat -v`, each taken back once;
 * and what stands between letters and is not seen: colours of a terminal, marks of no width. */
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

/* One to six digits in braces at `at`, as in \u{5a}. Gives the length with the braces; 0 when there are none. */
static size_t braced(const rf_spell *s, size_t at, int64_t *value) {
    size_t digits = 0;
    if (at >= s->size || s->text[at] != '{') return 0;
    while (digits < 7 && number(s, at + 1, digits + 1, 16) >= 0) digits++;
    *value = digits ? number(s, at + 1, digits, 16) : -1;
    return digits && digits < 7 && at + 1 + digits < s->size && s->text[at + 1 + digits] == '}' ? digits + 2 : 0;
}

static size_t unicode(rf_spell *s, size_t at, size_t digits) {
    int64_t point = number(s, at + 2, digits, 16), low;
    size_t length = digits + 2, in_braces = braced(s, at + 2, &point);
    if (in_braces) length = 2 + in_braces;
    if (point < 0 || point >= 0x110000) return 0;
    if (point >= 0xd800 && point < 0xdc00 && at + 7 < s->size && s->text[at + 6] == '\\' && s->text[at + 7] == 'u') {
        low = number(s, at + 8, 4, 16);
        if (low >= 0xdc00 && low < 0xe000) {
            point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
            length = 12;
        }
    }
    /* A byte that was no utf-8, as Python keeps it (PEP 383). */
    if (point >= 0xdc80 && point < 0xdd00) rf_spell_put(s, (unsigned)point & 255u, at);
    else put_point(s, (uint32_t)point, at);
    return length;
}

/* Each of these writes what the escape at `at` stands for and gives its length; 0 when it is none. */
static size_t backslash(rf_spell *s, size_t at) {
    static const char letters[] = "nrtbfaveE", bytes[] = "\n\r\t\b\f\a\v\33\33"; /* the last two of Ruby and of bash */
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
        size_t in_braces = braced(s, at + 2, &value);
        if (value < 0 || value >= 0x110000) return 0;
        if (value < 0x100) rf_spell_put(s, (unsigned)value, at);
        else put_point(s, (uint32_t)value, at);
        return in_braces ? 2 + in_braces : 4;
    }
    if (c >= '0' && c <= '7') {
        size_t digits = 1;
        while (digits < 3 && number(s, at + 1, digits + 1, 8) >= 0) digits++;
        rf_spell_put(s, (unsigned)number(s, at + 1, digits, 8) & 255u, at);
        return 1 + digits;
    }
    if (!c || !strchr("\\\"'/`$_-.", (int)c)) return 0;
    rf_spell_put(s, c, at);
    return 2;
}

/* As in RFC 3986, or as escape() of JavaScript has it. */
static size_t percent(rf_spell *s, size_t at) {
    int64_t value = number(s, at + 1, 2, 16), wide = at + 1 < s->size && s->text[at + 1] == 'u' ? number(s, at + 2, 4, 16) : -1;
    if (wide >= 0) {
        put_point(s, (uint32_t)wide, at);
        return 6;
    }
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
        {"quot;", '"'}, {"amp;", '&'}, {"apos;", '\''}, {"lt;", '<'}, {"gt;", '>'}, {"nbsp;", ' '}, {"shy;", 0},
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
            if (names[i].stands_for) rf_spell_put(s, names[i].stands_for, at);
            return 1 + length;
        }
    }
    return 0;
}

/* As rsyslog writes a control character, and where it is told to, a byte beyond ASCII. */
static size_t hash(rf_spell *s, size_t at, int bytes) {
    int64_t value = number(s, at + 1, 3, 8);
    if (value < 0 || value > 255 || (value >= 32 && value < 127) || (value > 127 && !bytes)) return 0;
    rf_spell_put(s, (unsigned)value, at);
    return 4;
}

/* As `cat -v` writes a byte: ^A, M-x, M-^A. */
static size_t caret(rf_spell *s, size_t at) {
    size_t meta = at + 2 < s->size && s->text[at] == 'M' && s->text[at + 1] == '-' ? 2 : 0, here = at + meta;
    unsigned high = meta ? 128u : 0u, c = s->text[here];
    int control = c == '^' && here + 1 < s->size && s->text[here + 1] >= '?' && s->text[here + 1] <= '_';
    if (!meta && !control) return 0;
    rf_spell_put(s, high | (control ? s->text[here + 1] ^ 64u : c), at);
    return meta + 1 + (control ? 1 : 0);
}

/* The sequences that colour a terminal (ECMA-48 section 5.4), and links in it, which end in BEL or in ESC and a backslash. */
static size_t terminal(const rf_spell *s, size_t at) {
    enum { LONGEST = 256 };
    size_t end = at + LONGEST < s->size ? at + LONGEST : s->size, here = at + 2;
    if (here >= end) return 0;
    if (s->text[at + 1] == '[') {
        while (here < end && s->text[here] >= 0x20 && s->text[here] < 0x40) here++;
        return here < end && s->text[here] >= 0x40 && s->text[here] < 0x7f ? here + 1 - at : 0;
    }
    if (s->text[at + 1] == '(' || s->text[at + 1] == ')') return 3;
    if (s->text[at + 1] != ']') return 0;
    for (; here < end; here++) {
        if (s->text[here] == 7) return here + 1 - at;
        if (s->text[here] == 27) return here + 2 - at <= s->size - at ? here + 2 - at : 0;
    }
    return 0;
}

/* Marks without width, which are left out, and lines that frame a table, of which a space is left. */
static size_t unseen(rf_spell *s, size_t at) {
    const uint8_t *here = s->text + at;
    if (s->size - at >= 2 && here[0] == 0xc2 && here[1] == 0xad) return 2; /* U+00AD */
    if (s->size - at < 3) return 0;
    if (here[0] == 0xe2 && here[1] == 0x80 && here[2] >= 0x8b && here[2] <= 0x8f) return 3; /* U+200B to U+200F */
    if (here[0] == 0xe2 && here[1] == 0x81 && here[2] >= 0xa0 && here[2] <= 0xa4) return 3; /* U+2060 to U+2064 */
    if (here[0] == 0xef && here[1] == 0xbb && here[2] == 0xbf) return 3; /* U+FEFF */
    if (here[0] == 0xe2 && (here[1] == 0x94 || here[1] == 0x95)) { /* U+2500 to U+257F */
        rf_spell_put(s, ' ', at);
        return 3;
    }
    return 0;
}

/* The text from `from` to before `to` as it is. */
static void keep(rf_spell *s, size_t from, size_t to) {
    memcpy(s->out + s->written, s->text + from, to - from);
    for (size_t i = from; s->origins && i < to; i++) s->origins[s->written + i - from] = (uint32_t)i;
    s->written += to - from;
}

/* Whether an escape of bytes at `at` writes one beyond ASCII: what is escaped once more counts as well, and the first byte of a bytea does
 * not, which is no escape. */
static int writes_byte(const rf_spell *s, size_t at) {
    unsigned way = s->text[at], next = at + 1 < s->size ? s->text[at + 1] : 0;
    if (way == 'M') return next == '-' && at + 2 < s->size && s->text[at + 2] > ' ';
    if (way == '\\' && rf_is_bytea(s, at)) return 0;
    if (way == '=' && (next >= 'a' || (at + 2 < s->size && s->text[at + 2] >= 'a'))) return 0; /* as `quoted` has it */
    int64_t value = way == '#' || (way == '\\' && next != 'x') ? number(s, at + 1, 3, 8)
                    : way == '\\'                               ? number(s, at + 2, 2, 16)
                                                                : number(s, at + 1, 2, 16);
    return value >= 0x80 && value < 0x100;
}

/* What the backslashes of a line write otherwise than in C: up to three decimal digits, as OCaml, Haskell and BIND have them (none above 255,
 * some with an 8 or a 9 that no octal number has); two hexadecimal ones, as a filter of LDAP has them (RFC 4515: all of them, some that begin
 * with a letter); code points in two hexadecimal digits as well, as Python's `repr` has them beside bytes that were no utf-8. */
enum { AS_IN_C = 0, IN_DECIMAL, IN_LDAP, IN_POINTS };

static int writing_of(const rf_spell *s, size_t from, size_t to) {
    enum { ENOUGH = 2, SEVERAL = 4 };
    size_t decimal = 0, high = 0, numbers = 0, ldap = 0;
    int may_be_decimal = 1, may_be_ldap = 1, all_of_three = 1, is_points = 0;
    for (size_t at = from; at < to;) {
        const uint8_t *found = memchr(s->text + at, '\\', to - at);
        if (!found) break;
        at = (size_t)(found - s->text) + 1;
        const int64_t three = number(s, at, 3, 10), two = number(s, at, 2, 16);
        const unsigned c = at < to ? s->text[at] : 0;
        if (three > 255 || c == 'x' || c == 'u') may_be_decimal = 0;
        if (three < 0 && number(s, at, 1, 10) >= 0) all_of_three = 0;
        if (two < 0) may_be_ldap = 0;
        decimal += c == '&' || (three >= 0 && number(s, at, 3, 8) < 0);
        high += three >= 128;
        numbers += three >= 0;
        ldap += two >= 128 && c > '9';
        is_points |= c == 'u' && number(s, at + 1, 4, 16) >> 7 == 0xdc80 >> 7;
        if (c == '\\') at++;
    }
    if (is_points) return IN_POINTS;
    if (may_be_decimal && high >= ENOUGH && decimal >= (all_of_three && numbers >= SEVERAL ? 1 : ENOUGH)) return IN_DECIMAL;
    return may_be_ldap && ldap >= ENOUGH ? IN_LDAP : AS_IN_C;
}

/* The names of ASCII that Haskell has for what cannot be shown, and its mark that ends a number: Haskell 2010, section 2.6. */
static size_t named(rf_spell *s, size_t at) {
    static const char names[33][4] = {"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS",  "HT",  "LF",
                                      "VT",  "FF",  "CR",  "SO",  "SI",  "DLE", "DC1", "DC2", "DC3", "DC4", "NAK",
                                      "SYN", "ETB", "CAN", "EM",  "SUB", "ESC", "FS",  "GS",  "RS",  "US",  "DEL"};
    if (at + 1 < s->size && s->text[at + 1] == '&') return 2;
    for (unsigned i = 0; i < 33; i++) {
        const size_t length = strlen(names[i]);
        if (at + 1 + length > s->size || memcmp(s->text + at + 1, names[i], length)) continue;
        rf_spell_put(s, i == 32 ? 127 : i, at);
        return 1 + length;
    }
    return backslash(s, at);
}

static size_t backslash_in(rf_spell *s, size_t at, int writing) {
    size_t skipped = 1, digits = 2;
    if (writing == IN_DECIMAL)
        for (digits = 3; digits && number(s, at + 1, digits, 10) < 0;) digits--;
    if (writing == IN_POINTS) skipped = at + 1 < s->size && s->text[at + 1] == 'x' ? 2 : s->size;
    const int64_t value = writing && digits ? number(s, at + skipped, digits, writing == IN_DECIMAL ? 10 : 16) : -1;
    if (value < 0 || value > 255) return writing == IN_DECIMAL ? named(s, at) : backslash(s, at);
    if (writing == IN_POINTS) put_point(s, (uint32_t)value, at);
    else rf_spell_put(s, (unsigned)value, at);
    return skipped + digits;
}

/* Escapes by a percent sign, of whatever they stand for. */
static size_t percents(const rf_spell *s, size_t from, size_t to) {
    size_t count = 0;
    for (size_t at = from; at + 2 < to; at++) {
        const uint8_t *found = memchr(s->text + at, '%', to - at);
        if (!found) break;
        at = (size_t)(found - s->text);
        count += number(s, at + 1, 2, 16) >= 0;
    }
    return count;
}

/* What begins the escapes of a line that writes bytes; 0 where it writes none. In an address values stand behind an equals sign,
 * and may look like one. Bytes are written in one way: a percent sign between them stands for itself, and what was escaped in
 * another way before is taken back from what comes out. One byte alone is written by next to nobody as M-x, or as #303, which is
 * a colour, too. */
static unsigned way_of_bytes(const rf_spell *s, size_t from, size_t to) {
    static const uint8_t ways[] = {'\\', '%', '=', '#', 'M'};
    enum { SURE = 3, FEW = 3 };
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
        if (count <= most || (i >= SURE && count < FEW)) continue;
        most = count;
        way = ways[i] == '=' && percents(s, from, to) > count ? '%' : ways[i];
    }
    return way;
}

/* What may begin an escape: always; where bytes are not written in another way; or as `cat -v` has it alone. */
enum { UNSEEN = 1, ESCAPE = 2, CARET = 4 };
static const uint8_t begins[256] = {
    [27] = UNSEEN,    [0xc2] = UNSEEN, [0xe2] = UNSEEN, [0xef] = UNSEEN, ['\\'] = ESCAPE, ['%'] = ESCAPE,
    ['='] = ESCAPE,   ['&'] = ESCAPE,  ['#'] = ESCAPE,  ['M'] = CARET,   ['^'] = CARET,
};

static size_t escape(rf_spell *s, size_t at, unsigned way, int writing) {
    unsigned c = s->text[at];
    switch (c) {
    case 27: return terminal(s, at);
    case '\\': return backslash_in(s, at, writing);
    case '%': return percent(s, at);
    case '=': return quoted(s, at);
    case '&': return entity(s, at);
    case '#': return hash(s, at, way == '#');
    default: return begins[c] == UNSEEN ? unseen(s, at) : caret(s, at);
    }
}

/* A line, from `from` to before `to`, with what its escapes stand for. Gives how many there were. */
static size_t line(rf_spell *s, size_t from, size_t to) {
    size_t kept = from, count = 0, at = from;
    const int writing = writing_of(s, from, to);
    const unsigned way = writing ? '\\' : way_of_bytes(s, from, to);
    const unsigned wanted = UNSEEN | (way == 'M' ? CARET : ESCAPE);
    while (at < to) {
        unsigned c = s->text[at];
        if (!(begins[c] & wanted) || (begins[c] == ESCAPE && way && c != way)) {
            at++;
            continue;
        }
        keep(s, kept, at);
        size_t length = escape(s, at, way, writing);
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
