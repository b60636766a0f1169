/* <threads.h>. "self": a deadlock; "foreign": "misuse". 10: a timed wait expired, and must come to pass as well as 0. */
#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <threads.h>
#include <time.h>

static mtx_t mutex, recursive;
static cnd_t condition;
static tss_t key;
static int ready, destroyed, timed_out;
static thread_local int own = 3;

static void destroy(void *value)
{
    (void)value;
    __atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}

static int worker(void *given)
{
    assert(own == 3);
    own = 4;
    assert(tss_get(key) == NULL && tss_set(key, given) == thrd_success && tss_get(key) == given);
    mtx_lock(&mutex);
    ready++;
    cnd_signal(&condition);
    mtx_unlock(&mutex);
    thrd_yield();
    if (given == &ready) thrd_exit(9);
    return 8;
}

static int refused(void *unused)
{
    struct timespec until;
    (void)unused;
    assert(timespec_get(&until, TIME_UTC) == TIME_UTC);
    until.tv_sec++;
    assert(mtx_trylock(&recursive) == thrd_busy);
    assert(mtx_timedlock(&recursive, &until) == thrd_timedout);
    return 0;
}

static int sleeper(void *unused)
{
    (void)unused;
    return thrd_sleep(&(struct timespec){1, 0}, NULL);
}

static int unlocks(void *unused)
{
    (void)unused;
    mtx_unlock(&mutex);
    return 0;
}

int main(int arguments, char **values)
{
    const char *what = arguments > 1 ? values[1] : "";
    thrd_t one, two;
    int result;
    struct timespec until, length = {0, 1000};
    assert(mtx_init(&mutex, mtx_plain) == thrd_success && mtx_init(&recursive, mtx_timed | mtx_recursive) == thrd_success);
    assert(cnd_init(&condition) == thrd_success && tss_create(&key, destroy) == thrd_success);
    if (strcmp(what, "self") == 0) {
        mtx_lock(&mutex);
        mtx_lock(&mutex);
    }
    if (strcmp(what, "foreign") == 0) {
        mtx_lock(&mutex);
        thrd_create(&one, unlocks, NULL);
        thrd_join(one, NULL);
    }
    assert(thrd_create(&one, worker, &ready) == thrd_success && thrd_create(&two, worker, &key) == thrd_success);
    assert(!thrd_equal(one, two) && !thrd_equal(one, thrd_current()));
    mtx_lock(&mutex);
    while (ready == 0) cnd_wait(&condition, &mutex);
    timespec_get(&until, TIME_UTC);
    until.tv_sec++;
    while (ready < 2 && !timed_out) {
        result = cnd_timedwait(&condition, &mutex, &until);
        assert(result == thrd_success || result == thrd_timedout);
        timed_out = result == thrd_timedout;
    }
    mtx_unlock(&mutex);
    assert(thrd_join(one, &result) == thrd_success && result == 9);
    assert(thrd_join(two, &result) == thrd_success && result == 8);
    assert(destroyed == 2 && own == 3 && ready == 2);
    assert(mtx_lock(&recursive) == thrd_success && mtx_lock(&recursive) == thrd_success);
    thrd_create(&one, refused, NULL);
    thrd_join(one, NULL);
    mtx_unlock(&recursive);
    mtx_unlock(&recursive);
    assert(mtx_trylock(&mutex) == thrd_success);
    mtx_unlock(&mutex);
    assert(thrd_sleep(&length, NULL) == 0);
    thrd_create(&one, sleeper, NULL);
    assert(thrd_detach(one) == thrd_success);
    mtx_destroy(&mutex);
    cnd_destroy(&condition);
    tss_delete(key);
    return timed_out ? 10 : 0;
}
