/* Between the matcher's index and its encodings; not for callers. */
#ifndef RF_MATCH_FORMS_H
#define RF_MATCH_FORMS_H

#include "match/match.h"
#include "match/match_out.h"

/* A secret in clear, ready to be encoded. `points` are its characters (of a BYTES source: latin-1). */
typedef struct rf_clear {
    const uint8_t *bytes;
    const uint32_t *points;
    uint8_t *wide;  /* room for 4 * size bytes */
    uint32_t *limbs; /* room for size / 4 + 2 */
    uint32_t size;
    uint32_t count; /* of points */
} rf_clear;

typedef enum rf_unit {
    RF_UNIT_NONE,
    RF_UNIT_POINT,
    RF_UNIT_BYTE,
    RF_UNIT_DIGITS /* a byte, as a decimal number that nothing ends: eight below 10 are eight digits, and no 64 bits */
} rf_unit;
typedef void (*rf_encoder)(rf_out *out, const rf_clear *secret);

typedef struct rf_encoding {
    const char *name;
    uint8_t shapes; /* bit 1 << rf_shape: the sources that it applies to */
    uint8_t
        plain; /* 1: a plain form; 2: a rare one, which is left out where a source is `common`; 3: a rare one of any bytes */
    uint8_t unit; /* rf_unit: what the encoder takes one after the other */
    rf_encoder encode;
} rf_encoding;

extern const rf_encoding rf_encodings[];

void rf_utf16_le(rf_out *out, const rf_clear *secret);

/* match_numbers.c */
void rf_big_endian(rf_out *, const rf_clear *), rf_limbs(rf_out *, const rf_clear *), rf_digits_30(rf_out *, const rf_clear *);
void rf_digits_26(rf_out *, const rf_clear *), rf_digits_28(rf_out *, const rf_clear *),
    rf_words_down(rf_out *, const rf_clear *);
void rf_hex_number_lower(rf_out *, const rf_clear *), rf_hex_number_upper(rf_out *, const rf_clear *);
void rf_decimal(rf_out *, const rf_clear *);
/* `digits` of the base fit into 32 bits. */
void rf_in_base(rf_out *, const rf_clear *, uint32_t base, int digits, const char *alphabet);

/* match_radix.c: the number is that of the unknown bytes before the secret. */
#define RF_ENCODERS(name) \
    void name##_0(rf_out *, const rf_clear *), name##_1(rf_out *, const rf_clear *), name##_2(rf_out *, const rf_clear *)
RF_ENCODERS(rf_base64);
RF_ENCODERS(rf_base64url);
RF_ENCODERS(rf_base64_wide);
RF_ENCODERS(rf_base64url_wide);
RF_ENCODERS(rf_base64_twice_0);
RF_ENCODERS(rf_base64_twice_1);
RF_ENCODERS(rf_base64_twice_2);
RF_ENCODERS(rf_base32);
void rf_base32_3(rf_out *, const rf_clear *), rf_base32_4(rf_out *, const rf_clear *);
RF_ENCODERS(rf_base32_lower);
void rf_base32_lower_3(rf_out *, const rf_clear *), rf_base32_lower_4(rf_out *, const rf_clear *);
RF_ENCODERS(rf_base32_hex);
void rf_base32_hex_3(rf_out *, const rf_clear *), rf_base32_hex_4(rf_out *, const rf_clear *);
RF_ENCODERS(rf_base32_hex_lower);
void rf_base32_hex_lower_3(rf_out *, const rf_clear *), rf_base32_hex_lower_4(rf_out *, const rf_clear *);
RF_ENCODERS(rf_uu);
RF_ENCODERS(rf_uu_grave);

/* match_rare.c */
RF_ENCODERS(rf_base85);
RF_ENCODERS(rf_ascii85);
RF_ENCODERS(rf_z85);
void rf_base85_3(rf_out *, const rf_clear *), rf_ascii85_3(rf_out *, const rf_clear *), rf_z85_3(rf_out *, const rf_clear *);
void rf_base45_0(rf_out *, const rf_clear *), rf_base45_1(rf_out *, const rf_clear *);
void rf_base58(rf_out *, const rf_clear *), rf_ebcdic(rf_out *, const rf_clear *);
#undef RF_ENCODERS

/* match_hpack.c: the number is that of the bits before the secret in its first byte. */
void rf_hpack_0(rf_out *, const rf_clear *), rf_hpack_1(rf_out *, const rf_clear *),
    rf_hpack_2(rf_out *, const rf_clear *);
void rf_hpack_3(rf_out *, const rf_clear *), rf_hpack_4(rf_out *, const rf_clear *),
    rf_hpack_5(rf_out *, const rf_clear *);
void rf_hpack_6(rf_out *, const rf_clear *), rf_hpack_7(rf_out *, const rf_clear *);

/* match_punycode.c */
void rf_punycode(rf_out *, const rf_clear *), rf_punycode_lower(rf_out *, const rf_clear *);

#endif
