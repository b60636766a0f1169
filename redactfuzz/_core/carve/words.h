/* Words of base64 that begin with deflated data, which have no mark: raw deflate, as SAML and PowerShell write it. */
#ifndef RF_WORDS_H
#define RF_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Where the first such word begins, from `at` to before `stop`, or `stop`. What is no beginning is left out as in deflate.h. */
size_t rf_deflated_word(const uint8_t *data, size_t size, size_t at, size_t stop);

#endif
