/* A producer hands numbers one by one through a slot to two consumers, who add them up. Expected: a failed assert (a
 * consumer that was woken believes that the number is still there: its sum has one number twice). With -DSAFE (it looks
 * again) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>

enum { CONSUMERS = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int slot, full, total;

static void *produce(void *unused)
{
    for (int number = 1; number <= CONSUMERS; number++) {
        pthread_mutex_lock(&lock);
        while (full) pthread_cond_wait(&changed, &lock);
        slot = number;
        full = 1;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

static void *consume(void *unused)
{
    pthread_mutex_lock(&lock);
#ifdef SAFE
    while (!full) pthread_cond_wait(&changed, &lock);
#else
    if (!full) pthread_cond_wait(&changed, &lock);
#endif
    total += slot;
    full = 0;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(void)
{
    pthread_t producer, consumers[CONSUMERS];
    for (int i = 0; i < CONSUMERS; i++) pthread_create(&consumers[i], NULL, consume, NULL);
    pthread_create(&producer, NULL, produce, NULL);
    for (int i = 0; i < CONSUMERS; i++) pthread_join(consumers[i], NULL);
    pthread_join(producer, NULL);
    assert(total == CONSUMERS * (CONSUMERS + 1) / 2);
    return 0;
}
