/* Between the matcher's index and its encodings; not for callers. */
#ifndef RF_MATCH_FORMS_H
#define RF_MATCH_FORMS_H

#include "match.h"

/* A secret in clear, ready to be encoded. `points` are its characters (of a BYTES source: latin-1). */
typedef struct rf_clear {
    const uint8_t *bytes;
    const uint32_t *points;
    uint8_t *wide;  /* room for 4 * size bytes */
    uint32_t *limbs; /* room for size / 4 + 2 */
    uint32_t size;
    uint32_t count; /* of points */
} rf_clear;

enum { RF_NO_UNIT = 0xffffffffu, RF_EXPANSION = 8 }; /* no encoding makes more than 8 bytes of one */

/* Where a form is written. `full` is set instead of writing past the end. */
typedef struct rf_out {
    uint8_t *at;
    uint8_t *end;
    uint8_t *start;
    uint32_t *units; /* NULL, or for each byte of the form the unit of the secret that it comes from */
    uint32_t unit;   /* the one being written */
    int full;
} rf_out;

typedef enum rf_unit { RF_UNIT_NONE, RF_UNIT_POINT, RF_UNIT_BYTE } rf_unit;
typedef void (*rf_encoder)(rf_out *out, const rf_clear *secret);

typedef struct rf_encoding {
    const char *name;
    uint8_t shapes; /* bit 1 << rf_shape: the sources that it applies to */
    uint8_t plain;
    uint8_t unit; /* rf_unit: what the encoder takes one after the other */
    rf_encoder encode;
} rf_encoding;

extern const rf_encoding rf_encodings[];

uint32_t rf_decode_utf8(const uint8_t *text, uint32_t size, uint32_t *points);
int rf_is_alnum(uint32_t point);
void rf_put(rf_out *out, unsigned byte);
void rf_put_utf8(rf_out *out, uint32_t point);

#endif
