/* Mutexes of all kinds. Without an argument nothing is wrong in any order of the threads. The argument names a misuse: "foreign",
 * "unlocked", "destroyed", "held", "garbage" are bugs of kind "misuse"; "self", "abba" are deadlocks in some order ("self": in all).
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t checking = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t robust;
static int inside, count;

static void *counts(void *given)
{
    pthread_mutex_t *mutex = given;
    for (int i = 0; i < 2; i++) {
        assert(pthread_mutex_lock(mutex) == 0);
        assert(inside == 0);
        inside = 1;
        count++;
        assert(inside == 1);
        inside = 0;
        assert(pthread_mutex_unlock(mutex) == 0);
    }
    return NULL;
}

/* While main holds it. */
static void *is_refused(void *given)
{
    struct timespec soon;
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_sec++;
    assert(pthread_mutex_trylock(given) == EBUSY);
    assert(pthread_mutex_timedlock(given, &soon) == ETIMEDOUT);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    assert(now.tv_sec >= soon.tv_sec);
    soon.tv_sec++;
    assert(pthread_mutex_clocklock(given, CLOCK_MONOTONIC, &soon) == ETIMEDOUT);
    soon.tv_nsec = 1000000000;
    assert(pthread_mutex_timedlock(given, &soon) == EINVAL);
    return NULL;
}

static void *may_not_unlock(void *given)
{
    assert(pthread_mutex_unlock(given) == EPERM);
    return NULL;
}

static void *dies_with_it(void *given)
{
    assert(pthread_mutex_lock(given) == 0);
    return NULL;
}

static void *unlocks(void *given)
{
    pthread_mutex_unlock(given);
    return NULL;
}

static void *other_way(void *unused)
{
    pthread_mutex_lock(&second);
    pthread_mutex_lock(&plain);
    pthread_mutex_unlock(&plain);
    pthread_mutex_unlock(&second);
    return unused;
}

static void run(void *(*start)(void *), pthread_mutex_t *mutex, int threads)
{
    pthread_t started[2];
    for (int i = 0; i < threads; i++) assert(pthread_create(&started[i], NULL, start, mutex) == 0);
    for (int i = 0; i < threads; i++) assert(pthread_join(started[i], NULL) == 0);
}

static void kinds(void)
{
    pthread_mutex_t *all[] = {&plain, &recursive, &checking, &adaptive};
    for (int i = 0; i < 4; i++) {
        count = 0;
        run(counts, all[i], 2);
        assert(count == 4);
        assert(pthread_mutex_lock(all[i]) == 0);
        run(is_refused, all[i], 1);
        assert(pthread_mutex_unlock(all[i]) == 0);
    }
    for (int i = 0; i < 3; i++) assert(pthread_mutex_lock(&recursive) == 0);
    assert(pthread_mutex_trylock(&recursive) == 0);
    run(may_not_unlock, &recursive, 1);
    for (int i = 0; i < 4; i++) {
        run(is_refused, &recursive, 1);
        assert(pthread_mutex_unlock(&recursive) == 0);
    }
    assert(pthread_mutex_unlock(&recursive) == EPERM);
    assert(pthread_mutex_lock(&checking) == 0);
    assert(pthread_mutex_lock(&checking) == EDEADLK);
    assert(pthread_mutex_trylock(&checking) == EBUSY);
    run(may_not_unlock, &checking, 1);
    assert(pthread_mutex_unlock(&checking) == 0);
    assert(pthread_mutex_unlock(&checking) == EPERM);
}

static void robustness(void)
{
    pthread_mutexattr_t attributes;
    int type, kept;
    pthread_mutexattr_init(&attributes);
    assert(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK) == 0);
    assert(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
    assert(pthread_mutexattr_settype(&attributes, 77) == EINVAL);
    pthread_mutexattr_gettype(&attributes, &type);
    pthread_mutexattr_getrobust(&attributes, &kept);
    assert(type == PTHREAD_MUTEX_ERRORCHECK && kept == PTHREAD_MUTEX_ROBUST);
    assert(pthread_mutex_init(&robust, &attributes) == 0);
    pthread_mutexattr_destroy(&attributes);
    assert(pthread_mutex_consistent(&robust) == EINVAL);
    run(dies_with_it, &robust, 1);
    assert(pthread_mutex_lock(&robust) == EOWNERDEAD);
    assert(pthread_mutex_lock(&robust) == EDEADLK);
    assert(pthread_mutex_consistent(&robust) == 0);
    assert(pthread_mutex_unlock(&robust) == 0);
    count = 0;
    run(counts, &robust, 2);
    assert(count == 4);
    run(dies_with_it, &robust, 1);
    assert(pthread_mutex_trylock(&robust) == EOWNERDEAD);
    assert(pthread_mutex_unlock(&robust) == 0);
    assert(pthread_mutex_lock(&robust) == ENOTRECOVERABLE);
    assert(pthread_mutex_trylock(&robust) == ENOTRECOVERABLE);
    assert(pthread_mutex_destroy(&robust) == 0);
}

int main(int arguments, char **values)
{
    const char *what = arguments > 1 ? values[1] : "";
    pthread_mutex_t local;
    if (strcmp(what, "foreign") == 0) {
        pthread_mutex_lock(&plain);
        run(unlocks, &plain, 1);
    } else if (strcmp(what, "unlocked") == 0) {
        pthread_mutex_unlock(&plain);
    } else if (strcmp(what, "destroyed") == 0) {
        pthread_mutex_init(&local, NULL);
        pthread_mutex_destroy(&local);
        pthread_mutex_lock(&local);
    } else if (strcmp(what, "held") == 0) {
        pthread_mutex_lock(&plain);
        pthread_mutex_destroy(&plain);
    } else if (strcmp(what, "garbage") == 0) {
        memset(&local, 0x5a, sizeof local);
        pthread_mutex_lock(&local);
    } else if (strcmp(what, "self") == 0) {
        pthread_mutex_lock(&plain);
        pthread_mutex_lock(&plain);
    } else if (strcmp(what, "abba") == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, other_way, NULL);
        pthread_mutex_lock(&plain);
        pthread_mutex_lock(&second);
        pthread_mutex_unlock(&second);
        pthread_mutex_unlock(&plain);
        pthread_join(thread, NULL);
    } else {
        kinds();
        robustness();
    }
    return 0;
}
