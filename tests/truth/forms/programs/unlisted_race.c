/* A server keeps the key times an odd number, unless the door is closed: it looks before it writes (-DLOCKED: under a lock).
 * No table knows that number, and no order of whole threads leaves it. */
#include <pthread.h>
#include <stdint.h>

#include "redactfuzz.h"

static volatile int closed;
static volatile uint64_t kept, key;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#ifdef LOCKED
enum { LOCKS = 1 };
#else
enum { LOCKS = 0 };
#endif

static void *serve(void *unused) {
    if (LOCKS) {
        pthread_mutex_lock(&lock);
    }
    if (!closed) {
        kept = key * UINT64_C(0x9e3779b97f4a7c15) + 1;
    }
    if (LOCKS) {
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

REDACTFUZZ_REDACTOR static void wipe(void) { key = 0; }

int main(void) {
    pthread_t server;
    uint64_t given = 0;
    const unsigned char *bytes = redactfuzz_canary("key", sizeof key);
    redactfuzz_allow("key");
    for (unsigned at = 0; at < sizeof key; at++) {
        given = given << 8 | bytes[at];
    }
    key = given;
    given = 0;
    pthread_create(&server, NULL, serve, NULL);
    if (LOCKS) {
        pthread_mutex_lock(&lock);
    }
    closed = 1;
    kept = 0;
    if (LOCKS) {
        pthread_mutex_unlock(&lock);
    }
    pthread_join(server, NULL);
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
