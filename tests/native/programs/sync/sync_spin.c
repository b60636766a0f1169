/* Spin locks. "self": a deadlock. "foreign", "unlocked": "misuse". */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

static pthread_spinlock_t lock;
static int count;

static void *counts(void *unused)
{
    for (int i = 0; i < 2; i++) {
        assert(pthread_spin_lock(&lock) == 0);
        int now = count;
        count = now + 1;
        assert(pthread_spin_unlock(&lock) == 0);
    }
    return unused;
}

static void *is_refused(void *unused)
{
    assert(pthread_spin_trylock(&lock) == EBUSY);
    return unused;
}

static void *unlocks(void *unused)
{
    pthread_spin_unlock(&lock);
    return unused;
}

static void run(void *(*start)(void *), int threads)
{
    pthread_t started[3];
    for (int i = 0; i < threads; i++) pthread_create(&started[i], NULL, start, NULL);
    for (int i = 0; i < threads; i++) pthread_join(started[i], NULL);
}

int main(int arguments, char **values)
{
    const char *what = arguments > 1 ? values[1] : "";
    pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
    if (strcmp(what, "unlocked") == 0) pthread_spin_unlock(&lock);
    run(counts, 3);
    assert(count == 6);
    assert(pthread_spin_trylock(&lock) == 0);
    run(is_refused, 1);
    if (strcmp(what, "self") == 0) pthread_spin_lock(&lock);
    if (strcmp(what, "foreign") == 0) run(unlocks, 1);
    pthread_spin_unlock(&lock);
    assert(pthread_spin_destroy(&lock) == 0);
    return 0;
}
