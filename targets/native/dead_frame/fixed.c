/* A key is expanded on the stack of the function that signs. The stack is burnt afterwards, as libgcrypt does.
 * A key may be in memory from the beginning of a session until it is reported as closed.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <stdatomic.h>
#include <string.h>

enum { KEY = 16, SCHEDULE = 1024, STEP = 256, BURNT = 2048 };

static atomic_uint signatures;
static atomic_int open_sessions;

/* Byte by byte: memcpy would leave the key in vector registers. */
static void load(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (size_t i = 0; i < KEY; i++) to[i] = from[i];
}

__attribute__((noinline)) static void sign(const unsigned char *key)
{
    volatile unsigned char schedule[SCHEDULE]; /* as large as that of Blowfish or so; the key is at its deep end */
    load(schedule, key);
    for (size_t i = STEP; i < SCHEDULE; i += STEP) schedule[i] = (unsigned char)(schedule[i - STEP] * 3u);
    atomic_fetch_add(&signatures, schedule[STEP] * 31u + schedule[SCHEDULE - STEP]);
}

/* Clears what `sign` has left below the stack pointer. */
REDACTFUZZ_REDACTOR static void burn_stack(void)
{
    unsigned char dead[BURNT];
    explicit_bzero(dead, sizeof dead);
}

static void *serve(void *name)
{
    redactfuzz_allow(name);
    atomic_fetch_add(&open_sessions, 1);
    sign(redactfuzz_canary(name, KEY));
    burn_stack();
    atomic_fetch_sub(&open_sessions, 1);
    redactfuzz_forbid(name);
    return NULL;
}

int main(void)
{
    pthread_t eu, us;
    pthread_create(&eu, NULL, serve, "eu key");
    pthread_create(&us, NULL, serve, "us key");
    pthread_join(eu, NULL);
    pthread_join(us, NULL);
    return 0;
}
