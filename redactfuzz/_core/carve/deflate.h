/* Whether bytes can begin deflated data at all: what a trial would find out, at a hundredth of what it costs. */
#ifndef RF_DEFLATE_H
#define RF_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/* Whether the first block of RFC 1951 that begins at `at` may be one, as far as its header and its first symbols say. */
int rf_deflates(const uint8_t *at, size_t left);

/* The same of one that is packed with a dictionary which nobody has: by its table of codes, or because its literals are text. */
int rf_deflates_with_dictionary(const uint8_t *at, size_t left);

#endif
