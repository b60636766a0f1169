/* What instrumented code calls, where no assembly does it (switch_*.S). */
#include "processor/machine.h"

#if defined(RFN_MACHINE_PORTABLE)

#include "processor/redactor_portable.h"
#include "processor/site.h"
#include "processor/upcalls.h"

typedef struct access {
    uintptr_t address, pc;
    uint32_t code;
} access;

static rfn_fiber *decide(void *argument)
{
    const access *what = argument;
    return rfn_on_access(what->address, what->code, what->pc);
}

static void hook(const void *address, uint32_t kind, size_t size, uintptr_t pc)
{
    access what = {(uintptr_t)address, pc, kind << 16 | (uint32_t)(size < 0xffff ? size : 0xffff)};
    if (rfn_current != NULL) { /* NULL: a constructor, before there are threads */
        rfn_leave(decide, &what);
    }
}

#define HOOK(name, kind, size)                                                                                         \
    void name(const void *address);                                                                                    \
    void name(const void *address) { hook(address, kind, size, SITE()); }

#define HOOKS(size)                                                                                                    \
    HOOK(__tsan_read##size, RF_READ, size)                                                                             \
    HOOK(__tsan_write##size, RF_WRITE, size)                                                                           \
    HOOK(__tsan_unaligned_read##size, RF_READ, size)                                                                   \
    HOOK(__tsan_unaligned_write##size, RF_WRITE, size)                                                                 \
    HOOK(__tsan_volatile_read##size, RF_READ, size)                                                                    \
    HOOK(__tsan_volatile_write##size, RF_WRITE, size)                                                                  \
    HOOK(__tsan_unaligned_volatile_read##size, RF_READ, size)                                                          \
    HOOK(__tsan_unaligned_volatile_write##size, RF_WRITE, size)                                                        \
    HOOK(__tsan_read_write##size, RF_WRITE, size)                                                                      \
    HOOK(__tsan_unaligned_read_write##size, RF_WRITE, size)

HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)
HOOK(__tsan_vptr_read, RF_READ, 8)
HOOK(__tsan_vptr_update, RF_WRITE, 8)

void __tsan_read_range(const void *address, size_t size);
void __tsan_read_range(const void *address, size_t size) { hook(address, RF_READ, size, SITE()); }
void __tsan_write_range(const void *address, size_t size);
void __tsan_write_range(const void *address, size_t size) { hook(address, RF_WRITE, size, SITE()); }

void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller)
{
    uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
    (void)caller;
    rfn_redactor_entered(SITE());
    if (rfn_current != NULL) {
        rfn_fiber_reached(rfn_current, sp);
    }
}

void __tsan_func_exit(void);
void __tsan_func_exit(void) {}
void __tsan_init(void);
void __tsan_init(void) {}

#endif
