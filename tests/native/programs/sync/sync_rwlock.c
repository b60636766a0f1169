/* Read-write locks. Without an argument nothing is wrong in any order. "foreign", "unlocked", "held": "misuse". "upgrade",
 * "recursive" (a reader comes again while a writer waits, who is preferred): deadlocks in some order. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t patient = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static int one, two, readers_at_once;
static volatile int readers;

static void *reads(void *given)
{
    (void)given;
    assert(pthread_rwlock_rdlock(&lock) == 0);
    __atomic_add_fetch(&readers, 1, __ATOMIC_SEQ_CST);
    assert(one == two);
    if (__atomic_load_n(&readers, __ATOMIC_SEQ_CST) == 2) readers_at_once = 1;
    assert(one == two);
    __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
    assert(pthread_rwlock_unlock(&lock) == 0);
    return NULL;
}

static void *writes(void *given)
{
    (void)given;
    assert(pthread_rwlock_wrlock(&lock) == 0);
    assert(readers == 0);
    one++;
    two++;
    assert(pthread_rwlock_unlock(&lock) == 0);
    return NULL;
}

static struct timespec soon(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_sec++;
    return time;
}

static void *while_it_is_read(void *given)
{
    struct timespec until = soon();
    (void)given;
    assert(pthread_rwlock_trywrlock(&lock) == EBUSY);
    assert(pthread_rwlock_timedwrlock(&lock, &until) == ETIMEDOUT);
    until = soon();
    assert(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &until) == ETIMEDOUT);
    assert(pthread_rwlock_tryrdlock(&lock) == 0);
    assert(pthread_rwlock_unlock(&lock) == 0);
    until = soon();
    assert(pthread_rwlock_timedrdlock(&lock, &until) == 0);
    assert(pthread_rwlock_unlock(&lock) == 0);
    return NULL;
}

static void *while_it_is_written(void *given)
{
    struct timespec until = soon();
    (void)given;
    assert(pthread_rwlock_tryrdlock(&lock) == EBUSY);
    assert(pthread_rwlock_timedrdlock(&lock, &until) == ETIMEDOUT);
    until = soon();
    assert(pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &until) == ETIMEDOUT);
    assert(pthread_rwlock_trywrlock(&lock) == EBUSY);
    return NULL;
}

static void *unlocks(void *given)
{
    pthread_rwlock_unlock(given);
    return NULL;
}

static void *waits_to_write(void *given)
{
    pthread_rwlock_wrlock(given);
    pthread_rwlock_unlock(given);
    return NULL;
}

static void run(void *(*start)(void *), void *given)
{
    pthread_t thread;
    assert(pthread_create(&thread, NULL, start, given) == 0);
    assert(pthread_join(thread, NULL) == 0);
}

int main(int arguments, char **values)
{
    const char *what = arguments > 1 ? values[1] : "";
    pthread_t threads[4];
    if (strcmp(what, "foreign") == 0) {
        pthread_rwlock_wrlock(&lock);
        run(unlocks, &lock);
    } else if (strcmp(what, "unlocked") == 0) {
        pthread_rwlock_unlock(&lock);
    } else if (strcmp(what, "held") == 0) {
        pthread_rwlock_rdlock(&lock);
        pthread_rwlock_destroy(&lock);
    } else if (strcmp(what, "upgrade") == 0) {
        pthread_rwlock_rdlock(&lock);
        pthread_rwlock_wrlock(&lock);
    } else if (strcmp(what, "recursive") == 0) {
        pthread_create(&threads[0], NULL, waits_to_write, &patient);
        pthread_rwlock_rdlock(&patient);
        pthread_rwlock_rdlock(&patient);
        pthread_rwlock_unlock(&patient);
        pthread_rwlock_unlock(&patient);
        pthread_join(threads[0], NULL);
    } else {
        for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, i % 2 ? writes : reads, NULL);
        for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
        assert(one == 2 && two == 2 && readers == 0);
        assert(pthread_rwlock_rdlock(&lock) == 0);
        assert(pthread_rwlock_rdlock(&lock) == 0); /* readers are preferred: no deadlock */
        run(while_it_is_read, NULL);
        assert(pthread_rwlock_unlock(&lock) == 0);
        run(while_it_is_read, NULL);
        assert(pthread_rwlock_unlock(&lock) == 0);
        assert(pthread_rwlock_trywrlock(&lock) == 0);
        assert(pthread_rwlock_rdlock(&lock) == EDEADLK);
        assert(pthread_rwlock_wrlock(&lock) == EDEADLK);
        run(while_it_is_written, NULL);
        assert(pthread_rwlock_unlock(&lock) == 0);
        assert(pthread_rwlock_destroy(&lock) == 0);
        return readers_at_once ? 10 : 0; /* both must come to pass in some order */
    }
    return 0;
}
