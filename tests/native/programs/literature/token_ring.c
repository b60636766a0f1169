/* N stations in a ring: the first counts what the last has, each other one copies its neighbour. Expected: a failed assert
 * (a station copied before its neighbour had something new). With -DSAFE (a token goes round, and only who has it works)
 * none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
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

static sem_t token[N];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int held[N];

static void *station(void *which)
{
    size_t own = (size_t)which, before = (own + N - 1) % N;
#ifdef SAFE
    while (sem_wait(&token[own]) != 0) {}
#endif
    pthread_mutex_lock(&lock);
    held[own] = own == 0 ? held[before] + 1 : held[before];
    pthread_mutex_unlock(&lock);
    sem_post(&token[(own + 1) % N]);
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    for (size_t i = 0; i < threads_wanted; i++) sem_init(&token[i], 0, i == 0);
    for (size_t i = 0; i < threads_wanted; i++) pthread_create(&threads[i], NULL, station, (void *)i);
    for (size_t i = 0; i < threads_wanted; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < N; i++) assert(held[i] == 1);
    return 0;
}
