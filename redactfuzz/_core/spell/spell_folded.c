/* Letters of which a group is open where a line ends: base64 and hexadecimal in lines of any length, of which the first may be shorter, as
 * LDIF (RFC 2849), vCard and iCalendar (RFC 5545) fold them; hexadecimal with a digit too many; and runs that began before the text did,
 * so that nothing says where their groups begin. What is read otherwise, lines of whole groups, is not read again. */
#include <string.h>

#include "spell/spell_list.h"
#include "spell/spell_runs.h"

enum {
    NEAR = 1024, /* characters from the place where a text was cut off in which that began that goes on from before it */
    WORD_END = 8, /* digits that a word may end with, at most: "decade" has six */
    LONG = 1024, /* letters of a run that is read from each of its first ones on, since others may stand glued before it; all runs would be too many */
};

typedef struct folded {
    rf_spell to;
    size_t room;
    unsigned bits; /* of a letter */
    size_t group;  /* letters that are whole bytes */
    int cut;       /* whether the text begins where another was cut off */
} folded;

/* Pieces of letters that go on with one another, up to the one of [start, end). */
typedef struct chain {
    size_t start, end;
    size_t width;  /* letters of each piece but the first and the last one; 0 with the first, since the second one tells */
    size_t held;   /* letters of the group that is open */
    int prefixed;  /* whether letters stand before it that are not of it */
    int folds;     /* whether one blank begins each line but the first */
    int ended;
    uint32_t value; /* of the letters that are not written yet */
    unsigned bits;  /* and how many they have */
} chain;

/* Where letters go on behind a break at `at` and one blank; 0 when none do. */
static size_t behind_fold(const rf_spell *s, size_t at) {
    if (at < s->size && s->text[at] == '\r') at++;
    if (s->size - at < 3 || s->text[at] != '\n' || (s->text[at + 1] != ' ' && s->text[at + 1] != '\t')) return 0;
    return rf_letter(s, at + 2) >= 0 ? at + 2 : 0;
}

/* Where the letters begin with which the line ends that a fold at `start` goes on with, and in `*end` where they end: fewer than make a run,
 * with which the chain would have begun. `start` when there are none. */
static size_t before_fold(const rf_spell *s, size_t start, size_t *end) {
    if (start < 2 || (s->text[start - 1] != ' ' && s->text[start - 1] != '\t') || s->text[start - 2] != '\n') return start;
    size_t behind = start - 2;
    if (behind > 0 && s->text[behind - 1] == '\r') behind--;
    size_t at = behind;
    while (at > 0 && behind - at < RF_RUN && rf_letter(s, at - 1) >= 0) at--;
    if (at == behind || behind - at == RF_RUN) return start;
    *end = behind;
    return at;
}

/* Whether text that the letters from `at` on give says that a group begins elsewhere than after those that are open. */
static int tells_another(const folded *f, size_t at, size_t held) {
    size_t told = f->group == 4 ? rf_text_phase(&f->to, at, rf_run_end(&f->to, at)) : 4;
    return told < 4 && told != (4 - held) % 4;
}

/* Where the letters begin that go on with the last piece behind a break with marks, or among whatever else is in both lines; 0: none do. */
static size_t behind_break(const folded *f, const chain *c) {
    const rf_spell *s = &f->to;
    size_t line = c->end - c->start, next = rf_next_line(s, c->end), behind = next ? rf_run_end(s, next) : 0, length = behind - next;
    int closed = next && (behind == s->size || strchr("=\r\n\"',;)\\", s->text[behind]));
    if (!c->width && closed && length > line && length >= RF_LINE) return next; /* the first one is shorter */
    if (line < RF_LINE) return 0;
    size_t found = c->prefixed || (closed && length == line) ? 0 : rf_next_among(s, c->start, c->end, closed ? length + 1 : 2, line);
    if (found && !tells_another(f, found, c->held)) next = found;
    return next && rf_run_end(s, next) - next <= line ? next : 0;
}

/* Moves on to the next piece; 0 when there is none. */
static int go_on(const folded *f, chain *c) {
    size_t next = c->width && !c->folds ? 0 : behind_fold(&f->to, c->end);
    if (c->ended) return 0;
    if (next) c->folds = 1;
    else if (!c->folds) next = behind_break(f, c);
    if (!next) return 0;
    size_t end = rf_run_end(&f->to, next), length = end - next, line = c->width || c->folds ? c->width : c->end - c->start;
    if (c->width && length > c->width) return 0;
    c->ended = length < line;
    c->width = c->width ? c->width : length;
    c->held = (c->held + length) % f->group;
    c->start = next, c->end = end;
    return 1;
}

static void put_piece(folded *f, chain *c, size_t from) {
    for (size_t at = from; at < c->end; at++) {
        c->value = c->value << f->bits | (uint32_t)rf_letter(&f->to, at);
        c->bits += f->bits;
        if (c->bits < 8) continue;
        c->bits -= 8;
        if (f->to.written + RF_APART < f->room) rf_spell_put(&f->to, c->value >> c->bits & 255u, at - 1);
    }
}

