/* The crash handler wipes the keys, then the kernel dumps. A crash inside of it ends the process at once. */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>

enum { KEYS = 2, KEY = 16 };

static unsigned char keys[KEYS][KEY];
static atomic_uint signatures;

/* Byte by byte: memcpy would leave the key in vector registers. */
static void load(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (size_t i = 0; i < KEY; i++) to[i] = from[i];
}

REDACTFUZZ_REDACTOR static void redact(void)
{
    for (size_t i = 0; i < KEYS; i++) explicit_bzero(keys[i], KEY);
}

static void on_crash(int number)
{
    signal(number, SIG_DFL);
    redact();
    prctl(PR_SET_DUMPABLE, 1);
    raise(number);
}

static void *sign(void *argument)
{
    const volatile unsigned char *key = argument;
    atomic_fetch_add(&signatures, key[0] * 31u + key[KEY - 1]);
    return NULL;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* no core before the keys are wiped */
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    load(keys[0], redactfuzz_canary("eu key", KEY));
    load(keys[1], redactfuzz_canary("us key", KEY));
    pthread_t eu, us;
    pthread_create(&eu, NULL, sign, keys[0]);
    pthread_create(&us, NULL, sign, keys[1]);
    pthread_join(eu, NULL);
    pthread_join(us, NULL);
    return 0;
}
