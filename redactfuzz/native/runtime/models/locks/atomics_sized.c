/* Atomics of any size, of which the compiler makes a call of libatomic: those of structs, and of 16 bytes where it knows no
 * instruction. One step each, sequentially consistent, as in atomics.c. */
#include <stddef.h>

#include "memory/copy.h"
#include "memory/memory.h"
#include "schedule/point.h"

static int same(const unsigned char *one, const unsigned char *other, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (one[i] != other[i]) {
            return 0;
        }
    }
    return 1;
}

static void put(void *to, const void *from, size_t size)
{
    rfn_wrote(to, size);
    rfn_copy(to, from, size);
}

void model___atomic_load(size_t size, const void *at, void *into, int order);
void model___atomic_load(size_t size, const void *at, void *into, int order)
{
    (void)order;
    rfn_at_atomic(RF_READ, at, size, SITE(), 0);
    put(into, at, size);
}

void model___atomic_store(size_t size, void *at, const void *value, int order);
void model___atomic_store(size_t size, void *at, const void *value, int order)
{
    (void)order;
    rfn_at_atomic(RF_WRITE, at, size, SITE(), 1);
    put(at, value, size);
}

void model___atomic_exchange(size_t size, void *at, const void *value, void *before, int order);
void model___atomic_exchange(size_t size, void *at, const void *value, void *before, int order)
{
    (void)order;
    rfn_at_atomic(RF_RMW, at, size, SITE(), !same(at, value, size));
    put(before, at, size);
    if (!same(at, value, size)) {
        put(at, value, size);
    }
}

_Bool model___atomic_compare_exchange(size_t size, void *at, void *expected, const void *value, int order, int failed);
_Bool model___atomic_compare_exchange(size_t size, void *at, void *expected, const void *value, int order, int failed)
{
    (void)order;
    (void)failed;
    int expects = same(at, expected, size);
    rfn_at_atomic(expects ? RF_RMW : RF_READ, at, size, SITE(), expects && !same(at, value, size));
    if (same(at, expected, size)) {
        put(at, value, size);
        return 1;
    }
    put(expected, at, size);
    return 0;
}

_Bool model___atomic_is_lock_free(size_t size, const void *at);
_Bool model___atomic_is_lock_free(size_t size, const void *at)
{
    (void)at;
    return size == 1 || size == 2 || size == 4 || size == 8;
}

/* Exceptions of floating point that the compiler raises behind an atomic sum of fractions: nobody can ask for them here. */
void model___atomic_feraiseexcept(int exceptions);
void model___atomic_feraiseexcept(int exceptions)
{
    (void)exceptions;
}
