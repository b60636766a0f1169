/* N philosophers, each with a fork to the left and to the right, each takes the left one first. Expected: a deadlock. With
 * -DSAFE (the last one takes the right fork first) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

#ifndef N
#define N 3
#endif

/* Not a constant, as in the published program: it is read anew for each thread. */
#ifdef CONSTANT /* read by nobody: every schedule can be run */
enum { threads_wanted = N };
#else
extern size_t threads_wanted;
size_t threads_wanted = N;
#endif

static pthread_mutex_t forks[N];
static int meals[N];

static void *dine(void *which)
{
    size_t seat = (size_t)which, first = seat, then = (seat + 1) % N;
#ifdef SAFE
    if (seat == N - 1) {
        first = 0;
        then = seat;
    }
#endif
    pthread_mutex_lock(&forks[first]);
    pthread_mutex_lock(&forks[then]);
    meals[seat]++;
    pthread_mutex_unlock(&forks[then]);
    pthread_mutex_unlock(&forks[first]);
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    for (size_t i = 0; i < threads_wanted; i++) pthread_mutex_init(&forks[i], NULL);
    for (size_t i = 0; i < threads_wanted; i++) pthread_create(&threads[i], NULL, dine, (void *)i);
    for (size_t i = 0; i < threads_wanted; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < N; i++) assert(meals[i] == 1);
    return 0;
}
