/* What the switches call that lies above them, through pointers: set by whoever has it, when the driver begins (parts.h). */
#ifndef RFN_UPCALLS_H
#define RFN_UPCALLS_H

#include <stdint.h>

#include "state/fibers.h"

/* A fiber has its first turn, on its own stack. Does not return. */
extern void (*rfn_on_begin)(void);
/* Instrumented code is about to access memory; `code`: rf_kind << 16 | bytes. On the runtime's stack: gives who goes on. */
extern rfn_fiber *(*rfn_on_access)(uintptr_t address, uint32_t code, uintptr_t pc);
/* The handler that rfn_frame_enter began has come back, and the one of a signal that was really raised. As `decide` of rfn_leave. */
extern rfn_fiber *(*rfn_on_handler_returned)(void *context);
extern rfn_fiber *(*rfn_on_raise_returned)(void *unused);

#endif
