/* N writers set a value and, in a second critical section, what depends on it; a reader must not find the first alone.
 * Expected: a failed assert, the rarer the larger N is. With -DSAFE (one critical section) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

#ifndef N
#define N 1
#endif

/* Not a constant, as in the published program: it is read anew for each thread. */
#ifdef CONSTANT /* read by nobody: every schedule can be run */
enum { threads_wanted = N };
#else
extern size_t threads_wanted;
size_t threads_wanted = N;
#endif

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
static int value, derived;

static void *write_both(void *unused)
{
    pthread_mutex_lock(&first);
    value = 1;
#ifndef SAFE
    pthread_mutex_unlock(&first);
#endif
    pthread_mutex_lock(&second);
    derived = value + 1;
    pthread_mutex_unlock(&second);
#ifdef SAFE
    pthread_mutex_unlock(&first);
#endif
    return unused;
}

static void *read_both(void *unused)
{
    pthread_mutex_lock(&first);
    int seen = value;
    pthread_mutex_unlock(&first);
    if (seen == 0) return unused;
    pthread_mutex_lock(&second);
    int then = derived;
    pthread_mutex_unlock(&second);
    assert(then == seen + 1);
    return unused;
}

int main(void)
{
    pthread_t writers[N], reader;
    for (size_t i = 0; i < threads_wanted; i++) pthread_create(&writers[i], NULL, write_both, NULL);
    pthread_create(&reader, NULL, read_both, NULL);
    for (size_t i = 0; i < threads_wanted; i++) pthread_join(writers[i], NULL);
    pthread_join(reader, NULL);
    return 0;
}
