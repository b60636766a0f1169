/* A thread of the program: a fiber with a stack of its own. All of them run on one OS thread, one at a time.
 *
 * Code of the runtime that chooses, scans or reports runs on a stack of its own (rfn_leave): what the program left below
 * its stack pointer, in registers and in vector registers stays as it was, because a dump would hold it.
 */
#ifndef RFN_FIBERS_H
#define RFN_FIBERS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addresses.h"
#include "choices/event.h"
#include "state/awaited.h"
#include "state/numbers.h"

/* What a switch saves. The offsets are known to switch_*.S. */
typedef struct rfn_context {
    uint64_t sp;            /* x86-64: where the return address lies */
    uint64_t kept[12];      /* x86-64: rbx rbp r12 r13 r14 r15; aarch64: x19-x30; else see machine_portable.c */
    uint64_t reserved[3];
    /* Only when rfn_keep_vectors is set, but for the low halves of v8-v15, which functions keep */
#if defined(__aarch64__)
    uint8_t vectors[32][16]; /* v0-v31 */
#else
    uint8_t vectors[32][64]; /* x86-64: zmm0-31, or ymm0-15 with room behind each */
    uint64_t masks[8];       /* k0-7; they follow the vectors, and are kept with them */
#endif
} rfn_context;

enum { RFN_VECTORS_SIZE = sizeof(rfn_context) - offsetof(rfn_context, vectors) };

typedef enum rfn_life { RFN_UNUSED = 0, RFN_ALIVE, RFN_ENDED } rfn_life;

/* How a thread's turn came. */
typedef enum rfn_turn { RFN_GO = 0, RFN_EXPIRED } rfn_turn;

enum { RFN_NESTED = 4 /* signal handlers inside each other, on one thread */ };

/* What a thread waited for when a signal handler interrupted it. */
typedef struct rfn_pause {
    const rfn_condition *can;
    const void *object;
    rf_event event;
    uintptr_t uses;
    uint16_t uses_size;
    uint8_t parked; /* it had announced what it will do next */
    uint8_t turn;
    /* The model that it was in. */
    uintptr_t own, outside;
    uint64_t sp, kept[12];
} rfn_pause;

enum { RFN_SPIN_PLACES = 8 /* of a loop that waits */ };

typedef struct rfn_spin {
    uint64_t site;
    uint32_t object;
} rfn_spin;

enum { RFN_KEY_BLOCKS = 32, RFN_KEY_BLOCK = 32 /* values in one */ };

typedef struct rfn_key_value {
    uintptr_t sequence; /* of the key, when it was set */
    const void *data;
} rfn_key_value;

enum { RFN_WROTE = 8 /* writes of one model between two points */ };

typedef struct rfn_write {
    uintptr_t at;
    size_t size;
} rfn_write;

