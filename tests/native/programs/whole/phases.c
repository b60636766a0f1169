/* Two threads meet at a barrier of their own making, PHASES times. Expected: a deadlock (who is slow to wake finds the next
 * phase begun, and waits with everyone). With -DSAFE (phases have numbers) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>

enum { THREADS = 2, PHASES = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all = PTHREAD_COND_INITIALIZER;
static int here, phase;

static void meet(void)
{
    pthread_mutex_lock(&lock);
    int mine = phase;
    here++;
    if (here == THREADS) {
        here = 0;
        phase++;
        pthread_cond_broadcast(&all);
    }
#ifdef SAFE
    while (phase == mine) pthread_cond_wait(&all, &lock);
#else
    while (here != 0) pthread_cond_wait(&all, &lock);
    (void)mine;
#endif
    pthread_mutex_unlock(&lock);
}

static void *work(void *unused)
{
    for (int i = 0; i < PHASES; i++) meet();
    return unused;
}

int main(void)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    assert(phase == PHASES);
    return 0;
}
