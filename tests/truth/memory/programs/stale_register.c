/* A thread works with a secret in a register, across calls. It may be struck there; the next execution begins without it. */
#include <pthread.h>
#include <redactfuzz.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>

static volatile uint64_t sink;

REDACTFUZZ_REDACTOR static void redact(void) { sink = 0; }

__attribute__((noinline)) static void use(void)
{
    uint64_t value = *(const uint64_t *)redactfuzz_canary("key", sizeof value);
    sched_yield();
    sched_yield();
    sink = value & 1;
}

static void *worker(void *unused)
{
    redactfuzz_allow("key");
    use();
#if CLEARS
    redact();
#endif
#if !CLEARS
    memcpy((void *)&sink, redactfuzz_canary("key", sizeof sink), sizeof sink);
#endif
    redactfuzz_forbid("key");
    return unused;
}

int main(void)
{
    pthread_t one, two;
    pthread_create(&one, NULL, worker, NULL);
    pthread_join(one, NULL);
    pthread_create(&two, NULL, worker, NULL);
    pthread_join(two, NULL);
    return 0;
}
