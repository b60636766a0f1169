/* Two workers add under a lock, and an auditor, under the same lock, is sure that it comes before one of them. Expected: a
 * failed assert (it comes last). With -DSAFE (it only says what holds in every order) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int sum;

static void *add_one(void *unused)
{
    pthread_mutex_lock(&lock);
    sum += 1;
    pthread_mutex_unlock(&lock);
    return unused;
}

static void *add_two(void *unused)
{
    pthread_mutex_lock(&lock);
    sum += 2;
    pthread_mutex_unlock(&lock);
    return unused;
}

static void *audit(void *unused)
{
    pthread_mutex_lock(&lock);
#ifdef SAFE
    assert(sum <= 3);
#else
    assert(sum < 3);
#endif
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(void)
{
    void *(*const work[])(void *) = {add_one, add_two, audit};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, work[i], NULL);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    return 0;
}
