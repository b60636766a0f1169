#include "schedule/fiber.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

#include "base/hidden.h"
#include "base/parts.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "processor/aside.h"
#include "processor/machine.h"
#include "processor/upcalls.h"
#include "schedule/above.h"
#include "schedule/parking.h"
#include "schedule/point.h"
#include "state/control.h"
#include "state/fibers.h"
#include "state/program.h"
#include "state/run.h"

enum { RUNTIME_STACK = 1 << 20 };

_Static_assert(offsetof(rfn_fiber, low) == 144 + RFN_VECTORS_SIZE, "switch_*.S know this offset");
_Static_assert(offsetof(rfn_fiber, base) == offsetof(rfn_fiber, low) - 8, "switch_*.S know this offset");
_Static_assert(offsetof(rfn_fiber, own) == offsetof(rfn_fiber, low) + 24, "aside_x86_64.h knows this offset");
_Static_assert(offsetof(rfn_fiber, outside) == offsetof(rfn_fiber, low) + 32, "aside_x86_64.h knows this offset");
_Static_assert(offsetof(rfn_context, vectors) == 128, "switch_*.S know this offset");

static uint8_t guarded[RFN_THREADS];
static int rights = PROT_READ | PROT_WRITE; /* on stacks */
static RFN_STATE uint32_t rooms_end = RFN_THREADS; /* from here on they belong to stacks that are larger than one */

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
    rfn_object_mapped(rfn_fibers, RFN_THREADS * sizeof *rfn_fibers);
    rfn_machine_init();
    return rfn_aside_init();
}

static void reset(void)
{
    rfn_nobody_parked(); /* it looks at what they wait for */
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fibers[i].life = RFN_UNUSED;
    }
    rfn_fiber_count = RFN_FIRST_THREAD;
    rfn_turns = 0;
    rooms_end = RFN_THREADS;
}

rfn_fiber *rfn_turns_to(rfn_fiber *fiber)
{
    if (fiber == NULL || fiber == rfn_current) {
        return fiber;
    }
    if (rfn_current != NULL) {
        rfn_current->saved_errno = errno;
        rfn_parts_switched(rfn_current, fiber);
    }
    errno = fiber->saved_errno;
    fiber->accesses = 0;
    fiber->ran = ++rfn_turns;
    rfn.control_block->counters.thread = fiber->number;
    return fiber;
}

void rfn_describe_fibers(void)
{
    if (rfn_current != NULL) {
        rfn_current->saved_errno = errno;
    }
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        rfn_control *control = rfn_control_of(fiber);
        if (fiber->life == RFN_ALIVE) {
            control->blocked = fiber->blocked;
            control->pending = fiber->pending;
        }
        if (fiber->life == RFN_ALIVE || (fiber->life == RFN_ENDED && control->stack == NULL)) {
            control->error = fiber->saved_errno;
        }
    }
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

/* The room of stack `number` of the usual size. */
static uintptr_t room(uint32_t number)
{
    return RFN_STACKS + RFN_MAIN_STACK_SIZE + number * RFN_STACK_SIZE;
}

void rfn_stacks_run(void)
{
    rights |= PROT_EXEC;
    if (mprotect((void *)RFN_STACKS, room(RFN_THREADS) - RFN_STACKS, rights) != 0) {
        rfn_internal("this machine refuses to run code on stacks, which the program has");
    }
}

static void guard(uint32_t number, int guards)
{
    uintptr_t base = number == RFN_MAIN ? RFN_STACKS : room(number);
    if (guarded[number] != guards) {
        mprotect((void *)base, RFN_PAGE, guards ? PROT_NONE : rights);
        guarded[number] = (uint8_t)guards;
    }
}

/* The stacks lie side by side, each begins with a page that nobody may touch. Where a thread asks for a larger one, it gets the
 * room of several, from the end: their numbers are no thread's then. */
