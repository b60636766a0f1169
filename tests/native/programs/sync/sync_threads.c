/* Starting, joining, detaching, naming threads. "twice", "nobody": "misuse". "mutual": each joins the other, and one is told
 * EDEADLK. "main": main exits as a thread, and the process ends with the last of them. "endless": the last of them waits for ever,
 * a deadlock. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_t first, other[2];
static sem_t go, never;
static int refused, ended;

static void *gives(void *value)
{
    return value;
}

static void deep(int levels)
{
    if (levels == 0) pthread_exit((void *)(intptr_t)77);
    deep(levels - 1);
    assert(0);
}

static void *exits(void *unused)
{
    deep(5);
    return unused;
}

static void *knows_itself(void *unused)
{
    char name[16];
    assert(!pthread_equal(pthread_self(), first));
    assert(pthread_join(pthread_self(), NULL) == EDEADLK);
    assert(pthread_setname_np(pthread_self(), "worker") == 0);
    assert(pthread_setname_np(pthread_self(), "a name of sixteen") == ERANGE);
    assert(pthread_getname_np(pthread_self(), name, sizeof name) == 0 && strcmp(name, "worker") == 0);
    assert(pthread_getname_np(pthread_self(), name, 3) == ERANGE);
    return unused;
}

static void *waits_for_go(void *unused)
{
    sem_wait(&go);
    ended = 1;
    return unused;
}

static void *joins_the_other(void *given)
{
    sem_wait(&go);
    int result = pthread_join(other[*(int *)given], NULL);
    assert(result == 0 || result == EDEADLK);
    if (result == EDEADLK) __atomic_add_fetch(&refused, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void *after_main(void *given)
{
    sched_yield();
    if (given != NULL) sem_wait(&never);
    return NULL;
}

static void attributes(void)
{
    pthread_attr_t given;
    pthread_t thread;
    size_t size = 0;
    void *stack;
    int state;
    assert(pthread_attr_init(&given) == 0);
    assert(pthread_attr_setstacksize(&given, 1 << 20) == 0 && pthread_attr_getstacksize(&given, &size) == 0);
    assert(size == 1 << 20 && pthread_attr_setstacksize(&given, 1) == EINVAL);
    assert(pthread_attr_getdetachstate(&given, &state) == 0 && state == PTHREAD_CREATE_JOINABLE);
    assert(pthread_create(&thread, &given, gives, &given) == 0 && pthread_join(thread, &stack) == 0 && stack == &given);
    assert(pthread_attr_setdetachstate(&given, PTHREAD_CREATE_DETACHED) == 0);
    assert(pthread_create(&thread, &given, waits_for_go, NULL) == 0);
    assert(pthread_join(thread, NULL) == EINVAL && pthread_detach(thread) == EINVAL);
    sem_post(&go);
    while (!__atomic_load_n(&ended, __ATOMIC_SEQ_CST)) sched_yield();
    assert(pthread_attr_destroy(&given) == 0);
    assert(pthread_getattr_np(pthread_self(), &given) == 0 && pthread_attr_getstack(&given, &stack, &size) == 0);
    assert((char *)stack <= (char *)&size && (char *)&size < (char *)stack + size);
}

static void good(void)
{
    pthread_t thread;
    void *result;
    struct timespec until;
    assert(pthread_create(&thread, NULL, gives, &first) == 0);
    assert(pthread_join(thread, &result) == 0 && result == &first);
    assert(pthread_create(&thread, NULL, exits, NULL) == 0);
    assert(pthread_join(thread, &result) == 0 && result == (void *)(intptr_t)77);
    assert(pthread_create(&thread, NULL, knows_itself, NULL) == 0);
    assert(pthread_join(thread, NULL) == 0);
    assert(pthread_create(&thread, NULL, waits_for_go, NULL) == 0);
    assert(pthread_tryjoin_np(thread, NULL) == EBUSY);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    assert(pthread_timedjoin_np(thread, NULL, &until) == ETIMEDOUT);
    sem_post(&go);
    assert(pthread_join(thread, NULL) == 0 && ended == 1);
    ended = 0;
    assert(pthread_create(&thread, NULL, gives, NULL) == 0 && pthread_detach(thread) == 0);
    attributes();
}

int main(int arguments, char **values)
{
    const char *what = arguments > 1 ? values[1] : "";
    pthread_t thread;
    static int numbers[2] = {1, 0};
    first = pthread_self();
    sem_init(&go, 0, 0);
    sem_init(&never, 0, 0);
    if (strcmp(what, "twice") == 0) {
        pthread_create(&thread, NULL, gives, NULL);
        pthread_join(thread, NULL);
        pthread_join(thread, NULL);
    } else if (strcmp(what, "nobody") == 0) {
        thread = 0;
        pthread_join(thread, NULL);
    } else if (strcmp(what, "mutual") == 0) {
        for (int i = 0; i < 2; i++) pthread_create(&other[i], NULL, joins_the_other, &numbers[i]);
        sem_post(&go);
        sem_post(&go);
        sleep(5);
        return refused == 1 ? 0 : 10; /* 10: both have ended one after the other, or have not come so far */
    } else if (strcmp(what, "main") == 0 || strcmp(what, "endless") == 0) {
        pthread_create(&thread, NULL, after_main, what[0] == 'e' ? &first : NULL);
        pthread_exit(NULL);
    } else {
        good();
    }
    return 0;
}
