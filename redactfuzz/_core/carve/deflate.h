/* Whether bytes can begin deflated data at all: what a trial would find out, at a hundredth of what it costs. */
#ifndef RF_DEFLATE_H
#define RF_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/* Whether the first block of RFC 1951 that begins at `at` may be one, as far as its header and its first symbols say. */
int rf_deflates(const uint8_t *at, size_t left);

#endif
