/* malloc and its relatives, by their names in C and in C++ (operator new and delete). */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

#include "choices/event.h"
#include "memory/memory.h"
#include "models/memory/heap.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "state/objects.h"

enum { ANY = 1 /* an alignment that each block has */ };

static int is_power_of_two(size_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

void *model_malloc(size_t size)
{
    return rfn_malloc(size, ANY, SITE());
}

void model_free(void *memory)
{
    rfn_free(memory, SITE());
}

void *model_reallocarray(void *memory, size_t count, size_t each)
{
    size_t size;
    if (__builtin_mul_overflow(count, each, &size)) {
        errno = ENOMEM;
        return NULL;
    }
    rfn_at(RF_RMW, RFN_OBJECT_HEAP, SITE());
    return rfn_reallocate(memory, size, SITE());
}

/* -- aligned */

void *model_aligned_alloc(size_t alignment, size_t size)
{
    if (!is_power_of_two(alignment)) {
        errno = EINVAL;
        return NULL;
    }
    return rfn_malloc(size, alignment, SITE());
}

void *model_memalign(size_t alignment, size_t size)
{
    size_t next = 16;
    while (next < alignment && next <= PTRDIFF_MAX) {
        next *= 2; /* glibc rounds up */
    }
    return rfn_malloc(size, next, SITE());
}

int model_posix_memalign(void **out, size_t alignment, size_t size)
{
    int before = errno;
    void *memory;
    if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0) {
        return EINVAL;
    }
    memory = rfn_malloc(size, alignment, SITE());
    if (memory == NULL) {
        errno = before;
        return ENOMEM;
    }
    rfn_wrote(out, sizeof *out);
    *out = memory;
    return 0;
}

void *model_valloc(size_t size)
{
    return rfn_malloc(size, RFN_PAGE, SITE());
}

void *model_pvalloc(size_t size)
{
    return rfn_malloc((size + RFN_PAGE - 1) & ~(size_t)(RFN_PAGE - 1), RFN_PAGE, SITE());
}

/* -- operator new and delete; their array forms are variants (libc/memory.toml). An exception cannot be thrown from here: nobody catches std::bad_alloc, so the program aborts. */

static void *must(void *memory)
{
    if (memory == NULL) {
        rfn_killed(SIGABRT);
    }
    return memory;
}

void *model__Znwm(size_t size)
{
    return must(rfn_malloc(size, ANY, SITE()));
}

void *model__ZnwmRKSt9nothrow_t(size_t size, const void *nothrow)
{
    (void)nothrow;
    return rfn_malloc(size, ANY, SITE());
}

void *model__ZnwmSt11align_val_t(size_t size, size_t alignment)
{
    return must(rfn_malloc(size, alignment, SITE()));
}

void *model__ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, size_t alignment, const void *nothrow)
{
    (void)nothrow;
    return rfn_malloc(size, alignment, SITE());
}

/* The forms that take a size or an alignment as well are this one under other names. */
void model__ZdlPv(void *memory)
{
    rfn_free(memory, SITE());
}

/* -- operator delete by its own names: the C++ library, whose calls are not redirected, may have been given a string that the
 * program made. What it makes itself lies on a heap of its own. */

static void library_deletes(void *memory, uintptr_t site)
{
    if (rfn_is_program(memory)) {
        rfn_free(memory, site);
    } else {
        free(memory);
    }
}

/* NAME and its array form differ in name alone. */
#define BOTH(name, array, parameters, unused)                                                                       \
    void name parameters { unused; library_deletes(memory, SITE()); }                                               \
    void array parameters { unused; library_deletes(memory, SITE()); }

BOTH(_ZdlPv, _ZdaPv, (void *memory), )
BOTH(_ZdlPvm, _ZdaPvm, (void *memory, size_t size), (void)size)
BOTH(_ZdlPvSt11align_val_t, _ZdaPvSt11align_val_t, (void *memory, size_t alignment), (void)alignment)
BOTH(_ZdlPvmSt11align_val_t, _ZdaPvmSt11align_val_t, (void *memory, size_t size, size_t alignment), (void)size; (void)alignment)
