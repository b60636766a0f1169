/* A table of COPIES copies of a token, which may be there, and a key, which a thread keeps unless the door is closed. */
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "redactfuzz.h"

enum { SIZE = 32, APART = 64 };

static struct {
    char table[COPIES][APART];
    volatile uint64_t key, kept;
} memory;
static volatile int closed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *keep(void *unused) {
#ifdef LOCKED
    pthread_mutex_lock(&lock);
#endif
    if (!closed) {
        memory.kept = memory.key;
    }
#ifdef LOCKED
    pthread_mutex_unlock(&lock);
#endif
    return unused;
}

REDACTFUZZ_REDACTOR static void wipe(void) {
    pthread_mutex_lock(&lock);
    closed = 1;
    memory.kept = memory.key = 0;
    pthread_mutex_unlock(&lock);
}

int main(void) {
    pthread_t thread;
    redactfuzz_allow("token");
    redactfuzz_allow("key");
    for (unsigned row = 0; row < COPIES; row++) {
        memcpy(memory.table[row], redactfuzz_canary("token", SIZE), SIZE);
    }
    memory.key = *(const volatile uint64_t *)redactfuzz_canary("key", sizeof memory.key);
    pthread_create(&thread, NULL, keep, NULL);
    wipe();
    pthread_join(thread, NULL);
    redactfuzz_forbid("key");
    return 0;
}
