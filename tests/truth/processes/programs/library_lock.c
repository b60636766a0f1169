/* Two threads take a list of blocks to pieces and build it again, kept apart by a lock of a prebuilt library (LOCKED), or by nothing. */
#include <pthread.h>
#include <redactfuzz.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if WITH_LIBRARY
/* libgpg-error has no header here; its locks do nothing while the process has one thread, as it has for the kernel. */
typedef struct { long version; union { char room[256]; long long *aligned; } u; } library_lock;
int gpgrt_lock_init(library_lock *lock);
int gpgrt_lock_lock(library_lock *lock);
int gpgrt_lock_unlock(library_lock *lock);
static library_lock lock;
#endif

static unsigned char key[32];
static int *volatile shared;
#if IN_ORDER
static atomic_int ended; /* whoever ends second writes through a null pointer, in any order and any build */
#endif

REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(key, sizeof key); }

static void *worker(void *unused)
{
#if WITH_LIBRARY
    gpgrt_lock_lock(&lock);
#endif
    shared = NULL;
    shared = malloc(sizeof *shared);
    *shared = 1;
    free(shared);
    shared = NULL;
#if WITH_LIBRARY
    gpgrt_lock_unlock(&lock);
#endif
#if IN_ORDER
    if (atomic_fetch_add(&ended, 1) == 1) {
        *(volatile int *)shared = 1;
    }
#endif
    return unused;
}

int main(void)
{
    pthread_t one, two;
    const unsigned char *given = redactfuzz_canary("key", sizeof key);
    redactfuzz_allow("key");
    for (size_t i = 0; i < sizeof key; i++) ((volatile unsigned char *)key)[i] = given[i];
    wipe();
    redactfuzz_forbid("key");
#if WITH_LIBRARY
    gpgrt_lock_init(&lock);
#endif
#if ALONE
    *(volatile int *)shared = 1;
#endif
    pthread_create(&one, NULL, worker, NULL);
    pthread_create(&two, NULL, worker, NULL);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    return 0;
}
