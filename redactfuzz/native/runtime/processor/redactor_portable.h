/* Redactors where their code cannot be made to count: each function of the instrumented build reports when it begins. */
#ifndef RFN_REDACTOR_PORTABLE_H
#define RFN_REDACTOR_PORTABLE_H

#include <stdint.h>

/* A function has begun; `pc` lies in it. */
void rfn_redactor_entered(uintptr_t pc);

#endif
