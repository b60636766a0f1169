/* A giver and a taker wait for each other with two conditions. Expected: a deadlock (the taker waits for a signal that has
 * been). With -DSAFE (it looks whether there is something first) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;
static int number;

static void *give(void *unused)
{
    pthread_mutex_lock(&lock);
    while (number > 0) pthread_cond_wait(&emptied, &lock);
    number++;
    pthread_cond_signal(&filled);
    pthread_mutex_unlock(&lock);
    return unused;
}

static void *take(void *unused)
{
    pthread_mutex_lock(&lock);
#ifdef SAFE
    while (number == 0) pthread_cond_wait(&filled, &lock);
#else
    pthread_cond_wait(&filled, &lock);
#endif
    number--;
    pthread_cond_signal(&emptied);
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(void)
{
    pthread_t giver, taker;
    pthread_create(&taker, NULL, take, NULL);
    pthread_create(&giver, NULL, give, NULL);
    pthread_join(giver, NULL);
    pthread_join(taker, NULL);
    assert(number == 0);
    return 0;
}
