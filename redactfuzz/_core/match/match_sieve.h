/* The sieve: which words of data can be a window at all.
 *
 * A form consists of few different bytes: letters, digits, some punctuation, zeros. Of core-like memory one word in
 * thirty has no others, and the sieve finds those at the speed at which memory is read. Only they are looked up in the
 * index, so that its size, and with it the number of canaries, hardly matters.
 */
#ifndef RF_MATCH_SIEVE_H
#define RF_MATCH_SIEVE_H

#include <stdint.h>

/* A set of bytes. Byte b is in it when rows[b >> 7][b & 15] has bit b >> 4 & 7: as the instruction PSHUFB looks up. */
typedef struct rf_sieve {
    uint8_t rows[2][16];
} rf_sieve;

enum { RF_SIEVED = 512 }; /* bytes that are sieved at once: 64 words */

void rf_sieve_add(rf_sieve *sieve, const uint8_t *bytes, uint32_t size);
/* Whether to sieve: the processor can (x86-64 with AVX2: Intel since 2013, AMD since 2015), and many bytes are not in the
 * set, as they are in that of dozens of binary keys. */
int rf_sieve_helps(const rf_sieve *sieve);
/* Of the 64 words of 8 bytes at `at`, which need not be aligned, those that are not zero and have only bytes of the set:
 * word i is bit i of `passed`. Returns how many. Only where rf_sieve_helps(). */
uint32_t rf_sieve_words(const rf_sieve *sieve, const uint8_t *at, uint64_t *passed);

#endif
