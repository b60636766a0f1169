/* A driver is stopped while a request comes in: requests that are under way are counted, the last one out lets the stop go on.
 * Expected: a failed assert (a request works on a stopped driver). With -DSAFE (count first, then look) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t drained = PTHREAD_COND_INITIALIZER;
static int pending = 1; /* the driver itself */
static volatile int stopping;
static volatile int stopped;

static void take(void)
{
    pthread_mutex_lock(&lock);
    pending++;
    pthread_mutex_unlock(&lock);
}

static void drop(void)
{
    pthread_mutex_lock(&lock);
    pending--;
    if (pending == 0) pthread_cond_signal(&drained);
    pthread_mutex_unlock(&lock);
}

static void *request(void *unused)
{
#ifdef SAFE
    take();
    if (!stopping) assert(!stopped);
    drop();
#else
    if (stopping) return unused;
    take();
    assert(!stopped);
    drop();
#endif
    return unused;
}

static void *stop(void *unused)
{
    stopping = 1;
    drop();
    pthread_mutex_lock(&lock);
    while (pending > 0) pthread_cond_wait(&drained, &lock);
    pthread_mutex_unlock(&lock);
    stopped = 1;
    return unused;
}

int main(void)
{
    pthread_t user, system;
    pthread_create(&user, NULL, request, NULL);
    pthread_create(&system, NULL, stop, NULL);
    pthread_join(user, NULL);
    pthread_join(system, NULL);
    return 0;
}
