/* Models run aside: on a stack of their own, beside the program's. What a dead frame left below the program's stack pointer is
 * still there when the crash strikes inside a model, as it is where libc has hardly touched the stack, and registers that
 * functions keep are the program's.
 *
 * driver/asides_x86_64.S lists the models that do: the driver has an `aside_F` beside its `model_F`, and the program is linked to
 * that (symbols.py). The others, which call printf and its like of libc, jump, or unwind, run on the program's stack, as all do on
 * other processors. A model returns into a section of its own then; SITE() (point.h) knows where in the program.
 */
#ifndef RFN_ASIDE_H
#define RFN_ASIDE_H

#include "memory/memory.h"
#include "processor/machine.h"
#include "state/fibers.h"

enum { RFN_ASIDE_SIZE = 64 << 10 /* of the stack of one thread */ };
/* At a fixed place, because objects are numbered by address: who waits may be parked at a record on such a stack. */
#define RFN_ASIDE (RFN_WINDOW + ((uintptr_t)48 << 30))

int rfn_aside_init(void);

#if defined(RFN_MACHINE_X86_64)
/* In the outermost function of the runtime: calls `what(argument)` aside. */
void rfn_aside(void (*what)(void *), void *argument);
/* From a model, wherever it runs: calls a function of the program's, on the program's stack. */
void rfn_call_program(void *function, void *first, void *second);
/* From a model that will not return: on the program's stack, as if the program had called `next` in its place. */
_Noreturn void rfn_back_outside(void (*next)(void));
#else
static inline void rfn_aside(void (*what)(void *), void *argument) { what(argument); }
static inline void rfn_call_program(void *function, void *first, void *second)
{
    ((void (*)(void *, void *))function)(first, second);
}
static inline _Noreturn void rfn_back_outside(void (*next)(void))
{
    next();
    __builtin_unreachable();
}
#endif

/* Where a fiber that left stands on its program's stack. */
static inline uintptr_t rfn_stack_pointer(const rfn_fiber *fiber)
{
    return fiber->outside != 0 ? fiber->outside : fiber->at.sp;
}

/* Registers that functions keep, as the program has them. */
static inline const uint64_t *rfn_kept_outside(const rfn_fiber *fiber)
{
    return fiber->outside != 0 ? (const uint64_t *)fiber->own - RFN_KEPT_ASIDE : fiber->at.kept;
}

/* A handler begins: the model that the fiber is in waits, and those that the handler calls run below it. */
void rfn_aside_paused(rfn_fiber *fiber, rfn_pause *pause);
/* The handler has come back: the fiber is in that model again, and has the registers that the handler left to it. */
void rfn_aside_resumed(rfn_fiber *fiber, const rfn_pause *pause);
/* It will not run again: what it stands for is the program's context. */
void rfn_aside_left(rfn_fiber *fiber);

#endif
