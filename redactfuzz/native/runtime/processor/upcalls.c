#include "processor/upcalls.h"

void (*rfn_on_begin)(void);
rfn_fiber *(*rfn_on_access)(uintptr_t address, uint32_t code, uintptr_t pc);
rfn_fiber *(*rfn_on_handler_returned)(void *context);
rfn_fiber *(*rfn_on_raise_returned)(void *unused);
