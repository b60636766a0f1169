/* Cancellation of a thread at each kind of blocking call: its handlers run, latest first, the mutex of a condition variable is its
 * own again, and join gives PTHREAD_CANCELED. To be built without and with -fexceptions. Nothing is wrong in any order. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t empty, ready;
static int order[8], runs;

static void note(void *what)
{
    order[runs++] = (int)(intptr_t)what;
}

static void unlock(void *what)
{
    note((void *)3);
    assert(pthread_mutex_unlock(what) == 0);
}

static void blocks(int how)
{
    struct timespec far = {4000000000, 0};
    sem_post(&ready);
    switch (how) {
    case 0:
        sem_wait(&empty);
        break;
    case 1:
        pthread_mutex_lock(&mutex);
        pthread_cleanup_push(unlock, &mutex);
        for (;;) pthread_cond_wait(&condition, &mutex);
        pthread_cleanup_pop(0);
        break;
    case 2:
        for (;;) usleep(10);
    case 3:
        for (;;) pthread_testcancel();
    default:
        sem_timedwait(&empty, &far);
    }
    assert(errno == ETIMEDOUT);
    for (;;) sleep(1);
}

static void inner(int how)
{
    pthread_cleanup_push(note, (void *)2);
    blocks(how);
    pthread_cleanup_pop(0);
}

static void *starts(void *how)
{
    pthread_cleanup_push(note, (void *)1);
    pthread_cleanup_push(note, (void *)9);
    pthread_cleanup_pop(0);
    inner((int)(intptr_t)how);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *refuses(void *unused)
{
    int old;
    assert(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old) == 0 && old == PTHREAD_CANCEL_ENABLE);
    assert(pthread_setcancelstate(7, &old) == EINVAL);
    sem_post(&ready);
    sem_wait(&empty);
    pthread_testcancel();
    note((void *)4);
    assert(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old) == 0 && old == PTHREAD_CANCEL_DISABLE);
    note((void *)5);
    pthread_testcancel();
    note((void *)6);
    return unused;
}

static void *exits(void *unused)
{
    pthread_cleanup_push(note, (void *)7);
    pthread_cleanup_push(note, (void *)8);
    pthread_cleanup_pop(1);
    pthread_exit((void *)5);
    pthread_cleanup_pop(0);
    return unused;
}

static void is_cancelled(int how)
{
    pthread_t thread;
    void *result;
    runs = 0;
    assert(pthread_create(&thread, NULL, starts, (void *)(intptr_t)how) == 0);
    sem_wait(&ready);
    assert(pthread_cancel(thread) == 0);
    assert(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
    if (how == 1) {
        assert(runs == 3 && order[0] == 3 && order[1] == 2 && order[2] == 1);
    } else {
        assert(runs == 2 && order[0] == 2 && order[1] == 1);
    }
    assert(pthread_mutex_trylock(&mutex) == 0 && pthread_mutex_unlock(&mutex) == 0);
}

int main(void)
{
    pthread_t thread;
    void *result;
    int value;
    sem_init(&empty, 0, 0);
    sem_init(&ready, 0, 0);
    is_cancelled(0);
    is_cancelled(1);
    is_cancelled(2);
    is_cancelled(3);
    is_cancelled(5);
    runs = 0;
    pthread_create(&thread, NULL, refuses, NULL);
    sem_wait(&ready);
    pthread_cancel(thread);
    sem_post(&empty);
    assert(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
    assert(runs == 2 && order[0] == 4 && order[1] == 5);
    runs = 0;
    pthread_create(&thread, NULL, exits, NULL);
    assert(pthread_join(thread, &result) == 0 && result == (void *)5);
    assert(runs == 2 && order[0] == 8 && order[1] == 7);
    sem_getvalue(&empty, &value);
    assert(value == 0);
    return 0;
}
