/* Keys lie in slots. A worker wipes its key when it is done; the crash handler wipes what is left, then the kernel dumps. */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>

enum { SLOTS = 2, KEY = 32 };

static unsigned char slots[SLOTS][KEY];
static atomic_uint signature;

/* Byte by byte: memcpy would leave the key in vector registers. */
static void load(volatile unsigned char *slot, const volatile unsigned char *key)
{
    for (size_t i = 0; i < KEY; i++) slot[i] = key[i];
}

REDACTFUZZ_REDACTOR static void redact(void)
{
    for (size_t i = 0; i < SLOTS; i++) {
        explicit_bzero(slots[i], KEY);
    }
}

static void on_crash(int number)
{
    redact();
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

static void *sign(void *slot)
{
    const volatile unsigned char *key = slot;
    atomic_fetch_add(&signature, key[0] * 31u + key[KEY - 1]);
    explicit_bzero(slot, KEY);
    return NULL;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* no core before the keys are wiped */
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    load(slots[0], redactfuzz_canary("eu key", KEY));
    load(slots[1], redactfuzz_canary("us key", KEY));
    pthread_t eu, us;
    pthread_create(&eu, NULL, sign, slots[0]);
    pthread_create(&us, NULL, sign, slots[1]);
    pthread_join(eu, NULL);
    pthread_join(us, NULL);
    return 0;
}