typedef struct rfn_fiber {
    rfn_context at;       /* first: the assembly reaches it from the pointer */
    uint16_t number;      /* in the exploration core */
    uint8_t life;         /* rfn_life */
    uint8_t turn;         /* rfn_turn */
    uint8_t refaults;     /* times that a fault struck again because its handler came back */
    uint8_t detached;
    uint8_t joined;
    uint8_t in_handler;   /* depth of signal handlers that run on it */
    /* its stack: [low, top) was used in this execution, [base, low) is zero */
    uintptr_t base, low, top;
    uintptr_t shared_from; /* its stack at and above this address may be shared with others, see published.h */
    /* the stack for models, see aside.h */
    uintptr_t own;        /* where the next model begins; while one runs, above its frame */
    uintptr_t outside;    /* while a model runs there: the program's stack pointer, where it goes on */
    void *(*start)(void *);
    void *tls;            /* its copy of the program's thread-local storage */
    uint64_t site;        /* where it stands: offset of the return address in the program */
    /* what it waits for, see point.h; all NULL and 0 while it runs */
    const rfn_condition *can;
    const void *object;
    struct rfn_fiber *next; /* of those that are parked at objects of the same bucket */
    rf_event event;
    uintptr_t touches_at; /* beside that, see touched.h */
    size_t touches_size;
    uintptr_t uses;       /* what it will do is an access of a hook's, there; 0: it is none */
    uint16_t uses_size;
    uint8_t touches;
    uint8_t parked;       /* it announced what it will do next: event, and can(object) where it waits for something */
    uint8_t enabled;      /* it is parked, and can go on */
    /* signals */
    uint64_t blocked;     /* bit n - 1: signal n */
    uint64_t pending;
    uint64_t awaited;     /* by sigwait */
    stack_t alternate;
    uint8_t alternate_used; /* a handler has run there */
    uint8_t cancel;       /* 1: pthread_cancel was called */
    uint8_t cancel_disabled;
    int saved_errno;
    void *cleanup;        /* innermost pthread_cleanup_push */
    char name[16];        /* that the kernel keeps: a core holds that of the process's leader */
    /* busy waiting, see point.c */
    uint32_t spins;       /* reads at the places of `spin` since it did anything else */
    uint8_t spin_used, spin_next;
    uint32_t accesses;    /* of its turn, while calls alone are points */
    uintptr_t spin_local; /* where it wrote last on the part of its stack that is its own */
    uintptr_t came_low, came_high; /* where models came to for it on stacks of others, likewise: between these; 0: nowhere */
    uint32_t wrote_count;  /* of `wrote`; beyond RFN_WROTE: there were more than there is room for */
    uint8_t keyed;         /* some of `keys` are set */
    /* signals for the process, see receiver.c */
    uint32_t ran;         /* the number of its last turn, of all turns of the execution */
    uint32_t called;      /* the number of turns when a handler was last made ready for it */
    const rfn_condition *asked; /* what it waits for, while it may have its turn all the same */
    /* what a new thread need not clear */
    rfn_write wrote[RFN_WROTE]; /* where others may look, since it was last asked whether that tells an address of a stack */
    rfn_spin spin[RFN_SPIN_PLACES]; /* the first `spin_used` */
    rfn_key_value *keys[RFN_KEY_BLOCKS]; /* pthread_setspecific. Cleared when `keyed` is set */
    rfn_pause paused[RFN_NESTED];
    rfn_context struck_at; /* real deaths: where it stood before it raised the signal */
} rfn_fiber;

extern rfn_fiber *rfn_current;       /* the fiber that runs; NULL: the driver */
extern rfn_fiber *rfn_fibers;        /* by number, RFN_THREADS of them */
extern uint32_t rfn_fiber_count;     /* numbers in use are below */
extern uint8_t rfn_keep_vectors;     /* a switch saves vector registers as well */
extern uint32_t rfn_turns;           /* of threads in this execution; rfn_turns_to counts them */
extern volatile uint32_t rfn_standing_in; /* threads of the kernel's that have the registers of theirs (rfn_stand_in) */

/* It stands at `sp`: how deep its stack goes. A handler may run on another one, and so may a context that the program made. */
static inline void rfn_fiber_reached(rfn_fiber *fiber, uintptr_t sp)
{
    if (sp < fiber->low && sp >= fiber->base) {
        fiber->low = sp;
    }
}

/* Is it on its own part of its stack, where nobody else looks? */
static inline int rfn_is_private(const rfn_fiber *fiber, uintptr_t at)
{
    return at - fiber->base < fiber->top - fiber->base && at < fiber->shared_from;
}

/* The current thread is about to write these bytes where others may look, or sends them. */
static inline void rfn_may_publish(rfn_fiber *fiber, uintptr_t at, size_t size)
{
    if (size < sizeof(void *)) {
        return;
    }
    if (fiber->wrote_count < RFN_WROTE) {
        fiber->wrote[fiber->wrote_count] = (rfn_write){at, size};
    }
    fiber->wrote_count += fiber->wrote_count <= RFN_WROTE;
}

/* A model reads or writes there for the current thread: whose stack that is, is asked when the thread comes by again. */
static inline void rfn_has_come_to(uintptr_t at)
{
    rfn_fiber *fiber = rfn_current;
    if (at < RFN_STACKS || fiber == NULL || at - fiber->base < fiber->top - fiber->base) {
        return;
    }
    fiber->came_high = fiber->came_high > at ? fiber->came_high : at;
    fiber->came_low = fiber->came_low != 0 && fiber->came_low < at ? fiber->came_low : at;
}

/* Where the program's threads stand when their turn comes: at `ret`, the current fiber has sp there. */
extern uint8_t *rfn_runtime_stack;    /* top of the stack of what chooses, scans and reports */
extern rfn_context rfn_driver_context;

#endif
