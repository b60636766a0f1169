/* A program that asks who runs it, how many processors there are, for a terminal, for the time of the processor,
 * or waits for a condition. */
#include <pthread.h>
#include <unistd.h>
#include <x86intrin.h>

#include "../../wiped_key.h"

static volatile unsigned long answer;

#ifdef WAITS
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static int ready;

static void *waits(void *unused)
{
    pthread_mutex_lock(&lock);
    while (!ready)
        pthread_cond_wait(&told, &lock);
    pthread_mutex_unlock(&lock);
    return unused;
}
#endif

int main(void)
{
    const unsigned char *secret = redactfuzz_canary("k", sizeof key);
    begins();
    copied(key, secret);
#ifdef ASKS
    answer = getuid() + (unsigned long)sysconf(_SC_NPROCESSORS_ONLN) + (unsigned long)isatty(1);
#endif
#ifdef COUNTS
    answer = __rdtsc() & 0;
#endif
#ifdef WAITS
    pthread_t other;
    pthread_create(&other, NULL, waits, NULL);
    pthread_mutex_lock(&lock);
    ready = 1;
    pthread_cond_signal(&told);
    pthread_mutex_unlock(&lock);
    pthread_join(other, NULL);
#endif
    return 0;
}
