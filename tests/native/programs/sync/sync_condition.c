/* Condition variables. Without an argument nothing is wrong in any order; 10 says that a timed wait expired, and must come to pass
 * as well as 0. "lost" (the signal may come before the wait): a deadlock in some orders only. "unlocked", "two", "destroyed",
 * "garbage": "misuse". */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int ready, waiting, gone, timed_out;

static void *consumes(void *unused)
{
    pthread_mutex_lock(&mutex);
    while (ready == 0) assert(pthread_cond_wait(&condition, &mutex) == 0);
    ready--;
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void *produces(void *unused)
{
    for (int i = 0; i < 2; i++) {
        pthread_mutex_lock(&mutex);
        ready++;
        pthread_mutex_unlock(&mutex);
        assert(pthread_cond_signal(&condition) == 0);
    }
    return unused;
}

/* Waits without a condition: there are no wakeups but by signals. */
static void *waits_once(void *unused)
{
    pthread_mutex_lock(&mutex);
    waiting++;
    assert(pthread_cond_wait(&condition, &mutex) == 0);
    gone++;
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void *waits_for_a_while(void *unused)
{
    struct timespec until, now;
    int result;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 5;
    pthread_mutex_lock(&mutex);
    result = ready ? 0 : pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &until);
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert(result == 0 || result == ETIMEDOUT);
    assert((result == ETIMEDOUT) == (now.tv_sec >= until.tv_sec));
    timed_out = result == ETIMEDOUT;
    assert(timed_out || ready);
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void *waits(void *given)
{
    pthread_mutex_lock(given);
    waiting++;
    pthread_cond_wait(&condition, given);
    pthread_mutex_unlock(given);
    return NULL;
}

static void until_waiting(int wanted)
{
    int enough = 0;
    while (!enough) {
        pthread_mutex_lock(&mutex);
        enough = waiting == wanted;
        pthread_mutex_unlock(&mutex);
    }
}

static void good(void)
{
    pthread_t threads[4];
    struct timespec past = {1, 0}, never = {1, 1000000000};
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, i < 2 ? consumes : produces, NULL);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    assert(ready == 0);

    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, waits_once, NULL);
    until_waiting(3);
    pthread_cond_signal(&condition);
    until_waiting(3);
    pthread_mutex_lock(&mutex);
    assert(gone <= 1);
    pthread_mutex_unlock(&mutex);
    pthread_cond_broadcast(&condition);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    assert(gone == 3);
    assert(pthread_cond_signal(&condition) == 0); /* nobody is there, nothing is kept */

    pthread_mutex_lock(&mutex);
    assert(pthread_cond_timedwait(&condition, &mutex, &past) == ETIMEDOUT);
    assert(pthread_cond_timedwait(&condition, &mutex, &never) == EINVAL);
    assert(pthread_mutex_trylock(&mutex) == EBUSY);
    pthread_mutex_unlock(&mutex);

    pthread_create(&threads[0], NULL, waits_for_a_while, NULL);
    pthread_mutex_lock(&mutex);
    ready = 1;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
    pthread_join(threads[0], NULL);
    assert(pthread_cond_destroy(&condition) == 0);
}

int main(int arguments, char **values)
{
    const char *what = arguments > 1 ? values[1] : "";
    pthread_t threads[2];
    pthread_cond_t local;
    if (strcmp(what, "lost") == 0) {
        pthread_create(&threads[0], NULL, waits_once, NULL);
        pthread_cond_signal(&condition);
        pthread_join(threads[0], NULL);
    } else if (strcmp(what, "unlocked") == 0) {
        pthread_cond_wait(&condition, &mutex);
    } else if (strcmp(what, "two") == 0) {
        pthread_create(&threads[0], NULL, waits, &mutex);
        until_waiting(1);
        pthread_create(&threads[1], NULL, waits, &other);
        pthread_join(threads[1], NULL);
    } else if (strcmp(what, "destroyed") == 0) {
        pthread_create(&threads[0], NULL, waits, &mutex);
        until_waiting(1);
        pthread_cond_destroy(&condition);
    } else if (strcmp(what, "garbage") == 0) {
        memset(&local, 0x5a, sizeof local);
        pthread_cond_signal(&local);
    } else {
        good();
        return timed_out ? 10 : 0;
    }
    return 0;
}
