/* One thread changes a value under one lock, N others under another. Expected: a failed assert; with -DSAFE (one lock) none, in
 * any schedule.
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

static pthread_mutex_t right = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t wrong = PTHREAD_MUTEX_INITIALIZER;
static int value;

static void *watch(void *unused)
{
    pthread_mutex_lock(&right);
    int before = value;
    value = before + 1;
    assert(value == before + 1);
    pthread_mutex_unlock(&right);
    return unused;
}

static void *change(void *unused)
{
#ifdef SAFE
    pthread_mutex_t *mine = &right;
    (void)wrong;
#else
    pthread_mutex_t *mine = &wrong;
#endif
    pthread_mutex_lock(mine);
    int before = value;
    value = before + 1;
    pthread_mutex_unlock(mine);
    return unused;
}

int main(void)
{
    pthread_t watcher, changers[N];
    pthread_create(&watcher, NULL, watch, NULL);
    for (size_t i = 0; i < threads_wanted; i++) pthread_create(&changers[i], NULL, change, NULL);
    pthread_join(watcher, NULL);
    for (size_t i = 0; i < threads_wanted; i++) pthread_join(changers[i], NULL);
    assert(value == N + 1);
    return 0;
}
