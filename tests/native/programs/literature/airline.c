/* N sellers sell the seats of a plane, of which there is one less. Expected: a failed assert (sold twice: the look whether a
 * seat is left is not part of the sale). With -DSAFE none, in any schedule.
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

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int sold;

static void *sell(void *unused)
{
#ifdef SAFE
    pthread_mutex_lock(&lock);
    if (sold < N - 1) sold++;
    pthread_mutex_unlock(&lock);
#else
    if (sold == N - 1) return unused;
    pthread_mutex_lock(&lock);
    sold++;
    pthread_mutex_unlock(&lock);
#endif
    return unused;
}

int main(void)
{
    pthread_t sellers[N];
    for (size_t i = 0; i < threads_wanted; i++) pthread_create(&sellers[i], NULL, sell, NULL);
    for (size_t i = 0; i < threads_wanted; i++) pthread_join(sellers[i], NULL);
    assert(sold == N - 1);
    return 0;
}
