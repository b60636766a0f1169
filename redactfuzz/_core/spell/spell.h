/* Bytes that are written as text: with escapes, in base64, as lists of numbers, in tables, in dumps that a person reads.
 *
 * A spelling is read in one pass, each byte a bounded number of times. Nothing is judged: what looks like a list of bytes and
 * is none gives bytes that mean nothing, and the search of them finds nothing.
 */
#ifndef RF_SPELL_H
#define RF_SPELL_H

#include <stddef.h>
#include <stdint.h>

typedef enum rf_spelling {
    RF_ESCAPES = 0,    /* backslash, percent, quoted-printable, entities and #012 taken back once, in the lines around them */
    RF_BASE64 = 1,     /* both alphabets, in one line or in lines of equal length */
    RF_HEX = 2,        /* bytes, or words that are written as they lie in memory */
    RF_HEX_WORDS = 3,  /* words of a little-endian machine, written as numbers */
    RF_DECIMALS = 4,   /* 0 to 255, or -128 to 127 */
    RF_OCTALS = 5,     /* 000 to 377, or words of 16 bits */
    RF_BINARY = 6,     /* eight binary digits a byte, or 0b and up to eight */
    RF_HEX_BYTES = 7,  /* a byte in more digits or in fewer than two: with its sign extended, with zeros, with a mark beside it */
    RF_DECIMAL_WORDS = 8, /* words of 2, 4 or 8 bytes, signed or not, of a little-endian machine and then of a big-endian one */
    RF_ROWS = 9,       /* the bytes of a dump in hexadecimal, row by row, whatever stands before each row */
    RF_UNFOLDED = 10,  /* lines that were broken within a word, put together: folded, at the width of a terminal, in two literals, in chunks
                          of HTTP */
    RF_BASE32 = 11,    /* of RFC 4648, in letters of one case, in one line or in lines of equal length */
    RF_UUENCODED = 12, /* lines of uuencode */
} rf_spelling;

/* What is spelled in a text: of RF_ESCAPES the lines that have some, with those beside them, of others the stretches that are
 * spelled so; with zeros between them. `out` holds at least `size` bytes, and twice as many for RF_BASE64, where a line that ends one
 * stretch may begin another, and for RF_BASE32, where digits may be of two. `origins` is NULL, or has as many, and is given for each byte written the offset in the text where
 * its spelling begins. Returns the bytes written, 0 when nothing is spelled so. */
size_t rf_spelled(uint32_t spelling, const uint8_t *text, size_t size, uint8_t *out, uint32_t *origins);

/* Where a cell of a table lies in the text. */
typedef struct rf_cell {
    uint32_t start, end;
} rf_cell;

enum { RF_COLUMNS_TIMES = 2 /* numbers among words are read as either */ };

/* A line that holds short pieces between quotes. */
typedef struct rf_line {
    uint64_t pieces; /* which of its first words they are, a bit for each */
    uint32_t first;  /* its first word, by its number among all of the text */
    uint32_t words;  /* how many count, of the first ones */
    uint32_t shape;  /* what stands between these, in short */
    uint32_t next;   /* line of the same shape */
    uint32_t table;  /* of which it is a row; 0: of none */
    uint32_t reserved;
} rf_line;

enum { RF_LINE_LEAST = 5 /* bytes of the shortest line that may be one */ };

/* Cells of a table, and of whatever else has the same between its pieces again and again: one column after the other, numbers with spaces
 * between them, pieces of a text with none. So are letters that stand apart one by one, and what is between quotes in lines of one shape.
 * `out` and `origins` have RF_COLUMNS_TIMES as many as the text, `cells` as many and one more, `lines` one for each RF_LINE_LEAST bytes and
 * one more. */
size_t rf_spelled_columns(const uint8_t *text, size_t size, rf_cell *cells, rf_line *lines, uint8_t *out, uint32_t *origins);

/* A row of bytes at the end of a line. */
typedef struct rf_tail {
    uint32_t start, end;
    uint32_t next; /* row of the same bytes */
    uint32_t reserved;
} rf_tail;

enum { RF_TAIL_LEAST = 2 /* bytes of the shortest line that may end with one */, RF_TAILS_TIMES = 2, RF_TAILS_SPARE = 8 };

/* Rows of bytes without what stands before and behind each of them in its line: numbers, a word of base64 or hexadecimal, a literal of escapes.
 * They are written as they are in the text, and as bytes where each is base64 by itself, with zeros between rows of different bytes. `out` and
 * `origins` have RF_TAILS_TIMES as many as the text, and RF_TAILS_SPARE more; `rows` one for each RF_TAIL_LEAST bytes and one more. */
size_t rf_spelled_tails(const uint8_t *text, size_t size, rf_tail *rows, uint8_t *out, uint32_t *origins);

/* A line of a text, and what it is of. */
typedef struct rf_log_line {
    uint32_t start, end;  /* in the text */
    uint32_t shape;
    uint32_t cells;       /* how many */
    uint32_t first;       /* of them, by its number among those of all lines of the shape */
    uint32_t next;        /* line of the same shape */
    uint32_t rows;        /* of the shape that begins with it; 0: none does */
    uint32_t last;        /* line of the shape or of the stream that begins with it */
    uint32_t go_on;       /* the next line that is put together with it */
    uint32_t of_stream;   /* lines of the stream that begins with it */
} rf_log_line;

enum {
    RF_LOG_LINE_LEAST = 4, /* bytes of the shortest line */
    RF_EVENTS_TIMES = 20 /* each cell is written for all lines, and for those of each stream told in three ways: each time as numbers, as pieces in
                            both orders and as what it spells in base64, with zeros behind 16 bytes and more */
};

/* What stands in one place of lines of one shape, whatever other lines are between them, of all of these and of those of each stream: see
 * spell_events.c. `cells` has as many as the text has bytes, `lines` one for each RF_LOG_LINE_LEAST bytes and one more, `out` and `origins` have
 * RF_EVENTS_TIMES as many as the text. */
size_t rf_spelled_events(const uint8_t *text, size_t size, rf_cell *cells, rf_log_line *lines, uint8_t *out, uint32_t *origins);

/* What is read in four ways, and near the beginning as the end of one chain and the beginning of another. */
enum { RF_FOLDED_TIMES = 4, RF_FOLDED_SPARE = 1 << 13 };

/* RF_BASE64 or RF_HEX, where rf_spelled does not read it: in lines that do not end with a whole byte or of which the first is
 * shorter, hexadecimal among words, and with an odd count of digits. With `cut` the text begins where another was cut off: what
 * goes on from there is read from each letter on that a byte may begin with. `out` and `origins` have RF_FOLDED_TIMES as many as
 * the text, and RF_FOLDED_SPARE more. */
size_t rf_spelled_folded(uint32_t spelling, const uint8_t *text, size_t size, int cut, uint8_t *out, uint32_t *origins);

enum { RF_LISTS = 8 /* that are read at once, at most */ };

/* What one spelling of lists (RF_HEX to RF_DECIMAL_WORDS) gives: `out` and `origins` as for rf_spelled, `written` as it returns. */
typedef struct rf_spelled_list {
    uint32_t spelling;
    uint32_t reserved;
    uint8_t *out;
    uint32_t *origins;
    size_t written;
} rf_spelled_list;

/* Several of them in one pass: nearly all words of a text are in no list. */
void rf_spelled_lists(const uint8_t *text, size_t size, rf_spelled_list *wanted, size_t count);

#endif
