/* What a function left in its frame lies below the stack pointer when it has returned. WHERE says what comes next: only calls of
 * the library, so that the crash strikes inside of one. CLEAN wipes the frame before. */
#include <pthread.h>
#include <redactfuzz.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define END 0
#define LOCK 1
#define THREAD 2
#define WAIT 3
#define ALLOCATE 4
#define WRITE 5
#define ATOMIC 6
#define RAISE 7

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t done;
static atomic_int round_;
static volatile unsigned signature;
static unsigned char table[32];

REDACTFUZZ_REDACTOR static void wipe(void *at, size_t size)
{
    for (size_t i = 0; i < size; i++) ((volatile unsigned char *)at)[i] = 0;
}

static void sign(void)
{
    volatile unsigned char copy[32];
    const unsigned char *key = redactfuzz_canary("key", sizeof copy);
    redactfuzz_allow("key");
    for (size_t i = 0; i < sizeof copy; i++) copy[i] = key[i];
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof copy; i++) sum = sum * 31 + copy[i];
    signature = sum;
    for (size_t i = 0; i < 8; i++) ((volatile unsigned char *)table)[i] = key[i];
    wipe(table, sizeof table); /* bypassed, it is seen */
    if (CLEAN) wipe((void *)(size_t)copy, sizeof copy);
    redactfuzz_forbid("key");
}

static void *run(void *unused)
{
    sign();
    return unused;
}

int main(void)
{
    pthread_t thread;
    (void)thread;
    sem_init(&done, 0, 1);
#if WHERE == THREAD
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
#else
    run(NULL);
#endif
#if WHERE == LOCK
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
#elif WHERE == WAIT
    sem_wait(&done);
#elif WHERE == ALLOCATE
    free(malloc(100));
#elif WHERE == WRITE
    if (write(1, "done\n", 5) != 5) return 1;
#elif WHERE == ATOMIC
    atomic_fetch_add(&round_, 1);
#elif WHERE == RAISE
    raise(SIGSEGV);
#endif
    return 0;
}
