/* What instrumented code calls for C11 and C++11 atomics. Everything is sequentially consistent, whatever order the
 * program asks for; the certificate says so.
 */
#include <stdint.h>

#include "memory/memory.h"
#include "memory/touched.h"
#include "schedule/point.h"

/* What a compare-exchange expects is read before that, and written after it where it fails: where others look, these are steps of
 * their own. */
static int is_shared(const void *expected)
{
    return rfn_current != NULL && !rfn_is_private(rfn_current, (uintptr_t)expected);
}

#define ATOMICS(bits, type)                                                                                            \
    type model___tsan_atomic##bits##_load(const volatile type *at, int order)                                                \
    {                                                                                                                  \
        (void)order;                                                                                                   \
        rfn_at_atomic(RF_READ, (const void *)(uintptr_t)at, sizeof *at, SITE(), 0);                                    \
        return *at;                                                                                                    \
    }                                                                                                                  \
    void model___tsan_atomic##bits##_store(volatile type *at, type value, int order)                                         \
    {                                                                                                                  \
        (void)order;                                                                                                   \
        rfn_at_atomic(RF_WRITE, (const void *)(uintptr_t)at, sizeof *at, SITE(), 1);                                   \
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
    static int exchanged_##bits(volatile type *at, type *expected, type value, uintptr_t site)                         \
    {                                                                                                                  \
        type wanted = *expected, before = *at;                                                                         \
        rfn_at_atomic(before == wanted ? RF_RMW : RF_READ, (const void *)(uintptr_t)at, sizeof *at, site,              \
                      before == wanted && before != value);                                                            \
        before = *at;                                                                                                  \
        if (before == wanted) {                                                                                        \
            rfn_wrote((const void *)(uintptr_t)at, sizeof *at);                                                        \
            *at = value;                                                                                               \
        }                                                                                                              \
        *expected = before;                                                                                            \
        return before == wanted;                                                                                       \
    }                                                                                                                  \
    int model___tsan_atomic##bits##_compare_exchange_strong(volatile type *at, type *expected, type value, int order,  \
                                                      int failed)                                                      \
    {                                                                                                                  \
        uintptr_t site = SITE();                                                                                       \
        int shared = is_shared(expected), done;                                                                        \
        type wanted;                                                                                                   \
        (void)order;                                                                                                   \
        (void)failed;                                                                                                  \
        if (shared) {                                                                                                  \
            rfn_at_piece(expected, sizeof *expected, site);                                                            \
        }                                                                                                              \
        rfn_touched(RF_READ, expected, sizeof *expected);                                                              \
        wanted = *expected;                                                                                            \
        done = exchanged_##bits(at, &wanted, value, site);                                                             \
        if (!done) {                                                                                                   \
            if (shared) {                                                                                              \
                rfn_at_piece(expected, sizeof *expected, site);                                                        \
            }                                                                                                          \
            rfn_wrote(expected, sizeof *expected);                                                                     \
            *expected = wanted;                                                                                        \
        }                                                                                                              \
        return done;                                                                                                   \
    }                                                                                                                  \
    int model___tsan_atomic##bits##_compare_exchange_weak(volatile type *at, type *expected, type value, int order,          \
                                                    int failed)                                                        \
    {                                                                                                                  \
        return model___tsan_atomic##bits##_compare_exchange_strong(at, expected, value, order, failed);                      \
    }                                                                                                                  \
    type model___tsan_atomic##bits##_compare_exchange_val(volatile type *at, type expected, type value, int order,           \
                                                    int failed)                                                        \
    {                                                                                                                  \
        (void)order;                                                                                                   \
        (void)failed;                                                                                                  \
        exchanged_##bits(at, &expected, value, SITE());                                                                \
        return expected;                                                                                               \
    }

#define CHANGE(bits, type, name, result)                                                                               \
    type model___tsan_atomic##bits##_##name(volatile type *at, type value, int order)                                        \
    {                                                                                                                  \
        type before = *at;                                                                                             \
        (void)order;                                                                                                   \
        rfn_at_atomic(RF_RMW, (const void *)(uintptr_t)at, sizeof *at, SITE(), (result) != before);                    \
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
