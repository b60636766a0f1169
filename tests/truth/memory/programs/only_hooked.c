/* A secret word passes through memory that is wiped. The build with hooks has it in a register across its calls of hooks,
 * which functions called meanwhile push; the plain build has not. WHERE: 0 a record that a function reads, 1 one that a
 * library call is handed, 2 one in a thread. KEEP: a copy of it is in use until the end, in every build. */
#include <pthread.h>
#include <redactfuzz.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct record {
    uint64_t key, number;
};

static volatile unsigned char key[32];
static volatile uint64_t wanted;

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < 32; i++) {
        key[i] = 0;
    }
}

static uint64_t word(void)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value |= (uint64_t)key[i] << 8 * i;
    }
    return value;
}

__attribute__((noinline)) static void take(const struct record *record)
{
    if (record->number != 1) {
        abort();
    }
}

static void *work(void *unused)
{
#if KEEP
    uint64_t copy = word();
#endif
#if WHERE == 1
    struct rlimit record = {word() >> 1, ~0ul};
    setrlimit(RLIMIT_CPU, &record);
#else
    struct record record = {word(), 1};
    take(&record);
#endif
    memset((void *)&record, 0, sizeof record);
    wipe();
    redactfuzz_forbid("key");
    usleep(1);
#if KEEP
    return (void *)(uintptr_t)(copy == wanted);
#else
    return unused;
#endif
}

int main(void)
{
    const volatile unsigned char *secret;
    redactfuzz_allow("key");
    secret = redactfuzz_canary("key", 32);
    for (int i = 0; i < 32; i++) {
        key[i] = secret[i];
    }
#if WHERE == 2
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
#else
    wanted = work(NULL) != NULL;
#endif
    return 0;
}