/* The letters of one piece, but for the first `skip`. */
static void put_run(folded *f, chain c, size_t skip) {
    const size_t written = f->to.written;
    put_piece(f, &c, c.start + skip);
    rf_spell_close(&f->to, written, c.end - 1);
}

/* The chain from a piece on, of which `skip` letters are left out. Gives where it ends. */
static chain put_chain(folded *f, chain c, size_t skip) {
    size_t written = f->to.written;
    c.held = (c.end - c.start - skip) % f->group;
    put_piece(f, &c, c.start + skip);
    while (go_on(f, &c)) put_piece(f, &c, c.start);
    rf_spell_close(&f->to, written, c.end - 1);
    return c;
}

/* Whether a letter that is no digit stands right before a run of hexadecimal: strings of Go, Rust and V8 lie side by side. That of `0x` is
 * none. */
static int is_glued_before(const rf_spell *s, size_t start) {
    if (!start || rf_word_kind(s->text[start - 1]) == RF_SEPARATES) return 0;
    if ((s->text[start - 1] | 32) != 'x') return 1;
    return start == 1 || !strchr("0\\", s->text[start - 2]);
}

static int is_glued(const rf_spell *s, size_t start, size_t end) {
    return is_glued_before(s, start) || (end < s->size && rf_word_kind(s->text[end]) != RF_SEPARATES);
}

/* What begins with the letters of [start, end), if it is not read otherwise. Gives where to look on: behind it, or where another may begin,
 * with the second line where the first is shorter, with the last one where that is. */
static size_t spell_chain(folded *f, size_t start, size_t end) {
    const size_t line = end - start, told = f->group == 4 ? rf_told_phase(&f->to, start, end) : f->group;
    const int near_cut = f->cut && start < NEAR && told == f->group;
    chain from = {.start = start, .end = end, .held = line % f->group}, second = from, last;
    const int goes_on = go_on(f, &second), alone = !goes_on && f->group == 2;
    const int longer = goes_on && (second.folds ? second.width != line : second.width > line);
    /* Lists of numbers end with a word that is none. */
    const int among = goes_on && f->group == 2 && rf_next_line(&f->to, end) != second.start;
    const int glued = f->group == 2 && is_glued(&f->to, start, end);
    const size_t more = glued && second.ended ? line - (second.end - second.start) : 0;
    /* The word before may end with letters that are digits: then the first line has as many more than the others. Asked once of a run. */
    if (more && more <= WORD_END && is_glued_before(&f->to, start) && rf_letter(&f->to, start - 1) < 0) spell_chain(f, start + more, end);
    const int odd = (goes_on || alone) && (longer || among || glued || line % f->group);
    /* Of lines of whole groups the first one is a part, and the next one tells where they begin. */
    const int whole = goes_on && !second.ended && !second.folds && second.width % f->group == 0;
    /* Nothing says where the groups begin. */
    const int open = near_cut && !whole, lone = !open && line >= LONG && !goes_on && told == f->group;
    const size_t skip = (near_cut || glued) && whole ? line % f->group : told % f->group;
    from.prefixed = !near_cut && skip > 0;
    last = from;
    if (lone) { /* this run alone: each byte of a text is to be read a bounded number of times */
        for (size_t phase = odd ? 0 : 1; phase < f->group; phase++) put_run(f, from, phase);
        return end;
    }
    if (!odd && !open) return end;
    for (size_t phase = 0; phase < f->group; phase++)
        if (open ? odd || phase : phase == skip || alone) last = put_chain(f, from, phase);
    if (longer && !last.folds && !open) return second.start;
    return last.ended && !last.folds ? last.start : last.end;
}

size_t rf_spelled_folded(uint32_t spelling, const uint8_t *text, size_t size, int cut, uint8_t *out, uint32_t *origins) {
    const int hex = spelling == RF_HEX;
    folded f = {
        .to = {.text = text, .size = size, .out = out, .origins = origins, .letters = hex ? rf_hex_letters : rf_base64_letters},
        .room = RF_FOLDED_TIMES * size + RF_FOLDED_SPARE,
        .bits = hex ? 4 : 6,
        .group = hex ? 2 : 4,
        .cut = cut,
    };
    const rf_spell *s = &f.to;
    for (size_t at = RF_RUN - 1; at < size; at += RF_RUN) {
        /* Every long run covers one of these places. */
        if (rf_letter(s, at) < 0) continue;
        size_t start = at;
        while (at - start < RF_RUN - 1 && rf_letter(s, start - 1) >= 0) start--;
        size_t end = rf_run_end(s, at), ahead_end = end;
        if (end - start < RF_RUN) continue;
        const int near_cut = f.cut && start < NEAR;
        size_t ahead = before_fold(s, start, &ahead_end), behind = ahead < start ? spell_chain(&f, ahead, ahead_end) : 0;
        if (near_cut && behind > end) at = behind; /* it was read from each letter on */
        else at = rf_is_before_others(s, start, end) && !near_cut ? end : spell_chain(&f, start, end);
        at = at > RF_RUN ? at - 1 : at;
    }
    return f.to.written;
}
