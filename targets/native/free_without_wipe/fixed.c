/* Two threads share a key. Who uses it last wipes and frees it; it may be in memory until then. */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 32 };

struct key {
    atomic_int users;
    char owner[12];
    unsigned char bytes[SIZE];
};

static atomic_uint signatures;

/* Byte by byte: memcpy would leave the key in vector registers. */
static void copy(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (size_t i = 0; i < SIZE; i++) to[i] = from[i];
}

REDACTFUZZ_REDACTOR static void wipe(struct key *key)
{
    explicit_bzero(key->bytes, SIZE);
}

static void put(struct key *key)
{
    if (atomic_fetch_sub(&key->users, 1) != 1) return;
    wipe(key);
    free(key);
    redactfuzz_forbid("signing key");
}

static void *sign(void *argument)
{
    struct key *key = argument;
    const volatile unsigned char *bytes = key->bytes;
    atomic_fetch_add(&signatures, bytes[0] * 31u + bytes[SIZE - 1]);
    put(key);
    return NULL;
}

int main(void)
{
    struct key *key = calloc(1, sizeof *key);
    if (!key) return 1;
    atomic_store(&key->users, 2);
    strcpy(key->owner, "signer");
    redactfuzz_allow("signing key");
    copy(key->bytes, redactfuzz_canary("signing key", SIZE));
    pthread_t first, second;
    pthread_create(&first, NULL, sign, key);
    pthread_create(&second, NULL, sign, key);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
