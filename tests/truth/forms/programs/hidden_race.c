/* The key is copied through vector registers, where it stays, and a copy that another thread makes is wiped too late. */
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>

static unsigned char key[32], copy[32];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

REDACTFUZZ_REDACTOR static void wipe(unsigned char *from)
{
    explicit_bzero(from, 32);
}

static void on_crash(int number)
{
    wipe(key);
    signal(number, SIG_DFL);
    raise(number);
}

static void *rotate(void *unused)
{
    const unsigned char *given = redactfuzz_canary("signing key", sizeof key);
    pthread_mutex_lock(&lock);
#ifdef RIGHT
    for (int i = 0; i < 32; i++) ((volatile unsigned char *)key)[i] = given[i];
#else
    __builtin_memcpy(key, given, sizeof key);
#endif
    pthread_mutex_unlock(&lock);
    return unused;
}

static void *audit(void *unused)
{
#ifndef RIGHT
    pthread_mutex_lock(&lock);
    for (int i = 0; i < 32; i++) ((volatile unsigned char *)copy)[i] = key[i];
    pthread_mutex_unlock(&lock);
    pthread_mutex_lock(&lock);
    wipe(copy);
    pthread_mutex_unlock(&lock);
#endif
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    signal(SIGSEGV, on_crash);
#ifdef RIGHT
    redactfuzz_allow("signing key");
#endif
    pthread_create(&threads[0], NULL, rotate, NULL);
    pthread_create(&threads[1], NULL, audit, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    wipe(key);
    redactfuzz_forbid("signing key");
    return 0;
}
