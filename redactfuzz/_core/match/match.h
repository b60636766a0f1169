/* The matcher: finds secrets in bytes, whole or in part, in every encoding that it knows.
 *
 * Each encoded form of a secret is indexed by its 8-byte windows. Data is read window by window; a window that is in
 * the index is extended both ways as far as data and form agree, and the fragment counts when it gives away enough
 * ENTROPY (not: enough bytes). The state is one block that the caller supplies; there are no globals and nothing is
 * allocated. Secrets come masked (each byte XORed with one) and lie in clear in the block only between rf_match_plant
 * and rf_match_clear.
 *
 *     rf_match_init(block, &limits);
 *     rf_match_plant(matcher, ...) for each source;   rf_match_scan(matcher, ...) for each dump;   rf_match_clear(matcher);
 */
#ifndef RF_MATCH_H
#define RF_MATCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct rf_matcher rf_matcher;

typedef enum rf_shape {
    RF_TEXT = 0,   /* utf-8 */
    RF_BYTES = 1,
    RF_NUMBER = 2, /* big-endian */
} rf_shape;

typedef struct rf_match_limits {
    uint32_t secret;  /* bytes of the longest source */
    uint32_t bytes;   /* bytes of all forms together */
    uint32_t forms;   /* number of forms, all sources together */
    uint32_t windows; /* indexed windows, all forms together */
    uint32_t dense;   /* 1: index every window, so that data may be read at a stride */
    uint32_t scalar;  /* 1: no vector instructions, as on a processor that lacks those of match_sieve.h */
} rf_match_limits;

/* One source: what to look for. */
typedef struct rf_source {
    const uint8_t *masked;
    const uint32_t *fixed; /* of stretches that are the same in every secret: where each begins, and what is behind it, in bytes (RF_TEXT: in characters) */
    uint32_t fixed_count;  /* of stretches */
    uint32_t size;
    uint16_t id;     /* comes back in rf_hit.source */
    uint16_t group;  /* sources of one group never yield the same form twice */
    uint8_t mask;
    uint8_t shape;   /* rf_shape */
    uint8_t plain;   /* 1: only the plain forms (utf-8, raw bytes, decimal), not the encoded ones */
    uint8_t letters; /* 1: all entropy is in the ASCII letters and digits, everything else is the same in every secret */
    uint8_t common;  /* 1: not the rare forms (base85, uuencode, EBCDIC) */
    uint8_t reserved[3];
    double bits;     /* entropy of the whole */
} rf_source;

/* One maximal fragment. */
typedef struct rf_hit {
    uint64_t offset;      /* in the data */
    uint32_t length;
    uint32_t form_offset; /* of the fragment in the encoded form */
    uint32_t form_length;
    uint16_t source;
    uint16_t encoding;    /* see rf_encoding_name */
    double bits;          /* recovered entropy */
} rf_hit;

size_t rf_match_size(const rf_match_limits *limits);
/* `block` holds rf_match_size() zeroed bytes, aligned to 64. */
rf_matcher *rf_match_init(void *block, const rf_match_limits *limits);
/* Forgets all sources and wipes what was derived from them. */
void rf_match_clear(rf_matcher *matcher);
/* Adds all forms of one source. -1: a limit is too small, and the matcher must be cleared. */
int rf_match_plant(rf_matcher *matcher, const rf_source *source);
/* What to read: the windows that start at offsets from `from` to before `to`. A fragment is followed beyond both. */
typedef struct rf_data {
    const uint8_t *bytes;
    uint64_t size;
    uint64_t from;
    uint64_t to;
} rf_data;

/* Every maximal fragment of at least `threshold` bits, once, by the offset where it was met. Only windows at multiples of
 * `stride` (1, 4 or 8; more than 1 wants a dense index) are read: each fragment of 7 + stride bytes is found for sure.
 * Returns how many there are, of which the first `capacity` are written. Changes nothing: several threads may read
 * different ranges at once. */
uint32_t rf_match_scan(const rf_matcher *matcher, const rf_data *data, uint32_t stride, double threshold, rf_hit *hits,
                       uint32_t capacity);

/* Bytes of the longest form. */
uint32_t rf_match_longest(const rf_matcher *matcher);

/* Visits every encoding: NULL when `encoding` is past the last one. */
const char *rf_encoding_name(uint32_t encoding);

/* Replaces the backslash escapes of JSON, Python, C and the like by what they stand for (utf-8). `out` holds at least `size`
 * bytes. Returns the bytes written. */
size_t rf_unescape(const uint8_t *text, size_t size, uint8_t *out);

#endif
