#define _GNU_SOURCE
#include "state/gate.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long futex(int32_t *word, int op, int32_t value, const struct timespec *timeout)
{
    return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, timeout, NULL, 0);
}

void rfh_gate_post(rfh_gate *gate)
{
    __atomic_store_n(&gate->open, 1, __ATOMIC_RELEASE);
    futex(&gate->open, FUTEX_WAKE, 1, NULL);
}

int rfh_gate_wait(rfh_gate *gate, uint64_t timeout_ns)
{
    struct timespec limit = {(time_t)(timeout_ns / 1000000000u), (long)(timeout_ns % 1000000000u)};
    for (;;) {
        int32_t expected = 1;
        if (__atomic_compare_exchange_n(&gate->open, &expected, 0, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return 1;
        if (futex(&gate->open, FUTEX_WAIT, 0, timeout_ns ? &limit : NULL) != 0 && timeout_ns != 0
            && (errno == ETIMEDOUT || errno == EINTR)) {
            expected = 1;
            return __atomic_compare_exchange_n(&gate->open, &expected, 0, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
        }
    }
}
