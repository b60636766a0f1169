/* Thread-specific data: each thread its own, destructors at its end (again when they set a value, four times at most), none for
 * main when it returns; a deleted key leaves nothing to the next of its number; 1024 keys. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>

static pthread_key_t key, again, silent;
static int destroyed, rounds, values[4];

static void destroy(void *value)
{
    assert(pthread_getspecific(key) == NULL);
    __atomic_add_fetch((int *)value, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}

static void sets_again(void *value)
{
    __atomic_add_fetch(&rounds, 1, __ATOMIC_SEQ_CST);
    pthread_setspecific(again, value);
}

static void *uses(void *value)
{
    assert(pthread_getspecific(key) == NULL);
    assert(pthread_setspecific(key, value) == 0);
    assert(pthread_setspecific(silent, value) == 0);
    sched_yield();
    assert(pthread_getspecific(key) == value);
    return NULL;
}

static void *leaves_early(void *value)
{
    pthread_setspecific(key, value);
    pthread_exit(NULL);
}

static void *endless(void *value)
{
    pthread_setspecific(again, value);
    return NULL;
}

int main(void)
{
    pthread_t threads[3];
    pthread_key_t more[1100];
    int made = 0;
    assert(pthread_key_create(&key, destroy) == 0 && pthread_key_create(&again, sets_again) == 0);
    assert(pthread_key_create(&silent, NULL) == 0);
    pthread_setspecific(key, &values[3]);
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, i < 2 ? uses : leaves_early, &values[i]);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    assert(destroyed == 3 && values[0] == 1 && values[1] == 1 && values[2] == 1);
    assert(pthread_getspecific(key) == &values[3] && values[3] == 0);
    pthread_create(&threads[0], NULL, endless, &values[0]);
    pthread_join(threads[0], NULL);
    assert(rounds == 4);
    assert(pthread_key_delete(key) == 0 && pthread_key_delete(key) == EINVAL);
    assert(pthread_getspecific(key) == NULL && pthread_setspecific(key, &values[0]) == EINVAL);
    assert(pthread_key_create(&more[0], NULL) == 0 && pthread_getspecific(more[0]) == NULL);
    while (made < 1099 && pthread_key_create(&more[made + 1], NULL) == 0) made++;
    assert(made == 1024 - 3);
    return 0;
}
