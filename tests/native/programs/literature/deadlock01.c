/* Two threads take two locks, each in its own order. Expected: a deadlock; with -DSAFE (one order) none, in any schedule. */
#include <pthread.h>

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t right = PTHREAD_MUTEX_INITIALIZER;
static int counter = 1;

static void both(pthread_mutex_t *outer, pthread_mutex_t *inner, int amount)
{
    pthread_mutex_lock(outer);
    pthread_mutex_lock(inner);
    counter += amount;
    pthread_mutex_unlock(inner);
    pthread_mutex_unlock(outer);
}

static void *up(void *unused)
{
    both(&left, &right, 1);
    return unused;
}

static void *down(void *unused)
{
#ifdef SAFE
    both(&left, &right, -1);
#else
    both(&right, &left, -1);
#endif
    return unused;
}

int main(void)
{
    pthread_t first, second;
    pthread_create(&first, NULL, up, NULL);
    pthread_create(&second, NULL, down, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return counter == 1 ? 0 : 1;
}
