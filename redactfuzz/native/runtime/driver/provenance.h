/* The past of a leaked byte, as members of a JSON object: each is written with a comma before it. */
#ifndef RFN_PROVENANCE_H
#define RFN_PROVENANCE_H

#include <stdint.h>

#include "base/output.h"
#include "models/memory/heap.h"
#include "state/found.h"

void rfn_report_block(rfn_output *out, const rfn_block *block);
/* Where something of the program's lies: static memory by its offset, the heap by its block. */
void rfn_report_place(rfn_output *out, uintptr_t address);
/* Who wrote it, mapped it, was struck there, and what leads to it; as far as rfn_tracing has noted it. */
void rfn_report_history(rfn_output *out, const rfn_sighting *s);
/* Nobody wrote it to memory: it lies in a register, or in the frame that a signal put on a stack. */
int rfn_is_residue(const rfn_sighting *s);

#endif
