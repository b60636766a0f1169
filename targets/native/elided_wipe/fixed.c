/* Each session has a key on the heap and wipes it before it frees it. A key may be in memory while its session lasts. */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 32 };

struct session {
    char peer[32];
    unsigned char key[KEY];
};

static atomic_uint signatures;

/* Byte by byte: memcpy would leave the key in vector registers. */
static void load(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (size_t i = 0; i < KEY; i++) to[i] = from[i];
}

/* The compiler sees that nobody reads what is freed. */
REDACTFUZZ_REDACTOR static void end(struct session *session)
{
    explicit_bzero(session->key, KEY);
    free(session);
}

static void *serve(void *name)
{
    redactfuzz_allow(name);
    struct session *session = calloc(1, sizeof *session);
    if (!session) abort();
    load(session->key, redactfuzz_canary(name, KEY));
    const volatile unsigned char *key = session->key;
    atomic_fetch_add(&signatures, key[0] * 31u + key[KEY - 1]);
    end(session);
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
