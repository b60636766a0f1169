/* Candidates for keys that are written in a format: DER headers, runs of an alphabet. What they are is decided by
 * parsers elsewhere.
 */
#ifndef RF_KEY_TEXT_H
#define RF_KEY_TEXT_H

#include <stddef.h>
#include <stdint.h>

typedef struct rf_place {
    uint64_t offset;
    uint64_t length; /* of a run; index of a literal */
} rf_place;

/* How far a search in places has come: which of them, and how far in it. */
typedef struct rf_cursor {
    uint64_t stretch;
    uint64_t offset;
} rf_cursor;

/* Each looks from `*from` on, writes up to `capacity` places, returns how many, and leaves in `*from` where to go on: `size` when all
 * was looked at. */
/* Maximal runs of `shortest` to `longest` bytes of an alphabet (256 flags). */
uint64_t rf_find_runs(const uint8_t *alphabet, const uint8_t *data, size_t size, size_t shortest, size_t longest, size_t *from, rf_place *places, uint64_t capacity);
/* Stretches of `shortest` bytes and more between four zeros in a row: what a view of a text has of one spelling. With up to two zeros more at
 * either end, which may be its own. */
uint64_t rf_find_stretches(const uint8_t *data, size_t size, size_t shortest, size_t *from, rf_place *places, uint64_t capacity);
/* A DER SEQUENCE that begins with the version of PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), or SEC 1 (RFC 5915), and with what must follow it;
 * its whole length is in the data. */
uint64_t rf_find_der(const uint8_t *data, size_t size, size_t *from, rf_place *places, uint64_t capacity);

#endif
