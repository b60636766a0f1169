/* A lock for readers and writers, of a mutex and a semaphore: the first reader keeps writers out, the last one lets them in.
 * Expected: a deadlock or a failed assert (readers count themselves without the mutex: two of them are the first, or none is the
 * last). With -DSAFE none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t room;
static volatile int readers, value, copy;

static void count(int change)
{
    int before = readers;
    readers = before + change;
}

static void *read_both(void *unused)
{
#ifdef SAFE
    pthread_mutex_lock(&lock);
#endif
    count(1);
    if (readers == 1) {
        while (sem_wait(&room) != 0) {}
    }
#ifdef SAFE
    pthread_mutex_unlock(&lock);
#endif
    assert(value == copy);
    pthread_mutex_lock(&lock);
    count(-1);
    if (readers == 0) sem_post(&room);
    pthread_mutex_unlock(&lock);
    return unused;
}

static void *write_both(void *unused)
{
    while (sem_wait(&room) != 0) {}
    value = 1;
    copy = 1;
    sem_post(&room);
    return unused;
}

int main(void)
{
    pthread_t threads[3];
    sem_init(&room, 0, 1);
    pthread_create(&threads[0], NULL, read_both, NULL);
    pthread_create(&threads[1], NULL, read_both, NULL);
    pthread_create(&threads[2], NULL, write_both, NULL);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    return 0;
}
