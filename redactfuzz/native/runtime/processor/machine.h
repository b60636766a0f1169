/* What depends on the processor, beside the switches of switch_*.S. There is one file for each that is known,
 * machine_x86_64.c and machine_aarch64.c, and machine_portable.c for every other, which needs nothing but <ucontext.h> and can
 * do less; -DRFN_PORTABLE chooses it anywhere. Files for another processor compile to nothing.
 *
 * Registers of a fiber are those of its rfn_context: what it keeps across the call in which it stands.
 */
#ifndef RFN_MACHINE_H
#define RFN_MACHINE_H

#include <signal.h>
#include <stddef.h>
#include <ucontext.h>

#include "state/fibers.h"

#if defined(RFN_PORTABLE) || !(defined(__x86_64__) || defined(__aarch64__))
#define RFN_MACHINE_PORTABLE
#elif defined(__x86_64__)
#define RFN_MACHINE_X86_64
#else
#define RFN_MACHINE_AARCH64
#endif

enum {
#if defined(RFN_MACHINE_X86_64)
    RFN_RED_ZONE = 128,         /* bytes below where a fiber stands that are in use */
#elif defined(RFN_MACHINE_AARCH64)
    RFN_RED_ZONE = 0,
#else
    RFN_RED_ZONE = 1024,        /* frames of ours and of the library's switch, and a red zone of any ABI */
#endif
#if defined(__aarch64__)
    RFN_LEAST_ALTERNATE = 5120, /* MINSIGSTKSZ: a smaller alternate stack is refused by the kernel */
#else
    RFN_LEAST_ALTERNATE = 2048,
#endif
    RFN_KEPT_ASIDE = 6,         /* registers that functions keep, in the order of rfn_context.kept, right below rfn_fiber.own */
    RFN_XSAVE = 2816,           /* bytes of an xsave area with AVX-512 at most: 2688 with the room of MPX, 2432 without */
    RFN_NOPS = 16,              /* with which a function of the instrumented build begins (build.py) */
};

/* What the kernel puts on the stack of a thread that is struck. */
typedef struct rfn_frame {
    siginfo_t info;
    ucontext_t context;
    uint64_t forced; /* ours: bit 0: a fault, which strikes again when the handler comes back; 8..: the signal */
#if defined(RFN_MACHINE_X86_64)
    uint8_t vectors[RFN_XSAVE] __attribute__((aligned(64))); /* the xsave area, last: it is as long as the processor has it */
#elif defined(RFN_MACHINE_PORTABLE)
    uint64_t sp;     /* ours: where the thread stood */
#endif
} rfn_frame;

extern size_t rfn_frame_size;        /* of this processor, at most sizeof(rfn_frame) */
extern uint8_t rfn_can_keep_vectors; /* this processor's vector registers fit into rfn_context */

/* Before any other. */
void rfn_machine_init(void);
/* In each execution: notes (rfn_problem) what cannot be done on this processor. */
void rfn_machine_limits(void);

/* A new fiber, whose stack ends at fiber->low: its first turn calls rfn_on_begin (upcalls.h). */
void rfn_fiber_starts(rfn_fiber *fiber);

/* -- signals that are made here. The frame lies at its place, which is marked as written, and is all zeros */

/* Its registers, and where it stands, as the kernel writes them. */
void rfn_frame_save(rfn_frame *into, const rfn_fiber *fiber);
/* The handler has come back: the fiber goes on with what the frame holds now. */
void rfn_frame_load(const rfn_frame *from, rfn_fiber *fiber);
/* The fiber's next turn begins the handler, with its stack below the frame. It ends in rfn_on_handler_returned. */
void rfn_frame_enter(rfn_frame *frame, rfn_fiber *fiber, uintptr_t handler, int number);

/* It has jumped out of its handlers, but for `depth` of them. */
void rfn_handlers_left(rfn_fiber *fiber, uint8_t depth);

/* -- real signals */

/* The fiber's next turn raises the signal, with its registers and stack as they are; they are kept in struck_at. When a
 * handler has come back it ends in rfn_on_raise_returned. */
void rfn_raises_next(rfn_fiber *fiber, int number);
/* Where a real signal struck; 0: unknown on this machine. */
uintptr_t rfn_struck_at(const ucontext_t *at);
/* What was there; all 0: unknown on this machine. */
typedef struct rfn_struck {
    uintptr_t sp, frame; /* stack and frame pointer */
    uintptr_t link;      /* where the return address of a function without a frame lies */
} rfn_struck;
rfn_struck rfn_struck_with(const ucontext_t *at);
/* When the handler of a real fault returns, the fiber is left for good: the driver goes on. */
void rfn_abandon(ucontext_t *at);

/* -- code of the program that is changed */

/* What begins with RFN_NOPS nops at `entry` counts its calls in rfn.redactions; bypassed it returns 0 at once. */
void rfn_patch_redactor(uint8_t *entry, int bypass);
/* Writes over the program's code. Ends the driver where that is refused. */
void rfn_write_code(void *at, const void *bytes, size_t size);

/* The breakpoint (there is one): SIGTRAP comes when a thread is about to run the instruction at `place`. 0: it is set;
 * -1: there are none on this machine. */
int rfn_trap_set(uint8_t *place);
/* In the handler of SIGTRAP. 1: a thread has come to the place, and stands before it; 0: it was let pass, and has passed. */
int rfn_trap_met(ucontext_t *at);
/* It may pass once. */
void rfn_trap_pass(ucontext_t *at);
/* Nobody is trapped any more. */
void rfn_trap_clear(void);

/* -- switch_*.S, or machine_portable.c */

/* Saves the current fiber, and calls `decide(argument)` on the runtime's stack. It returns the fiber that goes on: this
 * one, or another, which then returns from its own rfn_leave. */
void rfn_leave(rfn_fiber *(*decide)(void *), void *argument);
/* The driver becomes `fiber`. Returns when some `decide` has returned NULL. */
void rfn_enter(rfn_fiber *fiber);
/* Real deaths: starts a thread of the kernel's that has the fiber's registers and stack, and sleeps for ever. Returns its
 * number, negative when there is none: an error, or a processor whose registers are not known. */
long rfn_stand_in(const rfn_fiber *fiber);

#endif
