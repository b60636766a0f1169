/* What instrumented code calls for C11 and C++11 atomics. Everything is sequentially consistent, whatever order the
 * program asks for; the certificate says so.
 */
#include <stdint.h>

#include "memory/memory.h"
#include "memory/touched.h"
#include "schedule/point.h"

#define ATOMICS(bits, type)                                                                                            \
    type model___tsan_atomic##bits##_load(const volatile type *at, int order)                                                \
    {                                                                                                                  \
        (void)order;                                                                                                   \
        rfn_at_atomic(RF_READ, (const void *)(uintptr_t)at, SITE(), 0);                                                \
        return *at;                                                                                                    \
    }                                                                                                                  \
    void model___tsan_atomic##bits##_store(volatile type *at, type value, int order)                                         \
    {                                                                                                                  \
        (void)order;                                                                                                   \
        rfn_at_atomic(RF_WRITE, (const void *)(uintptr_t)at, SITE(), 1);                                               \
        rfn_wrote((const void *)(uintptr_t)at, sizeof *at);                                                            \
        *at = value;                                                                                                   \
    }                                                                                                                  \
    CHANGE(bits, type, exchange, value)                                                                                \
    CHANGE(bits, type, fetch_add, (type)(before + value))                                                              \
    CHANGE(bits, type, fetch_sub, (type)(before - value))                                                              \
    CHANGE(bits, type, fetch_and, (type)(before & value))                                                              \
    CHANGE(bits, type, fetch_or, (type)(before | value))                                                               \
    CHANGE(bits, type, fetch_xor, (type)(before ^ value))                                                              \
    CHANGE(bits, type, fetch_nand, (type)~(before & value))                                                            \
    int model___tsan_atomic##bits##_compare_exchange_strong(volatile type *at, type *expected, type value, int order,        \
                                                      int failed)                                                      \
    {                                                                                                                  \
        type before = *at;                                                                                             \
        (void)order;                                                                                                   \
        (void)failed;                                                                                                  \
        rfn_at_atomic(before == *expected ? RF_RMW : RF_READ, (const void *)(uintptr_t)at, SITE(),                     \
                      before == *expected && before != value);                                                         \
        before = *at;                                                                                                  \
        rfn_touched(RF_READ, expected, sizeof *expected);                                                              \
        if (before == *expected) {                                                                                     \
            rfn_wrote((const void *)(uintptr_t)at, sizeof *at);                                                        \
            *at = value;                                                                                               \
            return 1;                                                                                                  \
        }                                                                                                              \
        rfn_wrote(expected, sizeof *expected);                                                                         \
        *expected = before;                                                                                            \
        return 0;                                                                                                      \
    }                                                                                                                  \
    int model___tsan_atomic##bits##_compare_exchange_weak(volatile type *at, type *expected, type value, int order,          \
                                                    int failed)                                                        \
    {                                                                                                                  \
        return model___tsan_atomic##bits##_compare_exchange_strong(at, expected, value, order, failed);                      \
    }                                                                                                                  \
    type model___tsan_atomic##bits##_compare_exchange_val(volatile type *at, type expected, type value, int order,           \
                                                    int failed)                                                        \
    {                                                                                                                  \
        model___tsan_atomic##bits##_compare_exchange_strong(at, &expected, value, order, failed);                            \
        return expected;                                                                                               \
    }

#define CHANGE(bits, type, name, result)                                                                               \
    type model___tsan_atomic##bits##_##name(volatile type *at, type value, int order)                                        \
    {                                                                                                                  \
        type before = *at;                                                                                             \
        (void)order;                                                                                                   \
        rfn_at_atomic(RF_RMW, (const void *)(uintptr_t)at, SITE(), (result) != before);                                \
        before = *at;                                                                                                  \
        if ((result) != before) {                                                                                      \
            rfn_wrote((const void *)(uintptr_t)at, sizeof *at);                                                        \
            *at = result;                                                                                              \
        }                                                                                                              \
        return before;                                                                                                 \
    }

ATOMICS(8, uint8_t)
ATOMICS(16, uint16_t)
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)
__extension__ typedef unsigned __int128 wide;
ATOMICS(128, wide)

void model___tsan_atomic_thread_fence(int order)
{
    (void)order; /* every access is sequentially consistent already */
}

void model___tsan_atomic_signal_fence(int order)
{
    (void)order;
}
