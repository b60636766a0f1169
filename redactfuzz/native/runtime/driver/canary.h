/* The secrets of an execution: what redactfuzz_canary gives, and the matcher that finds them again. */
#ifndef RFN_CANARY_H
#define RFN_CANARY_H

#include <stddef.h>
#include <stdint.h>

#include "state/matcher.h"
#include "state/run.h"

int rfn_canaries_init(void);
/* Which canary a source of the matcher belongs to. */
uint32_t rfn_canary_of(uint32_t source);
/* Text for an argument or an environment variable, in memory that no core holds: prefix and the canary's bytes. */
void rfn_canary_texts_reset(void);
char *rfn_canary_text(const char *prefix, uint32_t index);

#endif
