#include "fiber.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

#include "aside.h"
#include "hidden.h"
#include "load.h"
#include "machine.h"
#include "memory.h"
#include "parts.h"
#include "point.h"
#include "sync.h"

enum { RUNTIME_STACK = 1 << 20 };

_Static_assert(offsetof(rfn_fiber, low) == 144 + sizeof((rfn_context){0}.vectors), "switch_*.S know this offset");
_Static_assert(offsetof(rfn_fiber, own) == offsetof(rfn_fiber, low) + 24, "aside_x86_64.S knows this offset");
_Static_assert(offsetof(rfn_fiber, outside) == offsetof(rfn_fiber, low) + 32, "aside_x86_64.S knows this offset");
_Static_assert(offsetof(rfn_context, vectors) == 128, "switch_*.S know this offset");

static uint8_t guarded[RFN_THREADS];

rfn_fiber *rfn_current;
rfn_fiber *rfn_fibers;
uint32_t rfn_fiber_count;
uint8_t rfn_keep_vectors;
volatile uint32_t rfn_standing_in;
uint8_t *rfn_runtime_stack;
rfn_context rfn_driver_context;

int rfn_fibers_init(void)
{
    uint8_t *memory = mmap(NULL, RUNTIME_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return -1;
    }
    /* What chooses and scans handles secrets in registers and on its stack: not in a core. */
    madvise(memory, RUNTIME_STACK, MADV_DONTDUMP);
    rfn_runtime_stack = memory + RUNTIME_STACK - 64;
    /* Registers of the program are in them, and such as it has cleared since. */
    rfn_fibers = rfn_hidden(RFN_THREADS * sizeof *rfn_fibers);
    rfn_machine_init();
    return rfn_aside_init();
}

void rfn_fibers_reset(void)
{
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fibers[i].life = RFN_UNUSED;
    }
    rfn_fiber_count = RFN_FIRST_THREAD;
}

void rfn_frames_left(void)
{
#if defined(__SANITIZE_ADDRESS__)
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life != RFN_UNUSED) {
            __asan_unpoison_memory_region((void *)fiber->base, fiber->top - fiber->base);
            __asan_unpoison_memory_region(fiber->alternate.ss_sp, fiber->alternate.ss_size);
        }
    }
    __asan_unpoison_memory_region(rfn_runtime_stack + 64 - RUNTIME_STACK, RUNTIME_STACK);
    __asan_unpoison_memory_region((void *)RFN_ASIDE, RFN_THREADS * (size_t)RFN_ASIDE_SIZE);
#endif
}

/* The stacks lie side by side, each begins with a page that nobody may touch. */
static void give_stack(rfn_fiber *fiber)
{
    uint32_t number = fiber->number;
    if (number == RFN_MAIN) {
        fiber->base = RFN_STACKS;
        fiber->top = RFN_STACKS + RFN_MAIN_STACK_SIZE;
    } else {
        fiber->base = RFN_STACKS + RFN_MAIN_STACK_SIZE + number * RFN_STACK_SIZE;
        fiber->top = fiber->base + RFN_STACK_SIZE;
    }
    if (!guarded[number]) {
        mprotect((void *)fiber->base, RFN_PAGE, PROT_NONE);
        guarded[number] = 1;
    }
}

rfn_fiber *rfn_fiber_new(void *(*start)(void *), void *argument)
{
    rfn_fiber *fiber;
    uint32_t number = start == NULL ? RFN_MAIN : rfn_fiber_count;
    if (number >= RFN_THREADS) {
        return NULL;
    }
    if (number == rfn_fiber_count) {
        rfn_fiber_count++;
    }
    fiber = &rfn_fibers[number];
    if (fiber->keyed) {
        memset(fiber->keys, 0, sizeof fiber->keys);
    }
    memset(&fiber->number, 0, offsetof(rfn_fiber, spin) - offsetof(rfn_fiber, number));
    if (rfn_keep_vectors) {
        memset(fiber->at.vectors, 0, sizeof fiber->at.vectors);
    }
    fiber->number = (uint16_t)number;
    fiber->life = RFN_ALIVE;
    fiber->start = start;
    fiber->argument = argument;
    fiber->site = start == NULL ? 0 : rfn_site((uintptr_t)start);
    if (rfn_current != NULL) {
        fiber->blocked = rfn_current->blocked; /* POSIX: the mask is inherited */
    }
    give_stack(fiber);
    fiber->shared_from = fiber->top;
    fiber->low = fiber->top;
    fiber->own = RFN_ASIDE + (number + UINT64_C(1)) * RFN_ASIDE_SIZE;
    fiber->tls = rfn_tls_for(fiber); /* lays it at the top, and moves `low` below it */
    fiber->low = (fiber->low - 64) & ~(uintptr_t)63;
    rfn_fiber_starts(fiber);
    return fiber;
}

static void finish(void *unused)
{
    (void)unused;
    rfn_finish();
}

/* The first thing that a thread does, on its own stack. */
_Noreturn void rfn_begin(void)
{
    rfn_fiber *fiber = rfn_current;
    errno = 0;
    if (fiber->start == NULL) {
        rfn_run_main();
    }
    fiber->result = fiber->start(fiber->argument);
    rfn_aside(finish, NULL); /* what its frames left below stays */
    __builtin_unreachable();
}
