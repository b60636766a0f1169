/* Semaphores. Without an argument nothing is wrong in any order; 10 says that a timed wait expired, and must come to pass as well
 * as 0. "empty": a deadlock. "destroyed", "awaited": "misuse". */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>

static sem_t semaphore, done;
static int inside, most, timed_out;

static void *enters(void *unused)
{
    assert(sem_wait(&semaphore) == 0);
    int now = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    assert(now <= 2);
    if (now > most) most = now;
    __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    assert(sem_post(&semaphore) == 0);
    return unused;
}

static void *posts(void *unused)
{
    sem_post(&done);
    return unused;
}

static void *waits(void *unused)
{
    sem_post(&done);
    sem_wait(&semaphore);
    return unused;
}

int main(int arguments, char **values)
{
    const char *what = arguments > 1 ? values[1] : "";
    pthread_t threads[3];
    struct timespec until;
    int value;
    if (strcmp(what, "empty") == 0) {
        sem_init(&semaphore, 0, 1);
        sem_wait(&semaphore);
        sem_wait(&semaphore);
    } else if (strcmp(what, "destroyed") == 0) {
        sem_init(&semaphore, 0, 1);
        sem_destroy(&semaphore);
        sem_wait(&semaphore);
    } else if (strcmp(what, "awaited") == 0) {
        sem_init(&semaphore, 0, 0);
        sem_init(&done, 0, 0);
        pthread_create(&threads[0], NULL, waits, NULL);
        sem_wait(&done);
        sem_destroy(&semaphore);
    } else {
        assert(sem_init(&semaphore, 0, (unsigned)INT_MAX + 1) == -1 && errno == EINVAL);
        assert(sem_init(&semaphore, 0, 2) == 0 && sem_init(&done, 0, 0) == 0);
        for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, enters, NULL);
        for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
        assert(sem_getvalue(&semaphore, &value) == 0 && value == 2);
        assert(sem_trywait(&semaphore) == 0 && sem_trywait(&semaphore) == 0);
        assert(sem_trywait(&semaphore) == -1 && errno == EAGAIN);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec = 1000000000;
        assert(sem_timedwait(&semaphore, &until) == -1 && errno == EINVAL);
        until.tv_nsec = 0;
        until.tv_sec++;
        assert(sem_timedwait(&semaphore, &until) == -1 && errno == ETIMEDOUT);
        pthread_create(&threads[0], NULL, posts, NULL);
        until.tv_sec++;
        timed_out = sem_clockwait(&done, CLOCK_MONOTONIC, &until) != 0;
        assert(!timed_out || errno == ETIMEDOUT);
        pthread_join(threads[0], NULL);
        sem_getvalue(&done, &value);
        assert(value == timed_out);
        assert(sem_destroy(&semaphore) == 0);
        sem_init(&semaphore, 0, INT_MAX);
        assert(sem_post(&semaphore) == -1 && errno == EOVERFLOW);
        return timed_out ? 10 : 0;
    }
    return 0;
}
