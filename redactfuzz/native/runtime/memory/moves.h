/* Where a secret moves: in an execution that is profiled, what is written is searched before and after. */
#ifndef RFN_MOVES_H
#define RFN_MOVES_H

#include <stddef.h>
#include <stdint.h>

/* 1: writes are reported to rfn_write_noted, because their writers are kept (rfn_tracing) or because secrets are looked for. */
extern uint8_t rfn_noting;

/* Before an execution: are secrets looked for in it? */
void rfn_moves_begin(int looked_for);
/* The program is about to write there, or a model is. */
void rfn_write_noted(uintptr_t address, size_t size);
/* At a point of an execution that is profiled: RF_SECRET where a secret has appeared, changed or vanished since the last. */
uint8_t rfn_secret_moved(void);

#endif