static void give_stack(rfn_fiber *fiber, uint32_t rooms)
{
    if (fiber->number == RFN_MAIN) {
        fiber->base = RFN_STACKS;
        fiber->top = RFN_STACKS + RFN_MAIN_STACK_SIZE;
        guard(RFN_MAIN, 1);
        return;
    }
    uint32_t first = fiber->number;
    if (rooms > 1) {
        first = rooms_end -= rooms;
        for (uint32_t i = 1; i < rooms; i++) {
            guard(first + i, 0);
        }
    }
    fiber->base = room(first);
    fiber->top = room(first + rooms);
    guard(first, 1);
}

static uint32_t room_of(uintptr_t address)
{
    return address < room(0) ? RFN_MAIN : (uint32_t)((address - room(0)) / RFN_STACK_SIZE);
}

int rfn_is_guard(uintptr_t page)
{
    if (page < RFN_STACKS || page >= room(RFN_THREADS)) {
        return 0;
    }
    uint32_t number = room_of(page);
    return guarded[number] && page == (number == RFN_MAIN ? RFN_STACKS : room(number));
}

rfn_fiber *rfn_fiber_at(uintptr_t address)
{
    uint32_t number = room_of(address);
    if (address < RFN_STACKS || address >= room(RFN_THREADS)) {
        return NULL;
    }
    if (number < rooms_end) {
        return number < rfn_fiber_count ? &rfn_fibers[number] : NULL;
    }
    for (uint32_t i = RFN_FIRST_THREAD; i < rfn_fiber_count; i++) {
        if (address >= rfn_fibers[i].base && address < rfn_fibers[i].top) {
            return &rfn_fibers[i];
        }
    }
    return NULL;
}

pthread_t rfn_handle_of(const rfn_fiber *fiber)
{
    return (pthread_t)(uintptr_t)rfn_control_of(fiber);
}

rfn_fiber *rfn_fiber_of(pthread_t handle)
{
    uintptr_t at = (uintptr_t)handle;
    rfn_fiber *fiber = rfn_fiber_at(at);
    if (fiber == NULL || fiber->life == RFN_UNUSED) {
        return NULL;
    }
    return rfn_handle_of(fiber) == handle ? fiber : NULL;
}

uintptr_t rfn_entry_of(const rfn_fiber *fiber)
{
    const rfn_control *control = rfn_control_of(fiber);
    return control->start != NULL ? (uintptr_t)control->start : (uintptr_t)fiber->start;
}

rfn_fiber *rfn_fiber_new(void *(*start)(void *), void *argument, size_t stack_size)
{
    rfn_fiber *fiber;
    uint32_t number = start == NULL ? RFN_MAIN : rfn_fiber_count;
    size_t rooms = stack_size == 0 ? 1 : (stack_size - 1) / RFN_STACK_SIZE + 1;
    if (number >= rooms_end || (rooms > 1 && rooms >= rooms_end - number)) {
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
    memset(fiber->at.kept, 0, sizeof fiber->at.kept); /* an earlier execution's, which a crash would find before it begins */
    if (rfn_keep_vectors) {
        memset(fiber->at.vectors, 0, RFN_VECTORS_SIZE);
    }
    fiber->number = (uint16_t)number;
    fiber->life = RFN_ALIVE;
    fiber->start = start;
    fiber->site = start == NULL ? 0 : rfn_site((uintptr_t)start);
    if (rfn_current != NULL) {
        fiber->blocked = rfn_current->blocked; /* POSIX: the mask is inherited */
    }
    give_stack(fiber, (uint32_t)rooms);
    fiber->shared_from = fiber->top;
    fiber->low = (uintptr_t)rfn_control_of(fiber);
    fiber->own = RFN_ASIDE + (number + UINT64_C(1)) * RFN_ASIDE_SIZE;
    rfn_control_of(fiber)->argument = argument;
    rfn_parts_thread_starts(fiber);
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
static void begin(void)
{
    rfn_fiber *fiber = rfn_current;
    rfn_control *control;
    errno = 0;
    if (fiber->start == NULL) {
        rfn_above.run_main();
    }
    control = rfn_control_of(fiber);
    control->result = fiber->start(control->argument);
    rfn_aside(finish, NULL); /* what its frames left below stays */
    __builtin_unreachable();
}

static void begins(void) { rfn_on_begin = begin; }

RFN_PART(RFN_ON_SCHEDULE, fiber, .begins = begins, .reset = reset);
